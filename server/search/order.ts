import { foldText, type IndexValue, type IndexValues } from '../fhir/index.js';
import { assertNever } from './assert-never.js';
import { finiteMs } from './comparisons.js';
import { valuesAt, type Searchable } from './evaluate.js';
import { CHANGED_BY_ITSELF } from './moment.js';
import type { NaturalOrder, Position, SortKey, SortTerm } from './query.js';

interface NaturalParams {
  /** The date parameter whose start orders the type. R4 has its element at most once, and as an instant. */
  readonly time: string;
  /** The reference parameter that decides between equal times. */
  readonly text?: string;
}

const NATURAL_PARAMS: ReadonlyMap<string, NaturalParams> = new Map([
  ['Slot', { time: 'start', text: 'schedule' }],
  ['Appointment', { time: 'date' }],
]);

/** The parameter whose start is the natural order of a type; undefined where the type is ordered by id alone. */
export function naturalTimeParam(type: string): string | undefined {
  return NATURAL_PARAMS.get(type)?.time;
}

/** Where all stands that has no order but that of ids: what was deleted, too. */
export const UNORDERED: NaturalOrder = { timeMs: null, text: '' };

/** Where a resource stands in the natural order of its type. */
export function naturalOrderOf(type: string, index: IndexValues): NaturalOrder {
  const params = NATURAL_PARAMS.get(type);
  if (!params) return UNORDERED;
  const timeMs = leastOrGreatest((index[params.time] ?? []).filter(isDate).map(sortKeyOf), false);
  const text = params.text === undefined ? null : leastOrGreatest((index[params.text] ?? []).map(sortKeyOf), false);
  return { timeMs: typeof timeMs === 'number' ? timeMs : null, text: typeof text === 'string' ? text : '' };
}

/** Where a resource stands in an order; what a store says in `Found.position`, for resources that are not stored. */
export function positionOf(type: string, sort: readonly SortTerm[], subject: Searchable): Position {
  if (sort.length === 0) {
    const { timeMs, text } = naturalOrderOf(type, subject.index);
    return { keys: [timeMs, text], id: subject.id };
  }
  return { keys: sort.map((term) => keyOf(term, subject)), id: subject.id };
}

function keyOf(term: SortTerm, subject: Searchable): SortKey {
  const { param, descending, atMs } = term;
  const key = leastOrGreatest(valuesAt(subject, term).map(sortKeyOf), descending);
  if (param !== '_lastUpdated' || atMs === undefined) return key;
  const changes = valuesAt(subject, { param: CHANGED_BY_ITSELF, atMs });
  return leastOrGreatest(changes.map(sortKeyOf), true) ?? key;
}

/**
 * Compares two positions of one order, for `Array.sort`. In the natural order (`sort` is empty) what has no time comes
 * first, in an order that was asked for what has no value comes last, ascending or not; the id decides at the end.
 */
export function compareFound(sort: readonly SortTerm[]): (a: Position, b: Position) => number {
  return (a, b) => {
    for (const [at, left] of a.keys.entries()) {
      const right = b.keys[at] ?? null;
      const term = sort[at];
      const order = term ? compareTerm(left, right, term.descending) : compareNatural(left, right);
      if (order !== 0) return order;
    }
    return compareText(a.id, b.id);
  };
}

function compareTerm(left: SortKey, right: SortKey, descending: boolean): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return descending ? compareKeys(right, left) : compareKeys(left, right);
}

function compareNatural(left: SortKey, right: SortKey): number {
  if (left === null || right === null) return Number(right === null) - Number(left === null);
  return compareKeys(left, right);
}

/** Numbers before texts. */
function compareKeys(left: string | number, right: string | number): number {
  if (typeof left === 'number') return typeof right === 'number' ? left - right : -1;
  return typeof right === 'number' ? 1 : compareText(left, right);
}

/**
 * The order of code points, which is that of UTF-8 bytes and so SQLite's. JavaScript's `<` compares UTF-16 units and
 * puts U+1F600, written with surrogates, before U+FF5E.
 */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    // A surrogate is half of a code point above all that fit into one unit.
    return isSurrogate(a) === isSurrogate(b) ? a - b : Number(isSurrogate(a)) - Number(isSurrogate(b));
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isDate(value: IndexValue): boolean {
  return value.kind === 'date';
}

function sortKeyOf(value: IndexValue): string | number {
  switch (value.kind) {
    case 'token':
      return value.code ?? '';
    case 'reference':
      return value.target;
    case 'date':
      return finiteMs(value.startMs);
    case 'string':
      return foldText(value.text);
    case 'number':
      return value.value;
    case 'uri':
      return value.value;
    default:
      return assertNever(value);
  }
}

function leastOrGreatest(keys: readonly (string | number)[], greatest: boolean): SortKey {
  if (keys.length === 0) return null;
  return keys.reduce((best, key) => (compareKeys(key, best) > 0 === greatest ? key : best));
}
