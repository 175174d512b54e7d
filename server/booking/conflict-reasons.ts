import type { Appointment } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import { ALWAYS, overlaps, type Interval } from '../base/interval.js';
import { liveClaims, occupiedBy, occupiedTime, type Claim, type JoinedUnits } from '../claims/index.js';
import { judge, type AvailabilityRule, type Refusal } from '../slots/index.js';
import { servesTypes } from './appointment-targets.js';
import { serviceTypesOf, type ScheduleFacts } from './schedule-facts.js';

/** A Schedule as it is, or as it is planned, with what lies on its timelines. */
export interface ScheduleState {
  readonly facts: ScheduleFacts;
  readonly units: JoinedUnits;
}

/** A stored Slot as it is planned. */
export interface PlannedSlot extends Interval {
  /** Absent: a new one. */
  readonly id?: string;
  readonly isFree: boolean;
}

/** What a rule says of a time whoever has it already, and however long or late it was booked. */
const COLLIDING: Readonly<Partial<Record<Refusal, string>>> = {
  closed: 'closed then',
  closure: 'closed then',
  taken: 'more booked than it takes',
  limit: 'more booked than its limit',
};

/**
 * With what an Appointment collides on a Schedule: a Slot that was written busy over it, or that lies in the computed
 * time that it has; the planning horizon, an inactive Schedule; else the rule that comes nearest to having it. That it
 * lies on no grid, or has another length, closes nothing.
 */
export function collisionsOf(
  appointment: Pick<Appointment, 'id' | 'serviceType'>,
  claim: Claim,
  state: ScheduleState,
  nowMs: number,
): readonly string[] {
  const { facts, units } = state;
  const { horizon } = facts;
  const time = occupiedTime(claim);
  const written = liveClaims(units.claims, nowMs).filter((one) => one.kind === 'busy' && overlaps(time, one));
  const around = claim.stored ? [] : units.slots.filter((one) => one.schedule === facts.id && overlaps(time, one));
  const slots = new Set([...written.map(({ slot }) => slot ?? ''), ...around.map(({ id }) => id)]);
  const isOutside = claim.startMs < horizon.startMs || claim.endMs > horizon.endMs;
  return [
    ...[...slots].map((slot) => `Slot/${slot}`),
    ...(facts.active ? [] : [`Schedule/${facts.id}, of which it or an actor is inactive`]),
    ...(isOutside ? [`the planningHorizon of Schedule/${facts.id}`] : []),
    ...(claim.stored ? [] : ruleCollisions(appointment, claim, state, nowMs)),
  ];
}

function ruleCollisions(
  { id, serviceType }: Pick<Appointment, 'id' | 'serviceType'>,
  claim: Claim,
  { facts, units }: ScheduleState,
  nowMs: number,
): readonly string[] {
  const rules = facts.rules.flatMap((rule, at) =>
    servesTypes(serviceTypesOf(facts, rule), serviceType) ? [{ rule, at }] : [],
  );
  if (rules.length === 0) return [`Schedule/${facts.id}, which has no rule for it`];
  const own = `Appointment/${id ?? ''}`;
  // Slots are looked at apart.
  const others = { slots: [], claims: units.claims.filter(({ kind }) => kind === 'booked' || kind === 'held') };
  const occupied = occupiedBy(others, { id: facts.id, horizon: ALWAYS }, nowMs, [own]);
  const judged = rules.map(({ rule, at }) => {
    const { refusals } = judge([withBuffersOf(rule, claim)], claim, occupied, nowMs);
    return { at, reasons: [...new Set(refusals.flatMap((refusal) => COLLIDING[refusal] ?? []))] };
  });
  const [nearest] = judged.sort((a, b) => a.reasons.length - b.reasons.length);
  if (!nearest || nearest.reasons.length === 0) return [];
  return [`rule ${nearest.at + 1} of Schedule/${facts.id}: ${nearest.reasons.join(', ')}`];
}

/** The rule, for any length, and with the time around it that the Appointment was booked with. */
function withBuffersOf(rule: AvailabilityRule, claim: Claim): AvailabilityRule {
  return {
    ...rule,
    fixedDuration: false,
    bufferBeforeMinutes: claim.bufferBeforeMs / MS_PER_MINUTE,
    bufferAfterMinutes: claim.bufferAfterMs / MS_PER_MINUTE,
  };
}

/**
 * Whether an Appointment is in the way of a Slot as it is planned: one in its own place in that Slot is, unless the
 * Slot stays free for it.
 */
export function isInWayOf(claim: Claim, planned: PlannedSlot, scheduleId: string): boolean {
  const isOwn = claim.stored && claim.schedule === scheduleId && claim.slot === planned.id;
  if (!isOwn) return overlaps(occupiedTime(claim), planned);
  const stays = claim.startMs === planned.startMs && claim.endMs === planned.endMs;
  return !stays || !planned.isFree;
}
