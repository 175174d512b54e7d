/** Preloaded into a server whose writes are wanted: it tells its parent of each commit that stood. */
import { serialize } from 'node:v8';
import type * as Mongo from '../../server/store/mongo/mongo-store.js';
import type * as Sqlite from '../../server/store/sqlite/sqlite-store.js';
import type { Store } from '../../server/store/index.js';

const { SqliteStore } = (await import(
  new URL('../../store/sqlite/sqlite-store.js', import.meta.url).href
)) as typeof Sqlite;
const { MongoStore } = (await import(
  new URL('../../store/mongo/mongo-store.js', import.meta.url).href
)) as typeof Mongo;

for (const { prototype } of [SqliteStore, MongoStore]) noteCommitsOf(prototype);

/** By the prototype, since a server does not hand out its store. */
function noteCommitsOf(prototype: Pick<Store, 'commit'>): void {
  const { commit } = prototype;
  prototype.commit = async function (this: Store, writes) {
    const result = await commit.call(this, writes);
    // Not as JSON, which has no infinite numbers.
    if (result.committed && writes.length > 0) process.send?.(serialize(writes).toString('base64'));
    return result;
  };
}
