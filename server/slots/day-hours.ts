import type { Interval } from '../base/interval.js';
import { MINUTES_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import { dayNumberOf, weekdayOfDay } from '../zones/index.js';
import { oncePerRule } from './once-per-rule.js';
import { disjoint } from './sorted-intervals.js';
import { stretchesOf, type Window } from './stretches.js';
import type { AvailabilityRule, DayHours } from './types.js';

/** The clock faces of a day and the next, as milliseconds since the day's midnight: 26:00 is 02:00 of the next. */
export interface Faces {
  /** Not overlapping, in order, with the capacity on each. */
  readonly open: readonly Window[];
  /** What touches or overlaps as one. */
  readonly merged: readonly Interval[];
}

/** What a rule opens on a date, whichever it is. */
export class DayPlan {
  readonly hours: readonly Required<DayHours>[];
  #faces: Faces | undefined;

  constructor(hours: readonly DayHours[], capacity: number) {
    this.hours = hours.map((one) => ({ ...one, capacity: one.capacity ?? capacity }));
  }

  /** The hours as they lie on a day whose clocks nobody changes. */
  get faces(): Faces {
    this.#faces ??= facesOf(this.hours);
    return this.#faces;
  }
}

/** The plan of each day of a rule: its override's, else that of its weekday. */
export interface DayPlans {
  /** @param day numbered as `LocalClock` numbers them */
  of(day: number): DayPlan;
  isOverridden(day: number): boolean;
}

/** @throws {Fault} `invalid` for a date of an override that cannot be read */
export const dayPlansOf: (rule: AvailabilityRule) => DayPlans = oncePerRule((rule) => {
  const overrides = new Map(
    rule.overrides.map(({ date, hours }) => [dayNumberOf(date), new DayPlan(hours, rule.capacity)]),
  );
  const weekly = [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const own = rule.hours.filter(
      ({ daysOfWeek }) => daysOfWeek.length === 0 || daysOfWeek.some((one) => one === weekday),
    );
    return new DayPlan(own, rule.capacity);
  });
  return {
    of: (day) => overrides.get(day) ?? (weekly[weekdayOfDay(day) - 1] as DayPlan),
    isOverridden: (day) => overrides.has(day),
  };
});

function facesOf(hours: readonly Required<DayHours>[]): Faces {
  const windows = hours.map(({ startMinute, endMinute, capacity }) => {
    const lastMinute = endMinute > startMinute ? endMinute : endMinute + MINUTES_PER_DAY;
    return { startMs: startMinute * MS_PER_MINUTE, endMs: lastMinute * MS_PER_MINUTE, capacity };
  });
  return { open: stretchesOf(windows), merged: disjoint(windows) };
}
