/** An index as MongoDB's createIndexes takes it, but for the collection. */
export interface MongoIndexPlan {
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly partialFilterExpression: Readonly<Record<string, boolean>>;
}

/** Only what searches can find, and every search names it: MongoDB takes a partial index for no other question. */
const UNDELETED = { deleted: false } as const;

/**
 * The indexes of the documents beside that of `_id`. In both, what comes after the equal fields is the natural order,
 * so that a stretch of it is one range and a page is read to its end and no further. `keys` is the only array: MongoDB
 * then keeps exact bounds for the fields after it (https://www.mongodb.com/docs/manual/core/multikey-index-bounds/).
 */
export const MONGO_INDEXES: readonly MongoIndexPlan[] = [
  {
    name: 'in_order',
    key: { type: 1, timeMs: 1, orderText: 1, _id: 1 },
    partialFilterExpression: UNDELETED,
  },
  {
    name: 'by_key',
    key: { keys: 1, timeMs: 1, orderText: 1, _id: 1 },
    partialFilterExpression: UNDELETED,
  },
];
