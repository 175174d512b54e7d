import { isLive } from './live.js';
import type { ScheduleOfRules } from './refusals-of-computed.js';
import { isOnTime, refusalsOfComputed, type ComputedTarget } from './refusals-of-computed.js';
import type { SlotStatus } from './stored-slot-state.js';
import type { JoinedUnits } from './units.js';

/** Nobody's: it has no time, no key and no name. */
const ANYBODY = { by: '', kind: 'booked', override: false } as const;

/**
 * The status of a computed Slot at a moment, by the same order as that of a stored one (design §4). What the rules do
 * not offer at that moment is `busy-unavailable`; that it has begun does not count, since history is listed.
 *
 * @param units of all timelines of the Schedule, of the days that `daysToDecide` names
 * @throws {Fault} `invalid` for a rule whose zone or dates cannot be read
 */
export function computedSlotStatus(
  target: ComputedTarget,
  schedule: ScheduleOfRules,
  units: JoinedUnits,
  nowMs: number,
): SlotStatus {
  const onTime = units.claims.filter((claim) => isLive(claim, nowMs) && isOnTime(claim, target, schedule.id));
  const written = onTime.find(({ kind }) => kind === 'busy');
  if (written) return written.status ?? 'busy';
  if (onTime.some(({ kind }) => kind === 'locked')) return 'busy-tentative';
  const { refusals } = refusalsOfComputed(target, schedule, units, ANYBODY, nowMs);
  const reasons = refusals.map(({ reason }) => reason).filter((reason) => reason !== 'past');
  if (reasons.includes('full')) return 'busy';
  if (reasons.some((reason) => reason !== 'held')) return 'busy-unavailable';
  return reasons.includes('held') ? 'busy-tentative' : 'free';
}
