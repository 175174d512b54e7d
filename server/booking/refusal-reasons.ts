import { Fault, type Reason } from '../base/fault.js';
import type { ClaimRefusal, ClaimRefusalReason } from '../claims/index.js';

/** A time that was asked for, as messages speak of it. */
export interface RefusedTime {
  readonly schedule: string;
  /** `Slot/x`, or the time itself. */
  readonly name: string;
  /** FHIRPath of the element that asks for it. */
  readonly expression?: string;
}

type Sentence = (time: RefusedTime, slot: string) => string;

/** What to tell the caller. It names Slots, Schedules and rules, and never whose Appointment is in the way. */
const SENTENCES: Readonly<Record<ClaimRefusalReason, Sentence>> = {
  locked: (_, slot) => `${slot} is locked. Send its key, or choose another time.`,
  held: (_, slot) => `${slot} is held for somebody else. Choose another time.`,
  'wrong-key': (_, slot) => `The key is not the one of the lock or hold of ${slot}.`,
  full: (_, slot) => `${slot} is busy. Choose another time.`,
  taken: (_, slot) => `The time is taken: ${slot} lies there.`,
  blocked: (_, slot) => `${slot} lies there, or nearer than the time kept free around it.`,
  busy: (_, slot) => `${slot} was written busy.`,
  'not-lockable': (_, slot) => `${slot} may not be locked.`,
  inactive: ({ schedule }) => `Schedule/${schedule} or one of its actors is inactive.`,
  past: ({ name }) => `${name} has begun already.`,
  horizon: ({ schedule }) => `The time lies outside of the planningHorizon of Schedule/${schedule}.`,
  length: ({ schedule }) => `Schedule/${schedule} offers no slots of that length.`,
  'off-grid': ({ schedule }) => `No slot of Schedule/${schedule} starts then. Ask GET /Slot for those that do.`,
  closed: ({ schedule }) => `Schedule/${schedule} is not open at that time.`,
  closure: ({ schedule }) => `Schedule/${schedule} is closed at that time.`,
  notice: ({ schedule }) => `That is sooner than the minimum notice of Schedule/${schedule}.`,
  window: ({ schedule }) => `That is later than Schedule/${schedule} may be booked yet.`,
  limit: ({ schedule }) => `As many appointments as Schedule/${schedule} takes in that day, week or month are booked.`,
};

/** A refusal of the engine as a reason for the caller. */
export function reasonOf({ reason, kind, slot, schedule, rule }: ClaimRefusal, time: RefusedTime): Reason {
  const inTheWay = slot === undefined ? (schedule === undefined ? time.name : `Schedule/${schedule}`) : `Slot/${slot}`;
  const ofRule = rule === undefined ? '' : ` (rule ${rule + 1})`;
  const expression = time.expression;
  return {
    kind,
    refusal: reason,
    message: `${SENTENCES[reason](time, inTheWay)}${ofRule}`,
    ...(expression !== undefined && { expression }),
  };
}

/** @throws {Fault} with every reason once, where there is one */
export function refuse(reasons: readonly Reason[]): void {
  if (reasons.length === 0) return;
  throw new Fault([...new Map(reasons.map((reason) => [reason.message, reason])).values()]);
}
