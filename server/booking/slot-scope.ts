import type { ChainLeaf, Filter, HasLeaf } from '../search/index.js';

/** The ids that a condition names, where it is nothing but a choice of ids. */
export function idsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'token' && filter.param === '_id' && filter.code !== undefined) return [filter.code];
  if (filter.kind !== 'any') return undefined;
  const ids = filter.of.map(idsOf);
  return ids.every((some) => some !== undefined) ? ids.flat() : undefined;
}

/** The conditions on other resources that a condition contains, wherever they stand. */
export function chainsOf(filter: Filter): readonly (ChainLeaf | HasLeaf)[] {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.of.flatMap(chainsOf);
    case 'not':
      return chainsOf(filter.of);
    case 'chain':
    case 'has':
      return [filter];
    default:
      return [];
  }
}

/** What a computed slot can have a value for. */
const COMPUTED_PARAMS = new Set([
  '_id',
  'schedule',
  'status',
  'start',
  'end',
  'duration',
  'service-category',
  'service-type',
  'specialty',
]);

/** The statuses of computed slots: nobody has taken any of a free one's time, or there is room left in it. */
export const FREE: ReadonlySet<string | undefined> = new Set(['free']);
/** Those that only claims make. */
export const CLAIMED: ReadonlySet<string | undefined> = new Set(['busy', 'busy-tentative', 'busy-unavailable']);

/**
 * Whether no computed slot of some statuses can meet a condition: it asks for a value that they never have, or for
 * another status.
 */
export function excludesComputed(filter: Filter, statuses: ReadonlySet<string | undefined>): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.some((part) => excludesComputed(part, statuses));
    case 'any':
      return filter.of.every((part) => excludesComputed(part, statuses));
    case 'not':
    case 'has':
      return false;
    case 'missing':
      return !filter.missing && !COMPUTED_PARAMS.has(filter.param);
    case 'token':
      return !COMPUTED_PARAMS.has(filter.param) || (filter.param === 'status' && !statuses.has(filter.code));
    default:
      return !COMPUTED_PARAMS.has(filter.param);
  }
}

/**
 * The condition for slots of a rule that serves every type of visit: what asks for a type is met. Under a `not` or a
 * `:missing` it stays, since they ask for the element itself.
 */
export function servingEveryType(filter: Filter): Filter {
  if (filter.kind === 'token' && filter.param === 'service-type') return { kind: 'all', of: [] };
  if (filter.kind !== 'all' && filter.kind !== 'any') return filter;
  return { kind: filter.kind, of: filter.of.map(servingEveryType) };
}

/** Whether a condition looks at nothing but the type of visit. */
export function isAboutServiceType(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.of.every(isAboutServiceType);
    case 'not':
      return isAboutServiceType(filter.of);
    case 'has':
      return false;
    default:
      return filter.param === 'service-type';
  }
}
