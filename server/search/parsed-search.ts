import type { Filter } from './filter.js';
import type { Position, SortTerm } from './query.js';

/** What a search is read against. */
export interface SearchContext {
  readonly nowMs: number;
  /** IANA zone of bare dates and of times without an offset. */
  readonly zone: string;
  /**
   * The same for `start` and `end` of a search for Slots, which mean days of the Schedule's zone (design §5); absent:
   * `zone`. Parsing is cheap: where schedules of several zones are asked, parse once for each, as long as
   * `ParsedSearch.hasLocalSlotTimes` says that it makes a difference.
   */
  readonly slotZone?: string;
  /** Base URLs of this server, without a slash at the end. */
  readonly ownBases: readonly string[];
  /** `Prefer: handling=strict`: what would be ignored is refused. */
  readonly strict: boolean;
  /** Entries on a page where the request does not say. */
  readonly countDefault: number;
}

/** One `_include` or `_revinclude`. */
export interface Include {
  /** The type whose references are followed; `*` with `reverse`: every type. */
  readonly sourceType: string;
  /** A search parameter of type reference, or `*` for all of the source type. */
  readonly param: string;
  /** Only references to this type. */
  readonly targetType?: string;
  /** Applied to what was included as well, not to the matches alone. */
  readonly iterate: boolean;
  readonly reverse: boolean;
}

/** A search, read. */
export interface ParsedSearch {
  readonly type: string;
  readonly filter: Filter;
  readonly sort: readonly SortTerm[];
  /** Entries on a page, 0 to SEARCH_COUNT_MAX. */
  readonly count: number;
  readonly total: 'accurate' | 'none' | 'estimate' | undefined;
  readonly summary: 'true' | 'count' | 'data' | 'text' | 'false' | undefined;
  readonly elements: readonly string[] | undefined;
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
  /** Where the page begins: from `_after`, which `encodePosition` wrote. */
  readonly after: Position | undefined;
  /** What was honoured, in order and as written, `_count` capped; `_after` too. For the self link. */
  readonly applied: readonly (readonly [name: string, value: string])[];
  /** Names of the parameters that were ignored. */
  readonly ignored: readonly string[];
  /** Sentences about what was ignored or capped. */
  readonly remarks: readonly string[];
  /** Whether another `slotZone` would give another filter. */
  readonly hasLocalSlotTimes: boolean;
}
