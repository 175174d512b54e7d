import { isEverything } from './combine.js';
import type { Filter } from './filter.js';
import { askedMongoOrder, naturalMongoOrder, naturalTimeAfter, type MongoOrder } from './mongo-order.js';
import { and, FALSE, TRUE, type MongoPart } from './mongo-parts.js';
import { mongoSourceOf, type MongoSource } from './mongo-source.js';
import type { Query } from './query.js';

/** A question as data for `aggregate` on the collection of the documents. */
export interface MongoQuestion {
  readonly pipeline: readonly MongoPart[];
  /** Whether an index bounds what is read. Where it does not, the question may read all documents of the type. */
  readonly indexed: boolean;
}

export interface MongoSearch extends MongoQuestion {
  /** The fields of an answer that are, in this order, the keys of its position. The id is in `_id`, after the type. */
  readonly keyFields: readonly string[];
}

/** What a search hands on of a document: no index values, and of an intent only whose it is. */
const ANSWER = { type: 1, revision: 1, updatedMs: 1, deleted: 1, text: 1, 'intent.commit': 1 } as const;

/**
 * A query as a pipeline over documents as in store/mongo/layout.ts.
 *
 * @param collection where they are, and where chains look for their targets
 */
export function toMongo(query: Query, collection: string): MongoSearch {
  const { type, filter, sort, after } = query;
  const asked = sort.length > 0;
  const source = mongoSourceOf(type, filter, collection, asked ? -Infinity : naturalTimeAfter(after));
  const order = asked ? askedMongoOrder(sort, type, after) : naturalMongoOrder(source, type, after);
  const answer = { ...ANSWER, ...Object.fromEntries(order.keyFields.map((field) => [field, 1])) };
  return {
    pipeline: [
      ...(asked ? sortedOf(source, order) : streamOf(source, order)),
      // MongoDB refuses a limit of 0.
      query.limit === 0 ? { $match: FALSE } : { $limit: query.limit },
      { $project: answer },
    ],
    keyFields: order.keyFields,
    // To sort all of a type by anything but its natural order, all of it is read.
    indexed: source.bounded || (isEverything(filter) && !asked),
  };
}

/** In natural order before the conditions that look at other documents: an index gives it, and the limit ends it. */
function streamOf({ match, checks }: MongoSource, { sort, after }: MongoOrder): MongoPart[] {
  return [{ $match: and([...match, after]) }, { $sort: sort }, ...checks];
}

/** The fewest possible are sorted. */
function sortedOf({ match, checks }: MongoSource, { computed, sort, after }: MongoOrder): MongoPart[] {
  const beyond = after === TRUE ? [] : [{ $match: after }];
  return [{ $match: and(match) }, ...checks, { $set: computed }, ...beyond, { $sort: sort }];
}

/** How many meet a filter, as the field `total` of the only answer; no answer: none. */
export function countMongo(type: string, filter: Filter, collection: string): MongoQuestion {
  const { match, checks, bounded } = mongoSourceOf(type, filter, collection);
  return {
    pipeline: [{ $match: and(match) }, ...checks, { $count: 'total' }],
    indexed: bounded || isEverything(filter),
  };
}
