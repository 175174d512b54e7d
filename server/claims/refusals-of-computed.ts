import { ALWAYS, overlaps, type Interval } from '../base/interval.js';
import { judge, type AvailabilityRule, type Refusal } from '../slots/index.js';
import { ownKeyRefusals, refusalOfHolds, refusalOfLock } from './keys.js';
import { isLive, occupiedTime } from './live.js';
import { occupiedBy, poolOf } from './occupied-by.js';
import { conflict, decide, ruleRefusal, setAsideBy, TOO_LATE } from './refusal.js';
import type { ClaimDecision, ClaimRefusal, ClaimRequest } from './refusal.js';
import { openedOf, refusalOfBusy, refusalOfTaken, refusalsOfSchedule, withoutOwn } from './refusals-of-stored.js';
import type { ScheduleFactsOfClaim } from './refusals-of-stored.js';
import type { Claim } from './types.js';
import type { JoinedUnits } from './units.js';
import { wantedTime } from './wanted-time.js';

/** A time that no stored Slot has. */
export interface ComputedTarget extends Interval {
  /** Id of the computed Slot; absent for a time of an override that lies on no grid. */
  readonly slot?: string;
}

/** A Schedule that offers computed times. */
export interface ScheduleOfRules extends ScheduleFactsOfClaim {
  /** Those that serve the type of visit. */
  readonly rules: readonly AvailabilityRule[];
}

/** For an override where no rule is: one at a time, and no buffers. */
const BARE_RULE: AvailabilityRule = {
  zone: 'UTC',
  hours: [],
  overrides: [],
  closures: [],
  fixedDuration: false,
  offsetMinutes: 0,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  limits: [],
  capacity: 1,
};

/**
 * May this request have this time, or lock it? Nothing refuses a booking that has not begun exactly when
 * `listCandidates` lists the time: both ask `judge` with what `occupiedBy` says.
 *
 * @param units of all timelines of the Schedule, of the days that `daysToDecide` names
 * @throws {Fault} `invalid` for a rule whose zone or dates cannot be read
 */
export function refusalsOfComputed(
  target: ComputedTarget,
  schedule: ScheduleOfRules,
  units: JoinedUnits,
  request: ClaimRequest,
  nowMs: number,
): ClaimDecision {
  const isBare = request.override && schedule.rules.length === 0;
  const rules = isBare ? [BARE_RULE] : schedule.rules;
  const live = claimsThatMatter(units.claims, rules, target, request).filter((claim) => isLive(claim, nowMs));
  const onTime = live.filter((claim) => isOnTime(claim, target, schedule.id));
  const opened = openedOf(onTime, request);
  const standing = withoutOwn(live, request).filter((claim) => !opened.includes(claim));
  // The horizon is looked at for stored Slots too, and so apart.
  const occupied = occupiedBy({ slots: units.slots, claims: standing }, { id: schedule.id, horizon: ALWAYS }, nowMs);
  const verdict = judge(rules, target, occupied, nowMs, setAsideFor(request));
  const rule = isBare ? undefined : verdict.rule;
  const spot = { target, schedule, units, standing, request, rule: rules[verdict.rule ?? -1] };
  const reasons = [
    ...refusalsOfSchedule(target, schedule, nowMs),
    ...ownKeyRefusals(live, request, nowMs),
    ...[...verdict.refusals, ...verdict.setAside].flatMap((refusal) => refusalsFrom(refusal, spot, rule)),
    ...(request.kind === 'locked' ? refusalsOfLocking(spot) : []),
  ];
  return decide(request, reasons, { opened, ...(rule !== undefined && { rule }) });
}

function setAsideFor(request: ClaimRequest): ReadonlySet<Refusal> {
  const setAside = request.override || !request.resumes ? setAsideBy(request) : TOO_LATE;
  // The reasons that no rule tells do no harm among them.
  return setAside as ReadonlySet<string> as ReadonlySet<Refusal>;
}

interface Spot {
  readonly target: ComputedTarget;
  readonly schedule: ScheduleFactsOfClaim;
  readonly units: JoinedUnits;
  /** Live claims that the request neither has nor opens. */
  readonly standing: readonly Claim[];
  readonly request: ClaimRequest;
  /** The rule that speaks. */
  readonly rule: AvailabilityRule | undefined;
}

/** Whether a claim takes that very time of the Schedule, so that its key opens it. */
export function isOnTime(claim: Claim, target: ComputedTarget, scheduleId: string): boolean {
  const isSameTime = claim.startMs === target.startMs && claim.endMs === target.endMs;
  return isSameTime && !claim.stored && claim.schedule === scheduleId;
}

function refusalsFrom(refusal: Refusal, spot: Spot, rule: number | undefined): readonly ClaimRefusal[] {
  if (refusal === 'blocked') return refusalsOfBlocking(spot);
  return refusal === 'taken' ? refusalsOfTaking(spot) : [ruleRefusal(refusal, rule)];
}

/** What lies near, and what the request has itself; limits count what lies far, too. */
function claimsThatMatter(
  claims: readonly Claim[],
  rules: readonly AvailabilityRule[],
  target: ComputedTarget,
  { by, freeing = [] }: ClaimRequest,
): readonly Claim[] {
  if (rules.some(({ limits }) => limits.length > 0)) return claims;
  const wanted = wantedTime(rules, target);
  return claims.filter(
    (claim) => overlaps(occupiedTime(claim), wanted) || claim.by === by || freeing.includes(claim.by),
  );
}

/** The time with the buffers of the rule that speaks. */
function timeOf({ target, rule }: Spot): Interval {
  return wantedTime(rule ? [rule] : [], target);
}

function refusalsOfBlocking(spot: Spot): readonly ClaimRefusal[] {
  const { units, schedule } = spot;
  return units.slots
    .filter((slot) => slot.schedule === schedule.id && overlaps(slot, timeOf(spot)))
    .map(({ id }) => conflict('blocked', id));
}

/** Who takes the time: whole Slots and other Schedules one by one, the places of the pool together. */
function refusalsOfTaking(spot: Spot): readonly ClaimRefusal[] {
  const { target, schedule, request } = spot;
  const whole = inTheWay(spot).filter((claim) => poolOf(claim, schedule.id) === 'every');
  const refusals = whole.map((claim) => {
    if (!isOnTime(claim, target, schedule.id)) return refusalOfTaken(claim);
    return claim.kind === 'busy' ? refusalOfBusy(claim, request) : refusalOfLock(claim, request);
  });
  return [...refusals, ...refusalsOfPlaces(spot)];
}

/** Whether the places of the pool are gone: all booked, or the last ones held. */
function refusalsOfPlaces(spot: Spot): readonly ClaimRefusal[] {
  const { target, schedule, request } = spot;
  const places = placesInTheWay(spot);
  if (
    isTakenBy(
      places.filter(({ kind }) => kind === 'booked'),
      spot,
    )
  )
    return [conflict('full', target.slot)];
  if (!isTakenBy(places, spot)) return [];
  const holds = places.filter((claim) => claim.kind === 'held' && isOnTime(claim, target, schedule.id));
  return [refusalOfHolds(holds, request, target.slot)];
}

/** A lock closes the time to every pool: the holder of a place there could not book any more. */
function refusalsOfLocking(spot: Spot): readonly ClaimRefusal[] {
  const isHeld = placesInTheWay(spot).some(({ kind }) => kind === 'held');
  return isHeld ? [conflict('held', spot.target.slot)] : [];
}

function inTheWay(spot: Spot): readonly Claim[] {
  const wanted = timeOf(spot);
  return spot.standing.filter((claim) => overlaps(occupiedTime(claim), wanted));
}

/** The Appointments of the Schedule, whichever pool they count in. */
function placesInTheWay(spot: Spot): readonly Claim[] {
  return inTheWay(spot).filter((claim) => poolOf(claim, spot.schedule.id) !== 'every');
}

/** Whether these claims alone would leave no room: the rule is asked again, so that nothing counts in a second way. */
function isTakenBy(claims: readonly Claim[], { target, schedule, rule }: Spot): boolean {
  const occupied = occupiedBy({ slots: [], claims }, { id: schedule.id, horizon: ALWAYS }, -Infinity);
  return judge(rule ? [rule] : [], target, occupied, 0).refusals.includes('taken');
}
