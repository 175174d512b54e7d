import { overlaps } from '../base/interval.js';
import { liveClaims, occupiedTime, takesPlace } from './live.js';
import { isOfSlot } from './stored-slot-state.js';
import type { Claim, UnitSlot } from './types.js';

/** What a stored Slot has and what lies on it, each by itself: its status tells only the first of them. */
export interface StoredSlotPlaces {
  readonly capacity: number;
  /** Appointments that have a place in it, booked or held. */
  readonly taken: number;
  /** Until when it is locked. Absent: it is not. */
  readonly lockedUntilMs?: number;
  /** Somebody wrote it busy or disabled it. */
  readonly isClosed: boolean;
  /** Somebody has its time otherwise: on another Schedule of the same doctor, or in another Slot. */
  readonly isBlocked: boolean;
}

/**
 * @param scheduleId of the Slot
 * @param claims of all timelines of its Schedule, of every day that the Slot touches
 */
export function storedSlotPlaces(
  slot: UnitSlot,
  scheduleId: string,
  claims: readonly Claim[],
  nowMs: number,
): StoredSlotPlaces {
  const live = liveClaims(claims, nowMs);
  const own = live.filter((claim) => isOfSlot(claim, slot, scheduleId));
  const lockedUntilMs = own.find(({ kind }) => kind === 'locked')?.untilMs;
  return {
    capacity: slot.capacity ?? 1,
    taken: own.filter(takesPlace).length,
    ...(lockedUntilMs !== undefined && { lockedUntilMs }),
    isClosed: own.some(({ kind }) => kind === 'busy'),
    isBlocked: live.some((claim) => !own.includes(claim) && overlaps(occupiedTime(claim), slot)),
  };
}
