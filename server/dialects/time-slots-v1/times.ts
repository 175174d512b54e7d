import { MS_PER_MINUTE } from '../../base/clock.js';
import type { Interval } from '../../base/interval.js';
import { instantOfLocal, isCalendarDate, localDateOf, localText } from '../../zones/index.js';

const WALL_TIME = /^(\d{4}-\d{2}-\d{2}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)$/;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const MIDNIGHT_UTC = /T00:00:00(?:\.0+)?Z$/;

/** A clock time behind the date that somebody put before it, which means nothing. */
export interface PlacedTime {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** `HH:MM:SS` */
  readonly clock: string;
}

/**
 * Reads the time of a time slot: `YYYY-MM-DD HH:MM:SS` is the clock time of the service, RFC 3339 an instant, which
 * the clocks of the service show as they do. Undefined for anything else.
 */
export function placedTimeOf(text: string, zone: string): PlacedTime | undefined {
  const local = WALL_TIME.test(text) ? text : instantText(text, zone);
  const date = local?.slice(0, 'YYYY-MM-DD'.length);
  if (local === undefined || date === undefined || !isCalendarDate(date)) return undefined;
  return { date, clock: local.slice('YYYY-MM-DD '.length, 'YYYY-MM-DD HH:MM:SS'.length) };
}

function instantText(text: string, zone: string): string | undefined {
  const [, date = ''] = TIMESTAMP.exec(text) ?? [];
  if (!isCalendarDate(date)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : localText(zone, ms);
}

/** How the times of time slots go out. */
export type TimeStyle = 'wall' | 'rfc3339';

/** The same as text: `2031-01-01 13:30:00`, or with the offset that the service has on that date. */
export function textOfPlaced({ date, clock }: PlacedTime, zone: string, style: TimeStyle): string {
  if (style === 'wall') return `${date} ${clock}`;
  // On a date that skips the clock time its own offset would show another one.
  const shown = localText(zone, instantOfLocal(zone, `${date}T${clock}`));
  return `${date}T${clock}${shown.slice('YYYY-MM-DDTHH:MM:SS'.length)}`;
}

/** A date of a booking, and whether it came as a timestamp: then it goes back as one. */
export interface BookingDate {
  readonly date: string;
  readonly asTimestamp: boolean;
}

/**
 * Reads the date of a booking (the reference's section 5.4): of a timestamp with an offset, and of midnight in UTC, the
 * date as it is written; any other one in UTC is the date that the service has then. Undefined for anything else.
 */
export function bookingDateOf(text: string, zone: string): BookingDate | undefined {
  if (isCalendarDate(text)) return { date: text, asTimestamp: false };
  const [, written = ''] = TIMESTAMP.exec(text) ?? [];
  if (!isCalendarDate(written)) return undefined;
  const isAsWritten = !text.endsWith('Z') || MIDNIGHT_UTC.test(text);
  return { date: isAsWritten ? written : localDateOf(zone, Date.parse(text)), asTimestamp: true };
}

/** The style in which the date of a booking goes back. */
export function textOfDate({ date, asTimestamp }: BookingDate): string {
  return asTimestamp ? `${date}T00:00:00Z` : date;
}

/** Minutes since midnight on the face of a clock time `HH:MM:SS`. */
export function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

/**
 * The time of a time slot on a date: its full length from its start on, which a gap moves forward, and which is the
 * first where there are two. In whole minutes, as computed Slots are.
 */
export function occurrenceOf(startClock: string, endClock: string, date: string, zone: string): Interval {
  const startMs = Math.floor(instantOfLocal(zone, `${date}T${startClock}`) / MS_PER_MINUTE) * MS_PER_MINUTE;
  return { startMs, endMs: startMs + (minuteOf(endClock) - minuteOf(startClock)) * MS_PER_MINUTE };
}

/** An instant as this API writes it: in UTC, whole seconds. */
export function utcText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
