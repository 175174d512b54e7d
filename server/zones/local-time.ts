import { MS_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { dateOfDay, dayNumberOf } from './calendar.js';
import { clockOf } from './local-clock.js';

const PAIRS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

const LOCAL = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?$/;

/**
 * What a zone's clocks show minus UTC at an instant, in milliseconds.
 *
 * @throws {Fault} `invalid` for an unknown zone
 */
export function offsetMsAt(zone: string, ms: number): number {
  return clockOf(zone).offsetMsAt(ms);
}

/**
 * The date that a zone's calendars show at an instant, `YYYY-MM-DD`.
 *
 * @throws {Fault} `invalid` for an unknown zone, and outside the years 0001 to 9999
 */
export function localDateOf(zone: string, ms: number): string {
  return dateOfDay(clockOf(zone).dayAt(ms));
}

/**
 * A local day: from its first instant to the first instant of the next. Empty, both alike, for a date that the zone
 * skips whole, as Pacific/Apia did with 2011-12-30.
 *
 * @param date `YYYY-MM-DD`
 * @throws {Fault} `invalid` for an unknown zone or what is no calendar date
 */
export function dayInterval(zone: string, date: string): Interval {
  const clock = clockOf(zone);
  const day = dayNumberOf(date);
  return { startMs: clock.startOfDay(day), endMs: clock.startOfDay(day + 1) };
}

/**
 * The instant at which a zone's clocks show a local time; of two the first, and where a gap skips it, as far past the
 * gap as it lies in it (Temporal's `compatible`).
 *
 * @param local `YYYY-MM-DDTHH:MM[:SS[.fff]]`; digits after the third of the fraction are dropped
 * @throws {Fault} `invalid` for an unknown zone or a local time that cannot be read
 */
export function instantOfLocal(zone: string, local: string): number {
  const match = LOCAL.exec(local);
  if (!match) throw fault('invalid', `There is no local time "${local}": write YYYY-MM-DDTHH:MM:SS.`);
  const [, date = '', hour, minute, second = '0', fraction = ''] = match;
  const minutes = Number(hour) * 60 + Number(minute);
  // A leap second is the second before it: no zone's clocks count it.
  const seconds = Math.min(Number(second), 59);
  const ms = seconds * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return clockOf(zone).instantOfLocal(dayNumberOf(date) * MS_PER_DAY + minutes * MS_PER_MINUTE + ms);
}

/**
 * An instant as the zone's clocks show it, with the offset they have then: `2027-03-15T09:00:00-04:00`, UTC
 * `2027-03-15T13:00:00+00:00`. Fractions of the second are left out. An offset with seconds, which FHIR cannot
 * write, is rounded to the minute and the clock face with it, so the text names the instant still.
 *
 * @throws {Fault} `invalid` for an unknown zone, and outside the years 0001 to 9999
 */
export function localText(zone: string, ms: number): string {
  const offsetMinutes = Math.round(clockOf(zone).offsetMsAt(ms) / MS_PER_MINUTE);
  const localMs = ms + offsetMinutes * MS_PER_MINUTE;
  const day = Math.floor(localMs / MS_PER_DAY);
  const second = Math.floor((localMs - day * MS_PER_DAY) / 1_000);
  const time = `${pair(Math.floor(second / 3_600))}:${pair(Math.floor(second / 60) % 60)}:${pair(second % 60)}`;
  const ahead = Math.abs(offsetMinutes);
  return `${dateOfDay(day)}T${time}${offsetMinutes < 0 ? '-' : '+'}${pair(Math.floor(ahead / 60))}:${pair(ahead % 60)}`;
}

/** A number below 60 in two digits. */
function pair(number: number): string {
  return PAIRS[number] as string;
}
