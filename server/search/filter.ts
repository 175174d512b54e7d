import type { Interval } from '../base/interval.js';

/**
 * A FHIR search condition, as data. Every leaf names a search parameter by its code, never a column or a path.
 * Compiled by stores; evaluated in memory over `IndexValues` by `evaluate`.
 */
export type Filter =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | MissingLeaf
  | TokenLeaf
  | ReferenceLeaf
  | DateLeaf
  | StringLeaf
  | NumberLeaf
  | UriLeaf
  | ChainLeaf
  | HasLeaf;

/** The moment at which values that hold for a time are judged: for the parameters that have such, see `momentOf`. */
interface AtMoment {
  readonly atMs?: number;
}

export interface MissingLeaf extends AtMoment {
  readonly kind: 'missing';
  readonly param: string;
  readonly missing: boolean;
}

/** `code` any system; `system|code`; `system|` any code; `|code` is `system: ''`: a value without a system. */
export interface TokenLeaf extends AtMoment {
  readonly kind: 'token';
  readonly param: string;
  readonly system?: string;
  readonly code?: string;
}

export interface ReferenceLeaf {
  readonly kind: 'reference';
  readonly param: string;
  /** Normalised as in `ReferenceValue`. A bare id becomes an `any` over the parameter's target types. */
  readonly target: string;
}

export interface DateLeaf extends AtMoment {
  readonly kind: 'date';
  readonly param: string;
  readonly prefix: Prefix;
  /** What the value covers by its precision; for `ap` already widened. */
  readonly range: Interval;
}

export interface StringLeaf {
  readonly kind: 'string';
  readonly param: string;
  /** For `starts` and `contains` already folded by `foldText`. */
  readonly text: string;
  readonly match: 'starts' | 'contains' | 'exact';
}

export interface NumberLeaf {
  readonly kind: 'number';
  readonly param: string;
  readonly prefix: Prefix;
  readonly value: number;
}

export interface UriLeaf {
  readonly kind: 'uri';
  readonly param: string;
  readonly value: string;
  /** Values that begin with this one are met too. */
  readonly below?: true;
}

/** The resource refers, by `param`, to a resource of `targetType` that meets `filter`. */
export interface ChainLeaf {
  readonly kind: 'chain';
  readonly param: string;
  readonly targetType: string;
  readonly filter: Filter;
}

/** A resource of `sourceType` that meets `filter` refers, by its parameter `by`, to this one of `targetType`. */
export interface HasLeaf {
  readonly kind: 'has';
  readonly sourceType: string;
  readonly by: string;
  readonly targetType: string;
  readonly filter: Filter;
}

/** https://hl7.org/fhir/R4/search.html#prefix */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

/** The filter that everything meets. */
export const EVERYTHING: Filter = { kind: 'all', of: [] };
