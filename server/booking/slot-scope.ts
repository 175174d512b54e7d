import type { ChainLeaf, Filter } from '../search/index.js';

/** What a condition on Slots says of their Schedules. */
export interface SlotScope {
  /** Conditions on the Schedule, all of which must hold; empty: any Schedule. */
  readonly schedules: readonly Filter[];
  /** The ids of the Schedules, where nothing but ids narrows them. */
  readonly scheduleIds?: readonly string[];
  /** What is left to judge on each Slot of those Schedules. */
  readonly rest: Filter;
}

const NOTHING: Filter = { kind: 'any', of: [] };

/**
 * Takes the conjuncts on `schedule` out of a condition on Slots, so that computed slots are made for the right
 * Schedules only: `schedule=…`, alternatives of it, and chains on it.
 */
export function scopeOf(filter: Filter): SlotScope {
  const conjuncts = conjunctsOf(filter);
  const translated = conjuncts.map(onSchedule);
  const schedules = translated.filter((condition) => condition !== undefined);
  const ids = schedules.map(idsOf);
  const [onlyIds] = ids;
  return {
    schedules,
    ...(ids.length === 1 && onlyIds && { scheduleIds: onlyIds }),
    rest: { kind: 'all', of: conjuncts.filter((_, at) => translated[at] === undefined) },
  };
}

/** The parts of a condition that must all hold. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return filter.kind === 'all' ? filter.of.flatMap(conjunctsOf) : [filter];
}

/** The same condition said of the Schedule; undefined where it speaks of something else. */
function onSchedule(filter: Filter): Filter | undefined {
  switch (filter.kind) {
    case 'reference': {
      if (filter.param !== 'schedule') return undefined;
      const id = /^Schedule\/([^/]+)$/.exec(filter.target)?.[1];
      return id === undefined ? NOTHING : { kind: 'token', param: '_id', code: id };
    }
    case 'chain':
      return filter.param === 'schedule' ? filter.filter : undefined;
    case 'any': {
      const of = filter.of.map(onSchedule).filter((condition) => condition !== undefined);
      return of.length === filter.of.length && of.length > 0 ? { kind: 'any', of } : undefined;
    }
    default:
      return undefined;
  }
}

/** The ids that a condition names, where it is nothing but a choice of ids. */
export function idsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'token' && filter.param === '_id' && filter.code !== undefined) return [filter.code];
  if (filter.kind !== 'any') return undefined;
  const ids = filter.of.map(idsOf);
  return ids.every((some) => some !== undefined) ? ids.flat() : undefined;
}

/** The chains that a condition contains, wherever they stand. */
export function chainsOf(filter: Filter): readonly ChainLeaf[] {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.of.flatMap(chainsOf);
    case 'not':
      return chainsOf(filter.of);
    case 'chain':
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

/** Whether no computed slot can meet a condition: it asks for a value that they never have, or for another status. */
export function excludesComputed(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.some(excludesComputed);
    case 'any':
      return filter.of.every(excludesComputed);
    case 'not':
      return false;
    case 'missing':
      return !filter.missing && !COMPUTED_PARAMS.has(filter.param);
    case 'token':
      return !COMPUTED_PARAMS.has(filter.param) || (filter.param === 'status' && filter.code !== 'free');
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
    default:
      return filter.param === 'service-type';
  }
}
