import { fault } from '../base/fault.js';
import type { IndexValue, ValidTime } from '../fhir/index.js';
import { allOf, anyOf } from './combine.js';
import { TIME_BEGINS_MS, TIME_ENDS_MS } from './comparisons.js';
import type { DateLeaf, Filter } from './filter.js';
import type { SortTerm } from './query.js';

/**
 * Index values of ours: the second in which a resource changed by itself, valid until it does so again. No request can
 * name them; conditions on `_lastUpdated` look at them, since what changes by itself is written by nobody.
 */
export const CHANGED_BY_ITSELF = ':changedByItself';

/** Parameters with values that hold for a time. Whoever asks for one says for which moment. */
const TIMED_PARAMS: ReadonlySet<string> = new Set(['status', CHANGED_BY_ITSELF]);

/** Types whose resources may change by themselves. */
const CHANGING_TYPES: ReadonlySet<string> = new Set(['Appointment', 'Slot']);

/** What names a parameter and the moment for which it is asked. */
interface Asked {
  readonly param: string;
  readonly atMs?: number;
}

/** `{ atMs }` for a parameter whose values hold for a time; nothing for others. */
export function momentFor(param: string, nowMs: number): { readonly atMs?: number } {
  return TIMED_PARAMS.has(param) ? { atMs: nowMs } : {};
}

/**
 * The moment at which the values of a parameter are judged; undefined for one whose values always hold.
 *
 * @throws {Fault} `bug` where a moment is needed and none is named: any answer would be right only by chance
 */
export function momentOf({ param, atMs }: Asked): number | undefined {
  if (!TIMED_PARAMS.has(param)) return undefined;
  if (atMs === undefined) throw fault('bug', `Values of ${param} change by themselves: name the moment.`);
  return atMs;
}

/** What has a status at a moment. */
export function statusIs(code: string, atMs: number): Filter {
  return { kind: 'token', param: 'status', code, atMs };
}

/** Whether an index value holds at a moment. */
export function isValidAt(value: IndexValue, atMs: number): boolean {
  const time = validTimeOf(value);
  return time === undefined || (time.fromMs <= atMs && atMs < time.untilMs);
}

/** When a value holds that does not always hold, in numbers that SQL and BSON can carry. */
export function validTimeOf(value: IndexValue): Required<ValidTime> | undefined {
  if (value.kind !== 'token' && value.kind !== 'date') return undefined;
  const { fromMs, untilMs } = value;
  if (fromMs === undefined && untilMs === undefined) return undefined;
  return { fromMs: fromMs ?? TIME_BEGINS_MS, untilMs: untilMs ?? TIME_ENDS_MS };
}

/** The moment at which `_lastUpdated` of a type is judged; undefined where nothing changes by itself. */
export function changeMoment(type: string, nowMs: number): { readonly atMs?: number } {
  return CHANGING_TYPES.has(type) ? { atMs: nowMs } : {};
}

/** A condition on `_lastUpdated` that knows of changes that nobody wrote: the last of them has passed, or none yet. */
export function lastUpdatedAt(leaf: DateLeaf, type: string, nowMs: number): Filter {
  if (!CHANGING_TYPES.has(type)) return leaf;
  const changed = { param: CHANGED_BY_ITSELF, atMs: nowMs };
  return anyOf([allOf([{ kind: 'missing', missing: true, ...changed }, leaf]), { ...leaf, ...changed }]);
}

/** Whether a search asks for a moment somewhere: then it cannot be asked again later as it is. */
export function namesMoment({
  filter,
  sort,
}: {
  readonly filter: Filter;
  readonly sort: readonly SortTerm[];
}): boolean {
  return sort.some(({ atMs }) => atMs !== undefined) || filterNamesMoment(filter);
}

function filterNamesMoment(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.of.some(filterNamesMoment);
    case 'not':
      return filterNamesMoment(filter.of);
    case 'chain':
    case 'has':
      return filterNamesMoment(filter.filter);
    default:
      return 'atMs' in filter;
  }
}
