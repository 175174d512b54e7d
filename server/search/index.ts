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
