import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { limitPeriodsOf, type AvailabilityRule } from '../slots/index.js';
import { unitDaysOf } from './units.js';

/** Which units a decision rests on, by their days; a commit checks those that it does not write. */
export interface DaysToDecide {
  /** On every timeline of the Schedule: whatever lies within a buffer of the time. */
  readonly days: readonly number[];
  /** On its first timeline: the periods that the limits of the rules look at. */
  readonly limitDays: readonly number[];
}

/**
 * The UTC days whose units tell whether a Schedule has a time, stored or computed.
 *
 * @param rules that may speak: empty for a stored Slot
 * @throws {Fault} `invalid` for a rule whose zone cannot be read
 */
export function daysToDecide(rules: readonly AvailabilityRule[], { startMs, endMs }: Interval): DaysToDecide {
  const beforeMinutes = Math.max(0, ...rules.map(({ bufferBeforeMinutes }) => bufferBeforeMinutes));
  const afterMinutes = Math.max(0, ...rules.map(({ bufferAfterMinutes }) => bufferAfterMinutes));
  const wanted = { startMs: startMs - beforeMinutes * MS_PER_MINUTE, endMs: endMs + afterMinutes * MS_PER_MINUTE };
  const limitDays = rules.flatMap((rule) => limitPeriodsOf(rule, startMs)).flatMap((period) => unitDaysOf(period));
  return { days: unitDaysOf(wanted), limitDays: [...new Set(limitDays)].sort((a, b) => a - b) };
}
