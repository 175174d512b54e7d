/**
 * @module search
 *
 * What is asked for: query parameters become a `Filter` tree and a `Query`, plain data that stores compile and
 * that `evaluate` judges in memory.
 *
 * May import: base, zones, fhir. Imported by: auth, booking, http, store.
 */
export * from './filter.js';
export type * from './query.js';
export { evaluate, type ChainResolver, type Searchable } from './evaluate.js';
export { compareFound, naturalOrderOf, positionOf, UNORDERED } from './order.js';
export { countSql, toSql } from './to-sql.js';
export { countMongo, toMongo, type MongoQuestion, type MongoSearch } from './to-mongo.js';
export { CHAIN_TARGETS_MAX, withTargets } from './mongo-chains.js';
export { MONGO_INDEXES } from './mongo-indexes.js';
export { mongoIndexOf, type MongoIndex } from './mongo-values.js';
export type { Sql, SqlParameter } from './sql-parts.js';
export { sqlParamName, sqlValueOf } from './sql-values.js';
export { CHANGED_BY_ITSELF, lastUpdatedAt, namesMoment, statusIs, validTimeOf } from './moment.js';
export { SEARCH_COUNT_DEFAULT, SEARCH_COUNT_MAX } from './limits.js';
export type { Include, ParsedSearch, SearchContext } from './parsed-search.js';
export { parseSearch, type SearchParams } from './parse-search.js';
export { BACK_PARAM, CURSOR_PARAM, decodePosition, encodePosition, withoutAddedCount } from './position.js';
export { slotQuestionOf, type AvailabilityQuestion, type SlotRequest } from './slot-question.js';
export {
  availabilityWindow,
  scheduleFilterOf,
  WINDOW_DAYS_DEFAULT,
  windowFilter,
  windowOf,
  type SlotWindow,
} from './slot-window.js';
export { modifiersOf } from './modifiers.js';
export { withPlus } from './parse-value.js';
export { allOf, anyOf, conjunctsOf, isEverything } from './combine.js';
