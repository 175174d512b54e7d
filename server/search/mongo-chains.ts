import { anyOf } from './combine.js';
import type { ChainLeaf, Filter, HasLeaf } from './filter.js';
import { isBuiltIn } from './lead.js';
import { valuesPath, startsWith } from './mongo-condition.js';
import { and, type MongoPart } from './mongo-parts.js';
import { leadsByItself, mongoSourceOf } from './mongo-source.js';
import type { MongoQuestion } from './to-mongo.js';

/** Resources that one condition on others comes to by name; with more, each document is asked what it is related to. */
export const CHAIN_TARGETS_MAX = 1_000;

/** Asks a question about `_id` alone, and answers with the `_id` of whatever was found. */
export type FindIds = (question: MongoQuestion) => Promise<readonly string[]>;

/**
 * A filter with references in place of its chains, and ids in place of each `has`, from the inside out: so a condition
 * on the target leads to what refers to it, and one on the source to what it refers to. They stay where no condition on
 * the other documents leads, or where too many of these meet it.
 */
export async function withTargets(filter: Filter, collection: string, find: FindIds): Promise<Filter> {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return { ...filter, of: await Promise.all(filter.of.map((part) => withTargets(part, collection, find))) };
    case 'not':
      return { ...filter, of: await withTargets(filter.of, collection, find) };
    case 'chain':
      return targetsOf({ ...filter, filter: await withTargets(filter.filter, collection, find) }, collection, find);
    case 'has':
      return referredTo({ ...filter, filter: await withTargets(filter.filter, collection, find) }, collection, find);
    default:
      return filter;
  }
}

async function targetsOf(chain: ChainLeaf, collection: string, find: FindIds): Promise<Filter> {
  if (isBuiltIn(chain.param) || !leadsByItself(chain.filter, chain.targetType)) return chain;
  const targets = await find(targetQuestion(chain, collection));
  if (targets.length > CHAIN_TARGETS_MAX) return chain;
  return anyOf(targets.map((target): Filter => ({ kind: 'reference', param: chain.param, target })));
}

async function referredTo(has: HasLeaf, collection: string, find: FindIds): Promise<Filter> {
  if (!leadsByItself(has.filter, has.sourceType)) return has;
  const referred = await find(referredQuestion(has, collection));
  if (referred.length > CHAIN_TARGETS_MAX) return has;
  const from = `${has.targetType}/`.length;
  return anyOf(referred.map((target): Filter => ({ kind: 'token', param: '_id', code: target.slice(from) })));
}

function referredQuestion({ sourceType, by, targetType, filter }: HasLeaf, collection: string): MongoQuestion {
  const { match, checks } = mongoSourceOf(sourceType, filter, collection);
  const values = valuesPath(by);
  const pipeline: MongoPart[] = [
    { $match: and(match) },
    ...checks,
    { $unwind: `$${values}` },
    { $match: { [`${values}.lo`]: startsWith(`${targetType}/`) } },
    { $group: { _id: `$${values}.lo` } },
    { $limit: CHAIN_TARGETS_MAX + 1 },
  ];
  return { pipeline, indexed: true };
}

function targetQuestion({ targetType, filter }: ChainLeaf, collection: string): MongoQuestion {
  const { match, checks } = mongoSourceOf(targetType, filter, collection);
  const pipeline: MongoPart[] = [
    { $match: and(match) },
    ...checks,
    { $limit: CHAIN_TARGETS_MAX + 1 },
    { $project: { _id: 1 } },
  ];
  return { pipeline, indexed: true };
}
