import { anyOf } from './combine.js';
import type { ChainLeaf, Filter } from './filter.js';
import { isBuiltIn } from './lead.js';
import { and, type MongoPart } from './mongo-parts.js';
import { leadsByItself, mongoSourceOf } from './mongo-source.js';
import type { MongoQuestion } from './to-mongo.js';

/** Targets of one chain that are asked for by name; with more of them, each document is asked where it leads. */
export const CHAIN_TARGETS_MAX = 1_000;

/** Asks a question about `_id` alone, and answers with the `_id` of whatever was found. */
export type FindIds = (question: MongoQuestion) => Promise<readonly string[]>;

/**
 * A filter with references in place of its chains, from the inside out: so a condition on the target leads to what
 * refers to it. A chain stays where no condition on its target leads, or where too many targets meet it.
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
