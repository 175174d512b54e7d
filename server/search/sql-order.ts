import { CHANGED_BY_ITSELF, momentOf } from './moment.js';
import { naturalTimeParam } from './order.js';
import type { Position, SortKey, SortTerm } from './query.js';
import { alias, validAt, type RowOf } from './sql-condition.js';
import { and, joined, or, raw, sql, type Sql } from './sql-parts.js';
import type { Source } from './sql-source.js';
import { paramNumber, sqlTime } from './sql-values.js';

/** How rows are put into an order and how a page goes on in it. */
export interface SqlOrder {
  /** What `Position.keys` says of a row: one column each, `k0`, `k1` and so on. */
  readonly keys: readonly Sql[];
  readonly orderBy: Sql;
  /** Conditions that hold for what comes after the position. */
  readonly after: readonly Sql[];
}

/** By the terms that were asked for, without a value last, then by id. */
export function askedOrder(sort: readonly SortTerm[], row: RowOf, after: Position | undefined): SqlOrder {
  const id = sql`${alias(row)}.id`;
  const keys = sort.map((term) => keyOf(term, row));
  const terms = keys.map((key, at) => sql`${key} ${raw(sort[at]?.descending ? 'DESC' : 'ASC')} NULLS LAST`);
  return {
    keys,
    orderBy: joined([...terms, id], ', '),
    after: after ? [afterAsked(sort, keys, after.keys, sql`${id} > ${after.id}`)] : [],
  };
}

function keyOf(term: SortTerm, row: RowOf): Sql {
  const r = alias(row);
  if (term.param === '_id') return sql`${r}.id`;
  if (term.param === '_lastUpdated') return updatedKey(term, row);
  if (term.param === naturalTimeParam(row.type)) return sql`${r}.order_ms`;
  const isOfRow = sql`v.row = ${r}.row AND v.param = ${paramNumber(row.type, term.param)}`;
  const always = sql`FROM value AS v INDEXED BY value_of_row WHERE ${isOfRow}`;
  const best = raw(term.descending ? 'max' : 'min');
  const atMs = momentOf(term);
  if (atMs === undefined) return sql`(SELECT ${best}(v.lo) ${always})`;
  return sql`(SELECT ${best}(lo) FROM (SELECT v.lo ${always}
    UNION ALL SELECT v.lo FROM timed_value AS v WHERE ${isOfRow} AND ${validAt(atMs)}))`;
}

function updatedKey({ atMs }: SortTerm, row: RowOf): Sql {
  const updated = sql`${alias(row)}.updated_ms`;
  if (atMs === undefined) return updated;
  return sql`coalesce((SELECT max(v.lo) FROM timed_value AS v WHERE v.row = ${alias(row)}.row
    AND v.param = ${paramNumber(row.type, CHANGED_BY_ITSELF)} AND ${validAt(atMs)}), ${updated})`;
}

/** From the last key back to the first: beyond it, or level with it and beyond in what follows. */
function afterAsked(sort: readonly SortTerm[], keys: readonly Sql[], at: readonly SortKey[], byId: Sql): Sql {
  return keys.reduceRight((rest, key, place) => {
    const value = at[place] ?? null;
    if (value === null) return sql`(${key} IS NULL AND ${rest})`;
    const beyond = raw(sort[place]?.descending ? '<' : '>');
    return or([sql`${key} ${beyond} ${value}`, sql`${key} IS NULL`, sql`(${key} = ${value} AND ${rest})`]);
  }, byId);
}

/**
 * By natural time (without one first), text and id, in whichever index the rows come from. The source is expected to
 * begin at the time of `after`.
 */
export function naturalOrder(source: Source, row: RowOf, after: Position | undefined): SqlOrder {
  const r = alias(row);
  const keys = [sql`${r}.order_ms`, sql`${r}.order_text`];
  if (naturalTimeParam(row.type) === undefined) {
    return { keys, orderBy: sql`${r}.id`, after: after ? [sql`${r}.id > ${after.id}`] : [] };
  }

  const place = sql`${r}.order_text, ${r}.id`;
  const [timeMs, text] = [naturalTimeOf(after), after?.keys[1] ?? ''];
  if (source.led === 'by-one-reference') {
    const beyond = after && sql`(d.hi, ${place}) > (${sqlTime(timeMs)}, ${text}, ${after.id})`;
    return { keys, orderBy: sql`d.hi, ${place}`, after: beyond ? [beyond] : [] };
  }
  const orderBy = sql`${r}.order_ms, ${place}`;
  if (!after) return { keys, orderBy, after: [] };
  if (timeMs !== null) {
    return { keys, orderBy, after: [sql`(${r}.order_ms, ${place}) > (${timeMs}, ${text}, ${after.id})`] };
  }
  const amongTimeless = and([sql`${r}.order_ms IS NULL`, sql`(${place}) > (${text}, ${after.id})`]);
  return { keys, orderBy, after: [or([amongTimeless, sql`${r}.order_ms IS NOT NULL`])] };
}

/** The natural time of a position in the natural order. */
export function naturalTimeOf(position: Position | undefined): number | null {
  const time = position?.keys[0];
  return typeof time === 'number' ? time : null;
}
