/**
 * @module zones
 *
 * Local time and instants: the only place that knows time-zone arithmetic. Pure.
 * A local time that a gap skips moves forward by the gap, one that occurs twice means its first occurrence
 * (Temporal's `compatible`).
 *
 * A *date* is a text `YYYY-MM-DD`, a *day* its number counted from 1970-01-01 as 0. Whoever asks often takes the
 * `LocalClock` of a zone and asks it in numbers.
 *
 * May import: base, temporal-polyfill. Imported by: fhir, search, slots, booking, config, dialects.
 */
export { addDays, dateOfDay, dayNumberOf, isCalendarDate, weekdayOf, weekdayOfDay } from './calendar.js';
export { clockOf, type LocalClock } from './local-clock.js';
export { dayInterval, instantOfLocal, localDateOf, localText, offsetMsAt } from './local-time.js';
export { isZone, zoneName } from './offset-table.js';
