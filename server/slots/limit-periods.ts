import { MS_PER_DAY } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { clockOf, dateOfDay, dayNumberOf, type LocalClock } from '../zones/index.js';
import type { AvailabilityRule, Limit } from './types.js';

/** What tells one period from another: the number of the day or of the week, or `YYYY-MM`. */
export function periodOf(per: Limit['per'], clock: LocalClock): (ms: number) => number | string {
  switch (per) {
    case 'day':
      return (ms) => clock.dayAt(ms);
    case 'week':
      return (ms) => weekOf(clock.dayAt(ms));
    case 'month':
      return (ms) => monthOf(clock.dayAt(ms));
  }
}

/**
 * The local day, week and month that the limits of a rule look at for a start: each from its first instant to its last.
 *
 * @throws {Fault} `invalid` for a zone that cannot be read, and where the years end
 */
export function limitPeriodsOf(rule: AvailabilityRule, startMs: number): readonly Interval[] {
  if (rule.limits.length === 0) return [];
  const clock = clockOf(rule.zone);
  return rule.limits.map(({ per }) => {
    const { first, next } = daysOfPeriod(per, clock.dayAt(startMs));
    const endMs = clock.startOfDay(next);
    // Clocks that go back over midnight show the old date again, at most a day long (Alaska in 1867).
    const goesBack = clock.offsetMsAt(endMs + MS_PER_DAY) < clock.offsetMsAt(endMs);
    return { startMs: clock.startOfDay(first), endMs: goesBack ? endMs + MS_PER_DAY : endMs };
  });
}

/** The first day of the period in which a day lies, and the first after it. */
function daysOfPeriod(per: Limit['per'], day: number): { readonly first: number; readonly next: number } {
  switch (per) {
    case 'day':
      return { first: day, next: day + 1 };
    case 'week':
      return { first: weekOf(day) * 7 - 3, next: weekOf(day) * 7 + 4 };
    case 'month': {
      const first = dayNumberOf(`${monthOf(day)}-01`);
      // The 32nd of a month lies in the next.
      return { first, next: dayNumberOf(`${monthOf(first + 31)}-01`) };
    }
  }
}

function weekOf(day: number): number {
  // Day 0 was a Thursday: three days later each week turns.
  return Math.floor((day + 3) / 7);
}

function monthOf(day: number): string {
  return dateOfDay(day).slice(0, 'YYYY-MM'.length);
}
