import { MS_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { dayInterval, dayNumberOf, instantOfLocal, isCalendarDate } from '../zones/index.js';

/** What a FHIR date, dateTime or instant covers by its precision. */
export interface DateRange extends Interval {
  readonly precision: 'year' | 'month' | 'day' | 'minute' | 'second' | 'millisecond';
  /** It names its own offset, so that no zone matters. */
  readonly hasOffset: boolean;
}

const DATE = /(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T<time>)?)?)?/.source;
const TIME = /([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(?:\.(\d+))?)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?/.source;
const DATE_TEXT = new RegExp(`^${DATE.replace('<time>', TIME)}$`);

const SPAN_MS = { minute: MS_PER_MINUTE, second: 1_000, millisecond: 1 };

/**
 * Reads a date, dateTime or instant (https://hl7.org/fhir/R4/datatypes.html#dateTime); a time without seconds, which
 * searches may use, too. Digits after the millisecond are dropped; any fraction counts as milliseconds.
 *
 * @param zone of the calendar days, and of times without an offset
 * @returns undefined for what is none, or no day of the calendar
 * @throws {Fault} `invalid` for an unknown zone
 */
export function dateRange(text: string, zone: string): DateRange | undefined {
  const match = DATE_TEXT.exec(text);
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, offset] = match;
  if (hour === undefined) return calendarRange(year, month, day, zone);

  const date = text.slice(0, 'YYYY-MM-DD'.length);
  if (!isCalendarDate(date)) return undefined;
  const precision = fraction !== undefined ? 'millisecond' : second !== undefined ? 'second' : 'minute';
  const startMs =
    offset === undefined
      ? instantOfLocal(zone, text)
      : dayNumberOf(date) * MS_PER_DAY + timeMs(hour, minute, second, fraction) - offsetMs(offset);
  return { startMs, endMs: startMs + SPAN_MS[precision], precision, hasOffset: offset !== undefined };
}

function calendarRange(
  year: string,
  month: string | undefined,
  day: string | undefined,
  zone: string,
): DateRange | undefined {
  const first = `${year}-${month ?? '01'}-${day ?? '01'}`;
  const last = `${year}-${month ?? '12'}-${day ?? (month === undefined ? '31' : lastDay(Number(year), Number(month)))}`;
  if (!isCalendarDate(first) || !isCalendarDate(last)) return undefined;
  const precision = day !== undefined ? 'day' : month !== undefined ? 'month' : 'year';
  const { startMs } = dayInterval(zone, first);
  return { startMs, endMs: dayInterval(zone, last).endMs, precision, hasOffset: false };
}

function lastDay(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function timeMs(hour: string, minute: string | undefined, second = '0', fraction = ''): number {
  const minutes = Number(hour) * 60 + Number(minute);
  // A leap second is the second before it: no clock here counts it.
  const seconds = Math.min(Number(second), 59);
  return minutes * MS_PER_MINUTE + seconds * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  return (offset.startsWith('-') ? -minutes : minutes) * MS_PER_MINUTE;
}
