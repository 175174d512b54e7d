/**
 * @module search
 *
 * What is asked for: query parameters become a `Filter` tree and a `Query`, plain data that stores compile and
 * that `evaluate` judges in memory.
 *
 * May import: base, fhir. Imported by: store, booking, http.
 */
export * from './filter.js';
export type * from './query.js';
export { evaluate, type ChainResolver, type Searchable } from './evaluate.js';
export { compareFound, naturalOrderOf, positionOf } from './order.js';
export { countSql, toSql } from './to-sql.js';
export type { Sql, SqlParameter } from './sql-parts.js';
export { sqlParamName, sqlValueOf } from './sql-values.js';
