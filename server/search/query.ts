import type { Filter } from './filter.js';

/** What is asked of one type, in which order, and from where on. */
export interface Query {
  readonly type: string;
  readonly filter: Filter;
  /** Empty: the natural order of the type (see `NaturalOrder`). The id is always the last key, ascending. */
  readonly sort: readonly SortTerm[];
  readonly limit: number;
  /** Only what comes after this position. */
  readonly after?: Position;
}

/**
 * A sort by a search parameter: ascending by the least of a resource's values, descending by the greatest.
 * Token: code. Reference: target. Date: start. String: folded text. A resource without a value comes last, either way.
 */
export interface SortTerm {
  readonly param: string;
  readonly descending: boolean;
  /** As in `AtMoment` of a filter. With `_lastUpdated`: changes that nobody wrote count, if they came by then. */
  readonly atMs?: number;
}

/** Where a resource stands in an order: its sort keys (null: it has none), then its id. */
export interface Position {
  readonly keys: readonly SortKey[];
  readonly id: string;
}

export type SortKey = string | number | null;

/**
 * The order in which a type is listed when nobody asks for one, by `timeMs` (nulls first), `text`, then id.
 * Slot: start, then schedule. Appointment: start. Others: id alone.
 */
export interface NaturalOrder {
  readonly timeMs: number | null;
  readonly text: string;
}
