import type { Interval } from '../base/interval.js';
import { conjunctsOf } from './combine.js';
import type { ChainLeaf, Filter, HasLeaf, ReferenceLeaf } from './filter.js';
import { gathered, isGroup, isSettledByWindow, leadOf, naturalWindow, type Group } from './lead.js';
import { naturalTimeParam } from './order.js';
import { alias, conditionOf, oneOf, valueTest, type RowOf } from './sql-condition.js';
import { and, joined, raw, sql, type Sql } from './sql-parts.js';
import { paramNumber, referenceWithin, startsWith, within } from './sql-values.js';

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
  const lead = leadOf(conjuncts, row.type);
  const checked = conjuncts.filter((part) => part !== lead || !isSettledByRows(part));
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

/** Whether the rows that a filter leads to all meet it: by an `all`, one of its conditions leads, and no other. */
function isSettledByRows(filter: Filter): boolean {
  return filter.kind === 'any' ? filter.of.every(isSettledByRows) : filter.kind !== 'all';
}

function isSingleReference(filter: Filter): filter is ReferenceLeaf {
  return filter.kind === 'reference';
}

/** Selects of the numbers of the rows that meet a filter that can lead; with a reference, only those in the window. */
function rowsOf(filter: Filter, row: RowOf, window: Interval): Sql[] {
  if (filter.kind === 'any') {
    return gathered(filter.of).flatMap((part) =>
      isGroup(part) ? [groupRows(part, row, window)] : rowsOf(part, row, window),
    );
  }
  if (filter.kind === 'all') {
    const lead = leadOf(conjunctsOf(filter), row.type);
    if (lead) return rowsOf(lead, row, window);
  }
  if (filter.kind === 'chain') return [chainRows(filter, row, window)];
  if (filter.kind === 'has') return [hasRows(filter, row)];
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

/** First the sources, once, then what each of them refers to. */
function hasRows(has: HasLeaf, row: RowOf): Sql {
  const source: RowOf = { type: has.sourceType, depth: row.depth + 1 };
  const { from, where } = sourceOf(has.filter, source);
  const v = raw(`v${String(source.depth)}`);
  const prefix = `${has.targetType}/`;
  return sql`SELECT row FROM resource INDEXED BY resource_by_id WHERE type = ${row.type} AND id IN
    (SELECT substr(${v}.lo, ${prefix.length + 1}) FROM ${from}
      CROSS JOIN value AS ${v} INDEXED BY value_of_row ON ${v}.row = ${alias(source)}.row
      WHERE ${v}.param = ${paramNumber(has.sourceType, has.by)} AND ${startsWith(sql`${v}.lo`, prefix)}
        AND ${and(where)})`;
}
