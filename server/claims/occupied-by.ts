import type { Interval } from '../base/interval.js';
import type { ClaimedTime, Occupied } from '../slots/index.js';
import { isLive, occupiedTime, takesPlace } from './live.js';
import type { Claim } from './types.js';
import type { JoinedUnits } from './units.js';

/** Whose time is asked for. */
export interface ScheduleTime {
  readonly id: string;
  /** `planningHorizon`. */
  readonly horizon: Interval;
}

/**
 * What takes the time of a Schedule at a moment, as listing and booking look at it: stored Slots of its own, live
 * claims with their buffers, and the starts of its Appointments. The units are those of all its timelines.
 *
 * @param without Appointments whose time counts as free, `Appointment/a1`: those that are about to move
 */
export function occupiedBy(
  units: JoinedUnits,
  schedule: ScheduleTime,
  nowMs: number,
  without: readonly string[] = [],
): Occupied {
  const live = units.claims.filter((claim) => isLive(claim, nowMs) && !gives(claim, without));
  return {
    horizon: schedule.horizon,
    blocked: units.slots.filter((slot) => slot.schedule === schedule.id),
    claims: live.map((claim) => claimedTime(claim, schedule.id)),
    bookedStartsMs: bookedStarts(live, schedule.id),
  };
}

/** Whether a claim is the place of one of these Appointments. */
export function gives(claim: Claim, without: readonly string[]): boolean {
  return takesPlace(claim) && without.includes(claim.by);
}

/** In which pool of a Schedule a claim counts: of others, of stored Slots, and of whole Slots, in all. */
export function poolOf(claim: Claim, scheduleId: string): ClaimedTime['pool'] {
  const isOwn = claim.schedule === scheduleId && !claim.stored && takesPlace(claim);
  return isOwn ? { name: claim.pool } : 'every';
}

function claimedTime(claim: Claim, scheduleId: string): ClaimedTime {
  return { ...occupiedTime(claim), pool: poolOf(claim, scheduleId) };
}

/** Of each Appointment on the Schedule its start, once however many Slots it takes. */
function bookedStarts(live: readonly Claim[], scheduleId: string): readonly number[] {
  const starts = new Map<string, number>();
  for (const claim of live) {
    if (claim.schedule !== scheduleId || !takesPlace(claim)) continue;
    const startMs = claim.firstStartMs ?? claim.startMs;
    starts.set(claim.by, Math.min(startMs, starts.get(claim.by) ?? startMs));
  }
  return [...starts.values()];
}
