import { MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';

/** FHIR writes years 0001 to 9999; these are the days, counted from 1970-01-01, that they span. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

/** The last answer of `dateOfDay`: slots are written in order, so that most fall on the day of the one before. */
let last = { day: 0, date: '1970-01-01' };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Whether a text is a day of the calendar as FHIR writes one: `2028-02-29` is, `2027-02-29` and `2027-2-1` are not. */
export function isCalendarDate(text: string): boolean {
  return readDay(text) !== undefined;
}

/**
 * The number of a calendar date, counted from 1970-01-01 as 0.
 *
 * @param date `YYYY-MM-DD`
 * @throws {Fault} `invalid` for what is no calendar date
 */
export function dayNumberOf(date: string): number {
  const day = readDay(date);
  if (day === undefined) throw fault('invalid', `There is no date "${date}": write YYYY-MM-DD.`);
  return day;
}

/**
 * The calendar date of a day number, as `YYYY-MM-DD`.
 *
 * @throws {Fault} `invalid` outside the years 0001 to 9999
 */
export function dateOfDay(day: number): string {
  if (day === last.day) return last.date;
  if (!(day >= FIRST_DAY && day <= LAST_DAY)) throw fault('invalid', 'That time lies outside the years 0001 to 9999.');
  last = { day, date: new Date(day * MS_PER_DAY).toISOString().slice(0, 'YYYY-MM-DD'.length) };
  return last.date;
}

/**
 * The calendar date so many days later, or earlier for a negative number.
 *
 * @throws {Fault} `invalid` for what is no calendar date, and where the years end
 */
export function addDays(date: string, days: number): string {
  return dateOfDay(dayNumberOf(date) + days);
}

/**
 * The weekday of a calendar date, 1 = Monday … 7 = Sunday.
 *
 * @throws {Fault} `invalid` for what is no calendar date
 */
export function weekdayOf(date: string): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  return weekdayOfDay(dayNumberOf(date));
}

/** The weekday of a day number, 1 = Monday … 7 = Sunday. */
export function weekdayOfDay(day: number): 1 | 2 | 3 | 4 | 5 | 6 | 7 {
  // Day 0, 1970-01-01, was a Thursday.
  return (((((day + 3) % 7) + 7) % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
}

/** The day number of a date; undefined for anything else. */
function readDay(text: string): number | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  const isReal = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() / MS_PER_DAY : undefined;
}
