import { TIME_ENDS_MS } from './comparisons.js';
import { valuesPath } from './mongo-condition.js';
import { and, or, TRUE, type MongoPart } from './mongo-parts.js';
import { CHANGED_BY_ITSELF, momentOf } from './moment.js';
import type { MongoSource } from './mongo-source.js';
import { naturalTimeParam } from './order.js';
import type { Position, SortKey, SortTerm } from './query.js';

/** How documents are put into an order and how a page goes on in it. */
export interface MongoOrder {
  /** Fields of an answer with what `Position.keys` says of it. */
  readonly keyFields: readonly string[];
  /** What has to be computed before documents can be sorted. */
  readonly computed: Readonly<Record<string, unknown>>;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  /** Holds for what comes after the position. */
  readonly after: MongoPart;
}

/** By the terms that were asked for, without a value last, then by id. */
export function askedMongoOrder(sort: readonly SortTerm[], type: string, after: Position | undefined): MongoOrder {
  const keyFields = sort.map((_, at) => `k${String(at)}`);
  const computed: Record<string, unknown> = {};
  const order: Record<string, 1 | -1> = {};
  sort.forEach((term, at) => {
    const field = `k${String(at)}`;
    const key = keyOf(term, type);
    computed[field] = key;
    if (!term.descending) {
      // Null is less than all else: downwards it is last anyway.
      const none = `n${String(at)}`;
      computed[none] = { $eq: [key, null] };
      order[none] = 1;
    }
    order[field] = term.descending ? -1 : 1;
  });
  const beyond = after ? afterAsked(sort, after, { _id: { $gt: `${type}/${after.id}` } }) : TRUE;
  return { keyFields, computed, sort: { ...order, _id: 1 }, after: beyond };
}

function keyOf(term: SortTerm, type: string): unknown {
  const { param, descending } = term;
  // A negative length is all the rest.
  if (param === '_id') return { $substrBytes: ['$_id', Buffer.byteLength(`${type}/`), -1] };
  if (param === '_lastUpdated') return updatedKey(term);
  if (param === naturalTimeParam(type)) return '$timeMs';
  const atMs = momentOf(term);
  const values = atMs === undefined ? `$${valuesPath(param)}.lo` : validValues(param, atMs);
  return { [descending ? '$max' : '$min']: values };
}

function updatedKey({ atMs }: SortTerm): unknown {
  if (atMs === undefined) return '$updatedMs';
  return { $ifNull: [{ $max: validValues(CHANGED_BY_ITSELF, atMs) }, '$updatedMs'] };
}

/** `lo` of each value that holds at a moment. */
function validValues(param: string, atMs: number): unknown {
  const from = { $lte: [{ $ifNull: ['$$value.fromMs', atMs] }, atMs] };
  const until = { $gt: [{ $ifNull: ['$$value.untilMs', TIME_ENDS_MS] }, atMs] };
  const input = { $ifNull: [`$${valuesPath(param)}`, []] };
  const valid = { $filter: { input, as: 'value', cond: { $and: [from, until] } } };
  return { $map: { input: valid, as: 'value', in: '$$value.lo' } };
}

/** From the last key back to the first: beyond it, or level with it and beyond in what follows. */
function afterAsked(sort: readonly SortTerm[], after: Position, byId: MongoPart): MongoPart {
  return sort.reduceRight((rest, term, at) => {
    const field = `k${String(at)}`;
    const value = after.keys[at] ?? null;
    const level = and([{ [field]: { $eq: value } }, rest]);
    if (value === null) return level;
    return or([{ [field]: { [term.descending ? '$lt' : '$gt']: value } }, { [field]: { $eq: null } }, level]);
  }, byId);
}

/**
 * By natural time (without one first), text and id, in whichever index the documents come from. The source is
 * expected to begin at the time of `after`.
 */
export function naturalMongoOrder(source: MongoSource, type: string, after: Position | undefined): MongoOrder {
  const keyFields = ['timeMs', 'orderText'];
  const byId = after ? { _id: { $gt: `${type}/${after.id}` } } : TRUE;
  if (naturalTimeParam(type) === undefined) {
    // Level in time and text, all of them; but the index of keys has these two before the id.
    const sort: MongoOrder['sort'] = source.led === 'by-natural-order' ? { _id: 1 } : IN_ORDER;
    return { keyFields, computed: {}, sort, after: byId };
  }
  return { keyFields, computed: {}, sort: IN_ORDER, after: after ? afterNatural(after, byId) : TRUE };
}

const IN_ORDER = { timeMs: 1, orderText: 1, _id: 1 } as const;

function afterNatural(after: Position, byId: MongoPart): MongoPart {
  const [timeMs = null, text = ''] = after.keys;
  const level = { timeMs: { $eq: timeMs } };
  return or([
    // `$gt` null finds nothing: MongoDB compares within one type of values.
    { timeMs: timeMs === null ? { $ne: null } : { $gt: timeMs } },
    { ...level, orderText: { $gt: text } },
    { ...level, orderText: { $eq: text }, ...byId },
  ]);
}

/** The natural time of a position in the natural order. */
export function naturalTimeAfter(position: Position | undefined): number {
  const time: SortKey | undefined = position?.keys[0];
  return typeof time === 'number' ? time : -Infinity;
}
