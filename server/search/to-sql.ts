import type { Filter } from './filter.js';
import type { Query } from './query.js';
import { askedOrder, naturalOrder, naturalTimeOf } from './sql-order.js';
import { joined, raw, sql, type Sql } from './sql-parts.js';
import { sourceOf } from './sql-source.js';

/**
 * A query as SQL over the tables of store/sqlite/schema.ts. The columns of an answer are `id`, `revision`,
 * `updated_ms`, `text` and the keys of its position as `k0`, `k1` and so on; the natural order has two.
 */
export function toSql(query: Query): Sql {
  const row = { type: query.type, depth: 0 };
  const asked = query.sort.length > 0;
  const source = sourceOf(query.filter, row, asked ? -Infinity : (naturalTimeOf(query.after) ?? -Infinity));
  const order = asked ? askedOrder(query.sort, row, query.after) : naturalOrder(source, row, query.after);
  const keys = order.keys.map((key, at) => sql`${key} AS ${raw(`k${String(at)}`)}`);
  return sql`SELECT r0.id, r0.revision, r0.updated_ms, r0.text, ${joined(keys, ', ')} FROM ${source.from}
    WHERE ${joined([...source.where, ...order.after], ' AND ')} ORDER BY ${order.orderBy} LIMIT ${query.limit}`;
}

/** How many meet a filter, as the only column `total`. */
export function countSql(type: string, filter: Filter): Sql {
  const { from, where } = sourceOf(filter, { type, depth: 0 });
  return sql`SELECT count(*) AS total FROM ${from} WHERE ${joined(where, ' AND ')}`;
}
