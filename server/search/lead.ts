import type { Interval } from '../base/interval.js';
import { assertNever } from './assert-never.js';
import { conjunctsOf } from './combine.js';
import { DATE_TESTS } from './comparisons.js';
import type { DateLeaf, Filter } from './filter.js';
import { momentOf } from './moment.js';
import { naturalTimeParam } from './order.js';

/**
 * Which condition leads to the documents, the others only checking them. Databases are not left to guess: the choice
 * is this list, best first, among the conditions that all have to hold.
 *
 * 1. `_id`: a point read each.
 * 2. A reference, together with the stretch of natural time that the date conditions leave: one index range.
 * 3. `identifier`, and the tokens of ours that no request can name.
 * 4. A chain whose target is itself found by one of 1 to 5: the targets first, then the references to them. A `has`
 *    whose source is: the sources first, then what they refer to.
 * 5. A string from its beginning, or exact.
 * 6. Otherwise the natural order of the type, within the stretch of natural time: it streams, so that a page costs
 *    what lies before its end, however many documents the type has.
 *
 * An `any` is as good as the worst of its members, and leads only if all of them can. An `all` in it is as good as
 * the best of its members.
 */
const RANK = { id: 1, reference: 2, identifier: 3, chain: 4, string: 5 } as const;

/** The condition that leads, among those that all have to hold; undefined: the natural order does. */
export function leadOf(conjuncts: readonly Filter[], type: string): Filter | undefined {
  let best: Filter | undefined;
  let least = Infinity;
  for (const part of conjuncts) {
    const rank = rankOf(part, type);
    if (rank < least) [best, least] = [part, rank];
  }
  return best;
}

/** Whether a condition of a filter leads to what meets it. */
function canLead(filter: Filter, type: string): boolean {
  return leadOf(conjunctsOf(filter), type) !== undefined;
}

/** The place of a filter in the ranking; Infinity if it cannot lead. */
function rankOf(filter: Filter, type: string): number {
  switch (filter.kind) {
    case 'token':
      if (filter.code === undefined) return Infinity;
      if (filter.param === '_id') return filter.system ? Infinity : RANK.id;
      return isLeadingToken(filter.param) ? RANK.identifier : Infinity;
    case 'reference':
      return isBuiltIn(filter.param) ? Infinity : RANK.reference;
    case 'chain':
      return isBuiltIn(filter.param) || !canLead(filter.filter, filter.targetType) ? Infinity : RANK.chain;
    case 'has':
      return canLead(filter.filter, filter.sourceType) ? RANK.chain : Infinity;
    case 'string':
      return filter.match === 'contains' || filter.text === '' || isBuiltIn(filter.param) ? Infinity : RANK.string;
    case 'any':
      return rankOfAny(filter.of, type);
    case 'all':
      return Math.min(...conjunctsOf(filter).map((part) => rankOf(part, type)));
    case 'not':
    case 'missing':
    case 'date':
    case 'number':
    case 'uri':
      return Infinity;
    default:
      return assertNever(filter);
  }
}

/** SQLite joins at most 500 selects by UNION. */
const UNION_LENGTH_MAX = 100;

function rankOfAny(members: readonly Filter[], type: string): number {
  if (members.length === 0) return Infinity;
  const rank = Math.max(...members.map((part) => rankOf(part, type)));
  return rank === Infinity || leadsIn(members, type) > UNION_LENGTH_MAX ? Infinity : rank;
}

/** How many lookups an `any` leads by. */
function leadsIn(members: readonly Filter[], type: string): number {
  return gathered(members).reduce((sum, part) => {
    const lead = isGroup(part) ? part : leadOf(conjunctsOf(part), type);
    return sum + (lead && 'kind' in lead && lead.kind === 'any' ? leadsIn(lead.of, type) : 1);
  }, 0);
}

/**
 * Whether the codes of a token parameter lead to few documents each. Not so a status, an appointment type or a
 * specialty: a code of those leads to a good part of all there is.
 */
export function isLeadingToken(param: string): boolean {
  return param === 'identifier' || param.endsWith(':identifier') || param.endsWith(':of-type') || param.startsWith(':');
}

/** Answered from the document itself and not from its index values. */
export function isBuiltIn(param: string): boolean {
  return param === '_id' || param === '_lastUpdated';
}

/** Several values of one parameter that are all compared with `lo` alone: one lookup instead of one each. */
export interface Group {
  readonly group: 'token' | 'reference';
  readonly param: string;
  readonly values: readonly string[];
  readonly atMs?: number;
}

/** Tells a group from a filter, among what `gathered` gives. */
export function isGroup(part: Filter | Group): part is Group {
  return 'group' in part;
}

/** The members of an `any`, those that can be asked for together gathered into groups. */
export function gathered(members: readonly Filter[]): readonly (Filter | Group)[] {
  const groups = new Map<string, Group & { readonly values: string[] }>();
  const others: Filter[] = [];
  for (const member of members) {
    const one = groupOf(member);
    if (one === undefined) {
      others.push(member);
      continue;
    }
    const key = JSON.stringify({ ...one, values: [] });
    const group = groups.get(key) ?? { ...one, values: [] };
    group.values.push(...one.values);
    groups.set(key, group);
  }
  return [...groups.values(), ...others];
}

/** The group of a filter alone; undefined for one that looks at more than `lo`. */
function groupOf(filter: Filter): Group | undefined {
  if (filter.kind === 'reference' && !isBuiltIn(filter.param)) {
    return { group: 'reference', param: filter.param, values: [filter.target] };
  }
  if (filter.kind === 'token' && filter.system === undefined && filter.code !== undefined) {
    const atMs = momentOf(filter);
    return { group: 'token', param: filter.param, values: [filter.code], ...(atMs !== undefined && { atMs }) };
  }
  return undefined;
}

/**
 * The longest that a natural time may be: what is ordered by time has instants there, which FHIR writes to the second
 * at the coarsest. So a bound on the end of such a value bounds its start as well.
 */
const NATURAL_TIME_LENGTH_MS_MAX = 1_000;

/**
 * Whether the window says all that a condition says: it bounds the start, which is the natural time itself. An open
 * bound is none, and would let through what has no time at all.
 */
export function isSettledByWindow(filter: Filter, type: string): boolean {
  if (filter.kind !== 'date' || filter.param !== naturalTimeParam(type)) return false;
  const { holds, terms } = DATE_TESTS[filter.prefix];
  return (
    holds === 'every' &&
    terms.every(({ target, asked }) => target === 'startMs' && Number.isFinite(filter.range[asked]))
  );
}

/**
 * Where the natural time of whatever meets all the conditions can lie; their exact test remains to be made.
 *
 * @param fromMs where a page goes on: nothing before it is asked for
 */
export function naturalWindow(type: string, conjuncts: readonly Filter[], fromMs: number): Interval {
  const param = naturalTimeParam(type);
  let startMs = fromMs;
  let endMs = Infinity;
  for (const part of conjuncts) {
    const window =
      part.kind === 'any' ? hullOf(type, part.of) : part.kind === 'date' && part.param === param && windowOf(part);
    if (!window) continue;
    startMs = Math.max(startMs, window.startMs);
    endMs = Math.min(endMs, window.endMs);
  }
  return { startMs, endMs };
}

/** Where the natural time of whatever meets one of several filters can lie. */
function hullOf(type: string, members: readonly Filter[]): Interval | undefined {
  if (members.length === 0) return undefined;
  const windows = members.map((part) => naturalWindow(type, conjunctsOf(part), -Infinity));
  return {
    startMs: Math.min(...windows.map(({ startMs }) => startMs)),
    endMs: Math.max(...windows.map(({ endMs }) => endMs)),
  };
}

function windowOf(leaf: DateLeaf): Interval {
  const { holds, terms } = DATE_TESTS[leaf.prefix];
  let startMs = -Infinity;
  let endMs = Infinity;
  if (holds === 'some') return { startMs, endMs };
  for (const { target, operator, asked } of terms) {
    const bound = leaf.range[asked];
    if (operator === '<' || operator === '<=') {
      // Who ends at or before the bound begins before it.
      endMs = Math.min(endMs, target === 'startMs' && operator === '<=' ? bound + 1 : bound);
    } else {
      startMs = Math.max(startMs, target === 'startMs' ? bound : bound - NATURAL_TIME_LENGTH_MS_MAX);
    }
  }
  return { startMs, endMs };
}
