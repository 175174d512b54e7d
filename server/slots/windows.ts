import type { Interval } from '../base/interval.js';
import { dayNumberOf, weekdayOfDay, type LocalClock } from '../zones/index.js';
import { disjoint } from './sorted-intervals.js';
import type { AvailabilityRule, DayHours } from './types.js';

/** What a rule opens on one date, with the number of bookings that may overlap there. */
export interface Window extends Interval {
  readonly capacity: number;
}

/** What a rule opens on a stretch of dates (docs/availability.md, 'From a rule to windows', steps 1 to 4). */
export interface Windows {
  /** Each as its hours say, those of one date beside each other. They may overlap. */
  readonly single: readonly Window[];
  /** Those of one date that touch or overlap as one: on each lies a grid of its own. */
  readonly merged: readonly Interval[];
}

/**
 * The windows of all local days from `fromDay` to `toDay`, both included, numbered as `LocalClock` numbers them.
 *
 * A window belongs to the day of its opening face and may reach into the next day, or past it where a zone skips
 * one whole.
 *
 * @param clock the clocks of the rule's zone
 */
export function windowsOn(rule: AvailabilityRule, clock: LocalClock, fromDay: number, toDay: number): Windows {
  const hoursOn = dayHours(rule);
  const single: Window[] = [];
  const merged: Interval[] = [];
  let startOfNext = clock.startOfDay(fromDay);
  for (let day = fromDay; day <= toDay; day += 1) {
    const startOfDay = startOfNext;
    startOfNext = clock.startOfDay(day + 1);
    const hours = hoursOn.of(day);
    // A date that the zone skips whole has no windows.
    if (hours.length === 0 || startOfDay === startOfNext) continue;
    // The evening before is cut off where an override begins; the day after a skipped one follows on this one.
    const next = clock.startOfDay(day + 2) === startOfNext ? day + 2 : day + 1;
    const endMax = hoursOn.isOverridden(next) ? startOfNext : Infinity;
    const first = single.length;
    for (const one of hours) {
      const startMs = clock.instantOfFace(day, one.startMinute);
      // Midnight is crossed when the clock faces say so, never when the instants do: on the night clocks go
      // forward, 02:30–03:00 turns into 03:30–03:00, which is no window, not one of 24 hours.
      const endDay = one.endMinute > one.startMinute ? day : day + 1;
      const endMs = Math.min(clock.instantOfFace(endDay, one.endMinute), endMax);
      if (startMs < endMs) single.push({ startMs, endMs, capacity: one.capacity ?? rule.capacity });
    }
    addMerged(merged, single.slice(first));
  }
  return { single, merged };
}

/** The hours of each day: its override's, else those of its weekday. */
function dayHours(rule: AvailabilityRule) {
  const overrides = new Map(rule.overrides.map((one) => [dayNumberOf(one.date), one.hours]));
  const weekly: (readonly DayHours[])[] = [];
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    weekly[weekday] = rule.hours.filter(
      ({ daysOfWeek }) => daysOfWeek.length === 0 || daysOfWeek.some((one) => one === weekday),
    );
  }
  return {
    of: (day: number): readonly DayHours[] => overrides.get(day) ?? weekly[weekdayOfDay(day)] ?? [],
    isOverridden: (day: number): boolean => overrides.has(day),
  };
}

/** Adds the windows of one date to the merged ones, as one where they touch or overlap. */
function addMerged(merged: Interval[], ofDate: Window[]): void {
  if (ofDate.length === 1) {
    merged.push(ofDate[0] as Window);
    return;
  }
  merged.push(...disjoint(ofDate));
}
