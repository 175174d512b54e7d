import type { FaultKind } from '../base/fault.js';
import type { Refusal } from '../slots/index.js';
import type { Claim } from './types.js';

/** Who wants a time, and with what. */
export interface ClaimRequest {
  /** Who is to have it: `Appointment/a1`, `Slot/x` for a lock. What it holds or has booked already is no hindrance. */
  readonly by: string;
  readonly kind: 'booked' | 'held' | 'locked';
  /** Other Appointments whose time counts as free: those that the same change cancels. */
  readonly freeing?: readonly string[];
  /** Hash of the key that came with the request. */
  readonly keyHash?: string;
  /** Name of the caller: it opens the locks without a key that this caller made. */
  readonly caller?: string;
  /**
   * Goes against the rules, the past and a Slot that was written busy; never against capacity, locks, holds, stored
   * Slots, the planning horizon or an inactive Schedule. Whether the caller may has been looked at.
   */
  readonly override: boolean;
  /** The override is for the hours and the past alone: what is closed by date, or limited, stays so. */
  readonly hoursOnly?: boolean;
  /** It takes back a time that it had before: that this has begun meanwhile, or is too near, does not matter. */
  readonly resumes?: boolean;
}

export type ClaimRefusalReason =
  /** The Slot is locked, and no key came, or one is of no use. */
  | 'locked'
  /** Held by another, and no key came. */
  | 'held'
  /** Locked or held under another key. */
  | 'wrong-key'
  /** As many are booked as may. */
  | 'full'
  /** Another Schedule of the same doctor, or another Slot, claims time of it. */
  | 'taken'
  /** A stored Slot lies there, or nearer than a buffer. */
  | 'blocked'
  /** The Slot was written busy or disabled. */
  | 'busy'
  /** The Slot says that nobody may lock it. */
  | 'not-lockable'
  /** The Schedule or one of its actors is inactive. */
  | 'inactive'
  /** It starts before now. */
  | 'past'
  | Exclude<Refusal, 'blocked' | 'taken'>;

/** One reason why a time cannot be had. It never tells whose Appointment has it. */
export interface ClaimRefusal {
  readonly reason: ClaimRefusalReason;
  readonly kind: Extract<FaultKind, 'conflict' | 'forbidden' | 'rule'>;
  /** Id of the Slot in the way; of a `taken` time, of the Schedule too. */
  readonly slot?: string;
  readonly schedule?: string;
  /** Index of the rule that refuses. */
  readonly rule?: number;
}

/** May this request have this time? */
export interface ClaimDecision {
  /** All reasons why not; empty: it may. */
  readonly refusals: readonly ClaimRefusal[];
  /** What the override goes against; empty: nothing had to give way. */
  readonly overridden: readonly ClaimRefusal[];
  /**
   * Locks and holds that the key or the caller opens: the new claim replaces them. A hold's Appointment (`by`) is the
   * one that is booked.
   */
  readonly opened: readonly Claim[];
  /** Index of the rule whose pool and buffers a claim of a computed time has. Absent: none, or a stored Slot. */
  readonly rule?: number;
}

/** What an override goes against. */
const SET_ASIDE: ReadonlySet<ClaimRefusalReason> = new Set<ClaimRefusalReason>([
  ...(['notice', 'window', 'closed', 'closure', 'off-grid', 'length', 'limit'] as const),
  ...(['past', 'busy'] as const),
]);

/** What an override goes against that is for hours alone: what was closed by date, or is limited, stays so. */
const HOURS_SET_ASIDE: ReadonlySet<ClaimRefusalReason> = new Set<ClaimRefusalReason>([
  ...(['closed', 'off-grid', 'length', 'past'] as const),
]);

/** What a request goes against; empty: nothing. */
export function setAsideBy({ override, hoursOnly = false }: ClaimRequest): ReadonlySet<ClaimRefusalReason> {
  if (!override) return NOTHING;
  return hoursOnly ? HOURS_SET_ASIDE : SET_ASIDE;
}

const NOTHING: ReadonlySet<ClaimRefusalReason> = new Set();

/** What does not matter to whoever takes a time back. */
export const TOO_LATE: ReadonlySet<ClaimRefusalReason> = new Set<ClaimRefusalReason>(['past', 'notice']);

/** A refusal by which time is taken or closed to this caller. */
export function conflict(reason: ClaimRefusalReason, slot?: string): ClaimRefusal {
  return { reason, kind: 'conflict', ...(slot !== undefined && { slot }) };
}

/** A refusal by a rule, or by the state of the Schedule or Slot. */
export function ruleRefusal(reason: ClaimRefusalReason, rule?: number): ClaimRefusal {
  return { reason, kind: 'rule', ...(rule !== undefined && { rule }) };
}

/** Sorts the reasons into those that refuse and those that an override sets aside; each once. */
export function decide(
  request: ClaimRequest,
  reasons: readonly ClaimRefusal[],
  rest: Pick<ClaimDecision, 'opened' | 'rule'>,
): ClaimDecision {
  const counting = reasons.filter(({ reason }) => !request.resumes || !TOO_LATE.has(reason));
  const once = [...new Map(counting.map((one) => [JSON.stringify(one), one])).values()];
  const setAside = setAsideBy(request);
  const givesWay = ({ reason }: ClaimRefusal) => setAside.has(reason);
  return {
    refusals: once.filter((one) => !givesWay(one)),
    overridden: once.filter((one) => givesWay(one)),
    ...rest,
  };
}
