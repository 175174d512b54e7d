import { MINUTES_PER_DAY } from '../base/clock.js';
import type { Weekday, WeeklyHours } from '../slots/index.js';

/** FHIR's day codes in ISO order: https://hl7.org/fhir/R4/valueset-days-of-week.html */
const DAY_CODES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const EVERY_DAY: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;

/** 1 = Monday; undefined for what is no day code. */
export function weekdayOfCode(code: string): Weekday | undefined {
  const index = (DAY_CODES as readonly string[]).indexOf(code);
  return index < 0 ? undefined : ((index + 1) as Weekday);
}

/** Minutes on the clock face of a FHIR `time` (`09:30:00`); undefined where it has seconds other than 00. */
export function faceMinute(time: string): number | undefined {
  const match = /^(\d\d):(\d\d):00(?:\.0+)?$/.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** A stretch of an endless week on the clock faces, in minutes since Monday 00:00. */
interface WeekStretch {
  readonly startMinute: number;
  readonly endMinute: number;
}

/**
 * The hours of a week that two sets of weekly hours share. Intersected on the clock faces of one endless week,
 * so hours that cross midnight, or the night from Sunday to Monday, meet those of the day into which they reach.
 */
export function intersectWeeklyHours(a: readonly WeeklyHours[], b: readonly WeeklyHours[]): readonly WeeklyHours[] {
  const weeks = [-MINUTES_PER_WEEK, 0, MINUTES_PER_WEEK];
  const others = b.flatMap(stretchesOf).flatMap((one) => weeks.map((week) => shifted(one, week)));
  return a.flatMap(stretchesOf).flatMap((one) =>
    others
      .map((other) => shared(one, other))
      .filter((common) => common.startMinute < common.endMinute)
      .map(weeklyHours),
  );
}

function stretchesOf(hours: WeeklyHours): WeekStretch[] {
  const days = hours.daysOfWeek.length > 0 ? hours.daysOfWeek : EVERY_DAY;
  const crossing = hours.endMinute <= hours.startMinute ? MINUTES_PER_DAY : 0;
  return days.map((day) => {
    const midnight = (day - 1) * MINUTES_PER_DAY;
    return { startMinute: midnight + hours.startMinute, endMinute: midnight + hours.endMinute + crossing };
  });
}

function shifted(stretch: WeekStretch, minutes: number): WeekStretch {
  return { startMinute: stretch.startMinute + minutes, endMinute: stretch.endMinute + minutes };
}

function shared(a: WeekStretch, b: WeekStretch): WeekStretch {
  return { startMinute: Math.max(a.startMinute, b.startMinute), endMinute: Math.min(a.endMinute, b.endMinute) };
}

function weeklyHours(stretch: WeekStretch): WeeklyHours {
  const start = stretch.startMinute % MINUTES_PER_WEEK;
  return {
    daysOfWeek: [(Math.floor(start / MINUTES_PER_DAY) + 1) as Weekday],
    startMinute: start % MINUTES_PER_DAY,
    endMinute: stretch.endMinute % MINUTES_PER_DAY,
  };
}
