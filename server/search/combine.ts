import { EVERYTHING, type Filter } from './filter.js';

/** What meets every filter of a list. */
export function allOf(filters: readonly Filter[]): Filter {
  const only = filters.length === 1 ? filters[0] : undefined;
  return only ?? (filters.length === 0 ? EVERYTHING : { kind: 'all', of: filters });
}

/** What meets at least one filter of a list; of an empty one: nothing. */
export function anyOf(filters: readonly Filter[]): Filter {
  const only = filters.length === 1 ? filters[0] : undefined;
  return only ?? { kind: 'any', of: filters };
}

/** Whether a filter asks for nothing, so that all meets it. */
export function isEverything(filter: Filter): boolean {
  return filter.kind === 'all' && filter.of.length === 0;
}

/** The filters that have all to be met, one by one. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'all' ? filter.of.flatMap(conjunctsOf) : [filter];
}

/** How many leaves a filter has. */
export function countConditions(filter: Filter): number {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.of.reduce((sum, part) => sum + countConditions(part), 0);
    case 'not':
      return countConditions(filter.of);
    case 'chain':
    case 'has':
      return countConditions(filter.filter);
    default:
      return 1;
  }
}
