import type { Interval } from '../base/interval.js';
import { assertNever } from './assert-never.js';
import { DATE_TESTS } from './comparisons.js';
import type { ChainLeaf, DateLeaf, Filter, ReferenceLeaf } from './filter.js';
import { naturalTimeParam } from './order.js';
import {
  alias,
  conditionOf,
  gathered,
  isBuiltIn,
  isGroup,
  oneOf,
  valueTest,
  type Group,
  type RowOf,
} from './sql-condition.js';
import { and, joined, raw, sql, type Sql } from './sql-parts.js';
import { paramNumber, referenceWithin, within } from './sql-values.js';

/**
 * Which condition leads to the rows, the others only checking them. SQLite is not left to guess: it keeps no
 * statistics here, so the choice is this list, best first, among the conditions that all have to hold.
 *
 * 1. `_id`: a point read each.
 * 2. A reference, together with the stretch of natural time that the date conditions leave: one index range.
 * 3. `identifier`.
 * 4. A chain whose target is itself found by one of 1 to 5: the targets first, then the references to them.
 * 5. A string from its beginning, or exact.
 * 6. Otherwise the natural order of the type, within the stretch of natural time: it streams, so that a page costs
 *    what lies before its end, however many rows the type has.
 *
 * An `any` is as good as the worst of its members, and leads only if all of them can.
 */
const RANK = { id: 1, reference: 2, identifier: 3, chain: 4, string: 5 } as const;

/** Where rows come from and what they have to meet. */
export interface Source {
  readonly from: Sql;
  readonly where: readonly Sql[];
  /** By one reference: its index range lies in natural order, with the time in `d.hi`. */
  readonly led: 'by-one-reference' | 'by-rows' | 'by-natural-order';
}

/**
 * The rows of a type that meet a filter.
 *
 * @param fromMs only those whose natural time is not before this, where a page goes on there
 */
export function sourceOf(filter: Filter, row: RowOf, fromMs = -Infinity): Source {
  const conjuncts = conjunctsOf(filter);
  const window = naturalWindow(row.type, conjuncts, fromMs);
  const lead = bestOf(conjuncts, row.type);
  const checked = conjuncts.filter((part) => part !== lead);
  const checks = () => checked.map((part) => conditionOf(part, row));
  const checksInWindow = () =>
    checked.filter((part) => !isSettledByWindow(part, row.type)).map((part) => conditionOf(part, row));
  const r = alias(row);

  if (lead && isSingleReference(lead)) {
    return {
      led: 'by-one-reference',
      from: sql`value AS d CROSS JOIN resource AS ${r} ON ${r}.row = d.row`,
      where: [
        sql`d.param = ${paramNumber(row.type, lead.param)}`,
        sql`d.lo = ${lead.target}`,
        ...referenceWithin(raw('d.hi'), window),
        sql`${r}.deleted = 0`,
        ...checksInWindow(),
      ],
    };
  }
  if (lead) {
    const rows = joined(rowsOf(lead, row, window), ' UNION ');
    return {
      led: 'by-rows',
      from: sql`(${rows}) AS d CROSS JOIN resource AS ${r} ON ${r}.row = d.row`,
      where: [sql`${r}.deleted = 0`, ...checks()],
    };
  }
  // Where a page goes on, the position itself is the bound: it says more than its time.
  const bounds = fromMs > -Infinity && window.startMs === fromMs ? { ...window, startMs: -Infinity } : window;
  const index = raw(naturalTimeParam(row.type) === undefined ? 'resource_by_id' : 'resource_in_order');
  return {
    led: 'by-natural-order',
    from: sql`resource AS ${r} INDEXED BY ${index}`,
    where: [
      sql`${r}.type = ${row.type}`,
      sql`${r}.deleted = 0`,
      ...within(sql`${r}.order_ms`, bounds),
      ...checksInWindow(),
    ],
  };
}

function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'all' ? filter.of.flatMap(conjunctsOf) : [filter];
}

function isSingleReference(filter: Filter): filter is ReferenceLeaf {
  return filter.kind === 'reference';
}

function bestOf(conjuncts: readonly Filter[], type: string): Filter | undefined {
  let best: Filter | undefined;
  let least = Infinity;
  for (const part of conjuncts) {
    const rank = rankOf(part, type);
    if (rank < least) [best, least] = [part, rank];
  }
  return best;
}

/** The place of a filter in the ranking; Infinity if it cannot lead. */
function rankOf(filter: Filter, type: string): number {
  switch (filter.kind) {
    case 'token':
      if (filter.code === undefined) return Infinity;
      if (filter.param === '_id') return filter.system ? Infinity : RANK.id;
      return filter.param === 'identifier' ? RANK.identifier : Infinity;
    case 'reference':
      return isBuiltIn(filter.param) ? Infinity : RANK.reference;
    case 'chain':
      return isBuiltIn(filter.param) || !canLead(filter.filter, filter.targetType) ? Infinity : RANK.chain;
    case 'string':
      return filter.match === 'contains' || filter.text === '' || isBuiltIn(filter.param) ? Infinity : RANK.string;
    case 'any':
      return rankOfAny(filter.of, type);
    case 'all':
    case 'not':
    case 'missing':
    case 'date':
    case 'number':
    case 'uri':
      return Infinity;
    default:
      return assertNever(filter);
  }
}

/** SQLite joins at most 500 selects by UNION. */
const UNION_LENGTH_MAX = 100;

function rankOfAny(members: readonly Filter[], type: string): number {
  if (members.length === 0 || gathered(members).length > UNION_LENGTH_MAX) return Infinity;
  return Math.max(...members.map((part) => rankOf(part, type)));
}

function canLead(filter: Filter, type: string): boolean {
  return bestOf(conjunctsOf(filter), type) !== undefined;
}

/** Selects of the numbers of the rows that meet a filter that can lead; with a reference, only those in the window. */
function rowsOf(filter: Filter, row: RowOf, window: Interval): Sql[] {
  if (filter.kind === 'any') {
    return gathered(filter.of).flatMap((part) =>
      isGroup(part) ? [groupRows(part, row, window)] : rowsOf(part, row, window),
    );
  }
  if (filter.kind === 'chain') return [chainRows(filter, row, window)];
  if (filter.kind === 'token' && filter.param === '_id') return [idRows(row, [filter.code ?? ''])];
  if (filter.kind === 'token' || filter.kind === 'string' || filter.kind === 'reference') {
    return [valueRows(row, filter.param, [valueTest(filter)])];
  }
  throw new Error(`A filter of kind ${filter.kind} cannot lead.`);
}

function groupRows(group: Group, row: RowOf, window: Interval): Sql {
  if (group.param === '_id') return idRows(row, group.values);
  const bounds = group.group === 'reference' ? referenceWithin(raw('v.hi'), window) : [];
  return valueRows(row, group.param, [oneOf(raw('v.lo'), group.values), ...bounds]);
}

function idRows(row: RowOf, ids: readonly string[]): Sql {
  return sql`SELECT row FROM resource INDEXED BY resource_by_id WHERE type = ${row.type} AND ${oneOf(raw('id'), ids)}`;
}

function valueRows(row: RowOf, param: string, tests: readonly Sql[]): Sql {
  const conditions = [sql`v.param = ${paramNumber(row.type, param)}`, ...tests];
  return sql`SELECT DISTINCT v.row FROM value AS v WHERE ${joined(conditions, ' AND ')}`;
}

/** First the targets, once, then the references to each of them. */
function chainRows(chain: ChainLeaf, row: RowOf, window: Interval): Sql {
  const target: RowOf = { type: chain.targetType, depth: row.depth + 1 };
  const { from, where } = sourceOf(chain.filter, target);
  const targets = sql`SELECT ${`${chain.targetType}/`} || ${alias(target)}.id FROM ${from} WHERE ${and(where)}`;
  return valueRows(row, chain.param, [sql`v.lo IN (${targets})`, ...referenceWithin(raw('v.hi'), window)]);
}

/**
 * The longest that a natural time may be: what is ordered by time has instants there, which FHIR writes to the second
 * at the coarsest. So a bound on the end of such a value bounds its start as well.
 */
const NATURAL_TIME_LENGTH_MS_MAX = 1_000;

/**
 * Whether the window says all that a condition says: it bounds the start, which is the natural time itself. An open
 * bound is none, and would let through what has no time at all.
 */
function isSettledByWindow(filter: Filter, type: string): boolean {
  if (filter.kind !== 'date' || filter.param !== naturalTimeParam(type)) return false;
  const { holds, terms } = DATE_TESTS[filter.prefix];
  return (
    holds === 'every' &&
    terms.every(({ target, asked }) => target === 'startMs' && Number.isFinite(filter.range[asked]))
  );
}

/** Where the natural time of whatever meets all the conditions can lie; their exact test remains to be made. */
function naturalWindow(type: string, conjuncts: readonly Filter[], fromMs: number): Interval {
  const param = naturalTimeParam(type);
  const leaves = conjuncts.filter((part): part is DateLeaf => part.kind === 'date' && part.param === param);
  let startMs = fromMs;
  let endMs = Infinity;
  for (const leaf of leaves) {
    const { holds, terms } = DATE_TESTS[leaf.prefix];
    if (holds === 'some') continue;
    for (const { target, operator, asked } of terms) {
      const bound = leaf.range[asked];
      if (operator === '<' || operator === '<=') {
        // Who ends at or before the bound begins before it.
        endMs = Math.min(endMs, target === 'startMs' && operator === '<=' ? bound + 1 : bound);
      } else {
        startMs = Math.max(startMs, target === 'startMs' ? bound : bound - NATURAL_TIME_LENGTH_MS_MAX);
      }
    }
  }
  return { startMs, endMs };
}
