import type { Interval } from '../base/interval.js';
import { foldText } from '../fhir/index.js';
import { conjunctsOf } from './combine.js';
import type { Filter } from './filter.js';
import { gathered, isGroup, isSettledByWindow, leadOf, naturalWindow, type Group } from './lead.js';
import { living, MongoConditions, startsWith } from './mongo-condition.js';
import { and, oneOf, or, TRUE, type MongoPart } from './mongo-parts.js';
import { mongoKey } from './mongo-values.js';
import { naturalTimeParam } from './order.js';

/** Where documents come from and what they have to meet. */
export interface MongoSource {
  /** What an index finds, and what each document is judged on by itself; all of it has to hold. */
  readonly match: readonly MongoPart[];
  /** Stages for the conditions that look at other documents. They keep the order. */
  readonly checks: readonly MongoPart[];
  readonly led: 'by-condition' | 'by-natural-order';
  /** Whether a condition or a stretch of time bounds what is read. */
  readonly bounded: boolean;
}

/**
 * The documents of a type that meet a filter. A condition on other documents never leads: see `withTargets`.
 *
 * @param fromMs only those whose natural time is not before this, where a page goes on there
 */
export function mongoSourceOf(type: string, filter: Filter, collection: string, fromMs = -Infinity): MongoSource {
  const conjuncts = conjunctsOf(filter);
  const direct = conjuncts.filter((part) => !looksElsewhere(part));
  const lead = mongoLeadOf(conjuncts, type);
  const window = naturalWindow(type, conjuncts, -Infinity);
  const conditions = new MongoConditions(type, collection);
  const checked = direct.filter((part) => !isSettledByWindow(part, type)).map((part) => conditions.of(part));
  const chained = and(conjuncts.filter(looksElsewhere).map((part) => conditions.of(part)));
  const bounds = { ...window, startMs: Math.max(window.startMs, fromMs) };
  return {
    match: [lead ? leadingTo(lead, type) : inOrder(type), timeWithin(bounds), ...checked],
    checks: [...conditions.lookups, ...(chained === TRUE ? [] : [{ $match: chained }])],
    led: lead ? 'by-condition' : 'by-natural-order',
    bounded: lead !== undefined || timeWithin(window) !== TRUE,
  };
}

function mongoLeadOf(conjuncts: readonly Filter[], type: string): Filter | undefined {
  return leadOf(
    conjuncts.filter((part) => !looksElsewhere(part)),
    type,
  );
}

/** Whether a condition on the documents themselves leads to what meets a filter. */
export function leadsByItself(filter: Filter, type: string): boolean {
  return mongoLeadOf(conjunctsOf(filter), type) !== undefined;
}

/** Whether a filter has a condition on other documents. */
function looksElsewhere(filter: Filter): boolean {
  switch (filter.kind) {
    case 'chain':
    case 'has':
      return true;
    case 'all':
    case 'any':
      return filter.of.some(looksElsewhere);
    case 'not':
      return looksElsewhere(filter.of);
    default:
      return false;
  }
}

/** What has no time is of another type than the bounds, and never within them. */
function timeWithin({ startMs, endMs }: Interval): MongoPart {
  const bounds = { ...(startMs > -Infinity && { $gte: startMs }), ...(endMs < Infinity && { $lt: endMs }) };
  return Object.keys(bounds).length === 0 ? TRUE : { timeMs: bounds };
}

/** All of a type, where its natural order lies: by time in an index of ours, by id alone in that of `_id`. */
function inOrder(type: string): MongoPart {
  return naturalTimeParam(type) === undefined ? { _id: startsWith(`${type}/`), deleted: false } : living(type);
}

/**
 * Where a condition leads. It says nothing of the type, which each key begins with: so MongoDB has this one index to
 * choose and no reason to try another.
 */
function leadingTo(filter: Filter, type: string): MongoPart {
  return { ...or(leadsOf(filter, type)), deleted: false };
}

function leadsOf(filter: Filter, type: string): MongoPart[] {
  switch (filter.kind) {
    case 'any':
      return gathered(filter.of).flatMap((part) => (isGroup(part) ? [groupLead(part, type)] : leadsOf(part, type)));
    case 'all': {
      const lead = leadOf(conjunctsOf(filter), type);
      return lead ? leadsOf(lead, type) : [];
    }
    case 'token':
      return [groupLead({ group: 'token', param: filter.param, values: [filter.code ?? ''] }, type)];
    case 'reference':
      return [groupLead({ group: 'reference', param: filter.param, values: [filter.target] }, type)];
    case 'string':
      if (filter.match === 'exact') return [{ keys: { $eq: mongoKey(type, filter.param, foldText(filter.text)) } }];
      // Both bounds for one and the same key: without `$elemMatch` MongoDB uses only one of them.
      return [{ keys: { $elemMatch: startsWith(mongoKey(type, filter.param, filter.text)) } }];
    default:
      throw new Error(`A filter of kind ${filter.kind} cannot lead.`);
  }
}

function groupLead(group: Group, type: string): MongoPart {
  if (group.param === '_id') return { _id: oneOf(group.values.map((id) => `${type}/${id}`)) };
  return { keys: oneOf(group.values.map((text) => mongoKey(type, group.param, text))) };
}
