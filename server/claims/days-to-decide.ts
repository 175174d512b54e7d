import type { Interval } from '../base/interval.js';
import { limitPeriodsOf, type AvailabilityRule } from '../slots/index.js';
import { unitDaysOf } from './units.js';
import { wantedTime } from './wanted-time.js';

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
export function daysToDecide(rules: readonly AvailabilityRule[], time: Interval): DaysToDecide {
  const limitDays = rules.flatMap((rule) => limitPeriodsOf(rule, time.startMs)).flatMap((period) => unitDaysOf(period));
  return { days: unitDaysOf(wantedTime(rules, time)), limitDays: [...new Set(limitDays)].sort((a, b) => a - b) };
}
