import type { Interval } from '../base/interval.js';
import { foldText, type IndexValue } from '../fhir/index.js';
import { assertNever } from './assert-never.js';
import { finiteMs, TIME_BEGINS_MS } from './comparisons.js';
import { sql, type Sql } from './sql-parts.js';

/** How an index value lies in the two columns of the table `value`; see `sqlValueOf`. */
export interface SqlValue {
  readonly lo: string | number;
  readonly hi: string | number;
}

/** Stands in `hi` of a reference for a resource without a natural time: before all of time, as its order has it. */
const NO_TIME_MS = TIME_BEGINS_MS - 1;

/**
 * The columns `lo` and `hi` of an index value.
 *
 * | kind | lo | hi |
 * |---|---|---|
 * | token | code, '' without one | system, '' without one (FHIR has no empty strings) |
 * | reference | target | natural time of the resource, so that one range holds "of this schedule, in this week" |
 * | date | start | end; open sides as the first and last millisecond of `Date` |
 * | string | folded text | text as written |
 * | number | value | value |
 * | uri | value | '' |
 *
 * @param timeMs natural time of the resource that has the value
 */
export function sqlValueOf(value: IndexValue, timeMs: number | null): SqlValue {
  switch (value.kind) {
    case 'token':
      return { lo: value.code ?? '', hi: value.system ?? '' };
    case 'reference':
      return { lo: value.target, hi: sqlTime(timeMs) };
    case 'date':
      return { lo: finiteMs(value.startMs), hi: finiteMs(value.endMs) };
    case 'string':
      return { lo: foldText(value.text), hi: value.text };
    case 'number':
      return { lo: value.value, hi: value.value };
    case 'uri':
      return { lo: value.value, hi: '' };
    default:
      return assertNever(value);
  }
}

/** A natural time as `hi` of a reference has it. */
export function sqlTime(timeMs: number | null): number {
  return timeMs ?? NO_TIME_MS;
}

/** The name under which a parameter of a type stands in the table `param`. */
export function sqlParamName(type: string, param: string): string {
  return `${type}.${param}`;
}

/** The number of a parameter: looked up once a statement, so that a name another process added is known at once. */
export function paramNumber(type: string, param: string): Sql {
  return sql`(SELECT param FROM param WHERE name = ${sqlParamName(type, param)})`;
}

/** `column` lies in an interval of natural time; open sides ask for nothing. */
export function within(column: Sql, window: Interval): Sql[] {
  return [
    ...(window.startMs > -Infinity ? [sql`${column} >= ${window.startMs}`] : []),
    ...(window.endMs < Infinity ? [sql`${column} < ${window.endMs}`] : []),
  ];
}

/** As `within`, for `hi` of a reference: what has no time stands before all time there, and lies in no window. */
export function referenceWithin(column: Sql, window: Interval): Sql[] {
  const bounded = window.endMs < Infinity;
  return within(column, bounded ? { ...window, startMs: Math.max(window.startMs, TIME_BEGINS_MS) } : window);
}

/** `column` begins with a text, as a range that an index can answer. */
export function startsWith(column: Sql, text: string): Sql {
  const after = afterAllThatStartWith(text);
  return after === undefined ? sql`${column} >= ${text}` : sql`${column} >= ${text} AND ${column} < ${after}`;
}

const LAST_CODE_POINT = 0x10ffff;
const LAST_BEFORE_SURROGATES = 0xd7ff;
const FIRST_AFTER_SURROGATES = 0xe000;

/** The least text, in code points, above every text that starts with this one; undefined if there is none. */
export function afterAllThatStartWith(text: string): string | undefined {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  const next = last === LAST_BEFORE_SURROGATES ? FIRST_AFTER_SURROGATES : last + 1;
  return String.fromCodePoint(...points, next);
}
