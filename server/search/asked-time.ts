import { MS_PER_DAY } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { dateRange } from '../fhir/index.js';
import { dayInterval, instantOfLocal, localDateOf } from '../zones/index.js';
import type { Prefix } from './filter.js';
import { quoted, unreadable } from './limits.js';
import { splitPrefix, withPlus } from './parse-value.js';

/** A time as it was asked for, before it is known in whose zone: whole local days, a moment, a local time. */
export type AskedTime =
  | { readonly kind: 'days'; readonly firstDate: string; readonly lastDate: string }
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'local'; readonly text: string };

/** One `start` or `end` of an availability question. */
export interface AskedBound {
  readonly param: 'start' | 'end';
  /** Absent: a bare `start` means `ge`, a bare `end` means `le`. */
  readonly prefix?: Prefix;
  readonly time: AskedTime;
}

/** Reads a date of any precision, a dateTime or an instant. @throws {Fault} `invalid`, naming the parameter */
export function readBound(param: AskedBound['param'], value: string): AskedBound {
  const { prefix, rest } = splitPrefix(value);
  const text = withPlus(rest);
  const range = dateRange(text, 'UTC');
  if (!range) throw unreadable(param, `${quoted(value)} in ${param} is no date or time.`);
  const withPrefix = prefix === undefined ? {} : { prefix };
  if (range.hasOffset) return { param, ...withPrefix, time: { kind: 'instant', ms: range.startMs } };
  if (text.includes('T')) return { param, ...withPrefix, time: { kind: 'local', text } };
  const lastDate = localDateOf('UTC', range.endMs - MS_PER_DAY);
  return { param, ...withPrefix, time: { kind: 'days', firstDate: localDateOf('UTC', range.startMs), lastDate } };
}

/** The time in a zone: days whole, a moment as the millisecond that begins with it. */
export function intervalOf(time: AskedTime, zone: string): Interval {
  switch (time.kind) {
    case 'days':
      return { startMs: dayInterval(zone, time.firstDate).startMs, endMs: dayInterval(zone, time.lastDate).endMs };
    case 'instant':
      return { startMs: time.ms, endMs: time.ms + 1 };
    case 'local': {
      const startMs = instantOfLocal(zone, time.text);
      return { startMs, endMs: startMs + 1 };
    }
  }
}
