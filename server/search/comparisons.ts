import type { Interval } from '../base/interval.js';
import type { Prefix } from './filter.js';

/** One comparison between an end of the resource's range and an end of the range that was asked for. */
export interface RangeTerm {
  readonly target: keyof Interval;
  readonly operator: Operator;
  readonly asked: keyof Interval;
}

export type Operator = '<' | '<=' | '>' | '>=';

/** `every` term or `some` term has to hold. */
export interface RangeTest {
  readonly holds: 'every' | 'some';
  readonly terms: readonly RangeTerm[];
}

const term = (target: keyof Interval, operator: Operator, asked: keyof Interval): RangeTerm => ({
  target,
  operator,
  asked,
});
const every = (...terms: RangeTerm[]): RangeTest => ({ holds: 'every', terms });

/**
 * What each prefix means for dates, both sides being half-open ranges: the table that the evaluation in memory and
 * each compiler read. Source: https://hl7.org/fhir/R4/search.html#prefix
 *
 * - `eq`: the asked range contains the target; `ne`: it does not.
 * - `gt`, `lt`: the target reaches into the time above, below the asked range.
 * - `ge`, `le`: it reaches into the asked range or above it, below it. R4 says "above, or contained", which loses a
 *   Period that begins before the asked day and ends within it, though part of it is not before that day. Wherever
 *   the target does not straddle the edge of the asked range, both readings are the same.
 * - `sa`, `eb`: the target begins after the asked range, ends before it; they may touch.
 * - `ap`: they share an instant; whoever made the filter has widened the asked range.
 */
export const DATE_TESTS: Readonly<Record<Prefix, RangeTest>> = {
  eq: every(term('startMs', '>=', 'startMs'), term('endMs', '<=', 'endMs')),
  ne: { holds: 'some', terms: [term('startMs', '<', 'startMs'), term('endMs', '>', 'endMs')] },
  gt: every(term('endMs', '>', 'endMs')),
  lt: every(term('startMs', '<', 'startMs')),
  ge: every(term('endMs', '>', 'startMs')),
  le: every(term('startMs', '<', 'endMs')),
  sa: every(term('startMs', '>=', 'endMs')),
  eb: every(term('endMs', '<=', 'startMs')),
  ap: every(term('startMs', '<', 'endMs'), term('endMs', '>', 'startMs')),
};

/** How far from the asked number an approximate one may be: R4 recommends a tenth. */
const APPROXIMATELY = 0.1;

/** The least and the greatest number that a prefix finds. */
export interface NumberTest {
  readonly operator: Operator | '=' | '<>' | 'between';
  readonly least: number;
  readonly greatest: number;
}

/** What a prefix means for a number: a point, so that `sa` is `gt` and `eb` is `lt`. */
export function numberTest(prefix: Prefix, value: number): NumberTest {
  const slack = prefix === 'ap' ? Math.abs(value) * APPROXIMATELY : 0;
  return { operator: NUMBER_OPERATORS[prefix], least: value - slack, greatest: value + slack };
}

const NUMBER_OPERATORS: Readonly<Record<Prefix, NumberTest['operator']>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  lt: '<',
  ge: '>=',
  le: '<=',
  sa: '>',
  eb: '<',
  ap: 'between',
};

/** The first and the last millisecond that a `Date` can hold: open sides, where infinity cannot be written. */
export const TIME_BEGINS_MS = -8_640_000_000_000_000;
export const TIME_ENDS_MS = 8_640_000_000_000_000;

/** An instant, or the end of time in its direction: a number that JSON, SQL and BSON can all carry. */
export function finiteMs(ms: number): number {
  return Math.min(Math.max(ms, TIME_BEGINS_MS), TIME_ENDS_MS);
}
