import type { Db } from 'mongodb';
import { MONGO_INDEXES } from '../../search/index.js';
import type { StoreIndex } from '../index.js';
import { HISTORY_INDEXES } from './historian.js';
import { COMMITS, DOCUMENTS, HISTORY } from './layout.js';

/** One index as it should be. */
interface PlannedIndex {
  readonly collection: string;
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
}

/** All beside `_id`. Commit records are few; the sweeper looks for their deadlines without an index. */
const PLAN: readonly PlannedIndex[] = [
  ...MONGO_INDEXES.map((index) => ({ collection: DOCUMENTS, ...index })),
  ...HISTORY_INDEXES,
];

/** Makes the indexes that are missing. MongoDB builds them while reads and writes go on. */
export async function ensureIndexes(db: Db): Promise<void> {
  for (const { collection, key, ...options } of PLAN) {
    await db.collection(collection).createIndex({ ...key }, { ...options });
  }
}

/** The planned indexes and those that somebody added, each with its state. */
export async function indexStates(db: Db): Promise<readonly StoreIndex[]> {
  const found = await Promise.all([DOCUMENTS, HISTORY, COMMITS].map((collection) => indexesIn(db, collection)));
  const there = new Map(found.flat().map((index) => [`${index.collection} ${index.name}`, index]));
  const planned = PLAN.map(({ collection, name, key }): StoreIndex => {
    const index = there.get(`${collection} ${name}`);
    there.delete(`${collection} ${name}`);
    return { collection, name, key: keyText(key), state: index?.state ?? 'missing' };
  });
  const others = [...there.values()].filter(({ name }) => name !== '_id_');
  return [...planned, ...others.map((index): StoreIndex => ({ ...index, state: 'unknown to us' }))];
}

async function indexesIn(db: Db, collection: string): Promise<StoreIndex[]> {
  const collections = await db.listCollections({ name: collection }, { nameOnly: true }).toArray();
  if (collections.length === 0) return [];
  const indexes = await db.collection(collection).listIndexes().toArray();
  return indexes.map((index: Readonly<Record<string, unknown>>) => ({
    collection,
    name: String(index['name']),
    key: keyText(index['key'] as Readonly<Record<string, unknown>>),
    // Since MongoDB 4.4 an index that is being built is listed with `buildUUID` beside `spec`.
    state: index['buildUUID'] === undefined ? 'there' : 'building',
  }));
}

function keyText(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key)
    .map(([field, direction]) => `${field}: ${String(direction)}`)
    .join(', ');
}
