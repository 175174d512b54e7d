import { overlaps } from '../base/interval.js';
import { opens, ownKeyRefusals, refusalOfHolds, refusalOfLock } from './keys.js';
import { isLive, occupiedTime, takesPlace } from './live.js';
import { gives, type ScheduleTime } from './occupied-by.js';
import { conflict, decide, ruleRefusal, type ClaimDecision, type ClaimRefusal, type ClaimRequest } from './refusal.js';
import { isOfSlot } from './stored-slot-state.js';
import type { Claim, UnitSlot } from './types.js';

/** What is asked of the Schedule itself before its time is looked at. */
export interface ScheduleFactsOfClaim extends ScheduleTime {
  /** False while the Schedule or one of its actors is inactive. */
  readonly active: boolean;
}

/** A stored Slot that somebody wants. */
export interface StoredTarget extends UnitSlot {
  /** False: its `lockable` extension says so. Absent: it may be locked. */
  readonly lockable?: boolean;
}

/**
 * May this request have a place in this stored Slot, or lock it? A booking of a free one is refused by nothing but the
 * past, the planning horizon and inactivity: rules and hours are not for stored Slots (docs/availability.md).
 *
 * @param claims of all timelines of the Schedule, of every day that the Slot touches
 */
export function refusalsOfStored(
  slot: StoredTarget,
  schedule: ScheduleFactsOfClaim,
  claims: readonly Claim[],
  request: ClaimRequest,
  nowMs: number,
): ClaimDecision {
  const live = claims.filter((claim) => isLive(claim, nowMs));
  const ofSlot = live.filter((claim) => isOfSlot(claim, slot, schedule.id));
  const others = withoutOwn(live, request).filter((claim) => !isOfSlot(claim, slot, schedule.id));
  const opened = openedOf(ofSlot, request);
  const closed = withoutOwn(ofSlot, request).filter((claim) => !opened.includes(claim));
  const reasons = [
    ...refusalsOfSchedule(slot, schedule, nowMs),
    ...ownKeyRefusals(live, request, nowMs),
    ...(request.kind === 'locked' && slot.lockable === false ? [ruleRefusal('not-lockable')] : []),
    ...closed.filter(({ kind }) => kind === 'busy').map((busy) => refusalOfBusy(busy, request)),
    ...closed.filter(({ kind }) => kind === 'locked').map((lock) => refusalOfLock(lock, request)),
    ...refusalsOfPlaces(slot, closed, request),
    ...others.filter((claim) => overlaps(occupiedTime(claim), slot)).map((claim) => refusalOfTaken(claim)),
  ];
  return decide(request, reasons, { opened });
}

/** What refuses whichever time it is. */
export function refusalsOfSchedule(
  { startMs, endMs }: Pick<UnitSlot, 'startMs' | 'endMs'>,
  { active, horizon }: ScheduleFactsOfClaim,
  nowMs: number,
): readonly ClaimRefusal[] {
  return [
    ...(active ? [] : [ruleRefusal('inactive')]),
    ...(startMs < nowMs ? [ruleRefusal('past')] : []),
    ...(startMs < horizon.startMs || endMs > horizon.endMs ? [ruleRefusal('horizon')] : []),
  ];
}

/** The claims that stand against a request: all but the places of its own, and of Appointments that it frees. */
export function withoutOwn(claims: readonly Claim[], { by, freeing = [] }: ClaimRequest): readonly Claim[] {
  return claims.filter((claim) => !gives(claim, [by, ...freeing]));
}

/**
 * The locks and holds that a request opens, of those on the very time it asks for. A lock of one's own is made longer
 * by its key; nobody locks what is held, be it his own.
 */
export function openedOf(onTime: readonly Claim[], request: ClaimRequest): readonly Claim[] {
  return onTime.filter((claim) => {
    const isOpenable = claim.kind === 'locked' || (claim.kind === 'held' && request.kind !== 'locked');
    return isOpenable && opens(claim, request);
  });
}

/** A Slot that was written busy is in the way; one that was disabled is not there to be locked. */
export function refusalOfBusy({ status, slot }: Claim, { kind }: ClaimRequest): ClaimRefusal {
  const isDisabled = status === 'busy-unavailable';
  return { ...conflict('busy', slot), ...(kind === 'locked' && isDisabled && { kind: 'rule' }) };
}

/** The claim of another Schedule or Slot, by the Slot where it has one; a time that no Slot has, by its Schedule. */
export function refusalOfTaken({ slot, schedule }: Claim): ClaimRefusal {
  return { ...conflict('taken', slot), schedule };
}

/** A lock wants no hold beside it: the holder could not book any more. */
function refusalsOfPlaces(slot: UnitSlot, closed: readonly Claim[], request: ClaimRequest): readonly ClaimRefusal[] {
  const places = closed.filter((claim) => takesPlace(claim));
  const holds = places.filter(({ kind }) => kind === 'held');
  const capacity = slot.capacity ?? 1;
  if (places.length - holds.length >= capacity) return [conflict('full', slot.id)];
  const isHeld = places.length >= capacity || (request.kind === 'locked' && holds.length > 0);
  return isHeld ? [refusalOfHolds(holds, request, slot.id)] : [];
}
