import { compareFound, evaluate, positionOf, type Query } from '../search/index.js';
import type { DocumentKey, Found, Put, Store, StoredDocument } from '../store/index.js';
import type { Draft } from './draft.js';

/**
 * The store as a draft leaves it: what it puts is read as if it were committed. So a decision may rest on what another
 * one of the same commit has made. Conditions on what a document refers to see the store alone.
 */
export function storeUnder(draft: Draft, store: Store): Store {
  async function read(key: DocumentKey, stored: StoredDocument | undefined): Promise<StoredDocument | undefined> {
    if (!draft.writes(key)) return stored;
    const left = await draft.get(key);
    return left && { ...left, revision: draft.revisionLeft(key) };
  }

  const own: Partial<Store> = {
    read: async (key) => read(key, await store.read(key)),
    readMany: async (keys) => {
      const stored = await store.readMany(keys);
      return Promise.all(keys.map((key, at) => read(key, stored[at])));
    },
    search: async (query) => {
      const found = await store.search(query);
      const staged = draft.staged(query.type).filter((put) => !put.deleted && meets(query, put));
      const kept = found.filter(({ document }) => !draft.writes(document));
      const order = compareFound(query.sort);
      return [...kept, ...staged.map((put) => foundOf(query, put))].sort((a, b) => order(a.position, b.position));
    },
    revisions: async (keys) => {
      const stored = await store.revisions(keys);
      return keys.map((key, at) => (draft.writes(key) ? draft.revisionLeft(key) : (stored[at] ?? 0)));
    },
  };
  return {
    ...{ version: (key, revision) => store.version(key, revision), commit: (writes) => store.commit(writes) },
    ...{ count: (type, filter) => store.count(type, filter), scan: (place, limit) => store.scan(place, limit) },
    history: (query) => store.history(query),
    ...{ restore: (versions) => store.restore(versions), ping: () => store.ping(), close: () => store.close() },
    ...own,
  } as Store;
}

function meets({ filter }: Query, put: Put): boolean {
  return evaluate(filter, put, () => false);
}

function foundOf({ type, sort }: Query, put: Put): Found {
  const { expectedRevision, ...document } = put;
  return { document: { ...document, revision: expectedRevision + 1 }, position: positionOf(type, sort, put) };
}
