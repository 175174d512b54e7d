import type { Period } from 'fhir/r4.js';
import { instantMs } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { dayInterval, instantOfLocal } from '../zones/index.js';

/**
 * The time that a Period covers. A boundary with a time is an instant (without an offset: in `zone`); a bare
 * date is that local day, as an end the whole of it; a missing boundary is open.
 *
 * @see `docs/availability.md`, step 5
 */
export function periodInterval(period: Period, zone: string): Interval {
  return {
    startMs: period.start === undefined ? -Infinity : boundary(period.start, zone).startMs,
    endMs: period.end === undefined ? Infinity : boundary(period.end, zone).endMs,
  };
}

/** What a `dateTime` covers: an instant nothing but itself, a date its local day, a month or year all of its days. */
function boundary(text: string, zone: string): Interval {
  if (text.includes('T')) {
    const hasOffset = /(?:Z|[+-]\d\d:\d\d)$/.test(text);
    const ms = hasOffset ? instantMs(text) : instantOfLocal(zone, text);
    return { startMs: ms, endMs: ms };
  }
  const [year = '', month, day] = text.split('-');
  if (day !== undefined) return dayInterval(zone, text);
  const first = `${year}-${month ?? '01'}-01`;
  const last = month === undefined ? `${year}-12-31` : `${year}-${month}-${lastDayOf(Number(year), Number(month))}`;
  return { startMs: dayInterval(zone, first).startMs, endMs: dayInterval(zone, last).endMs };
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
