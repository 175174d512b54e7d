import { existsSync } from 'node:fs';
import { fault } from './base/fault.js';
import type { Store, StoreIndex } from './store/index.js';

const SQLITE = 'sqlite:';
const SQLITE_MEMORY = ':memory:';
const MONGODB = /^mongodb(?:\+srv)?:\/\//;

export interface OpenStoreOptions {
  /** Told of what happens beside the requests: a lost connection, an index that cannot be made. */
  readonly log?: { warn(fields: object, message: string): void };
  /** Whether a store that is not there is refused instead of made, as far as that can be seen from outside. */
  readonly existing?: boolean;
}

/**
 * Opens the store that a URL names, loading only the driver it needs: `sqlite:./file.db`, `sqlite::memory:`,
 * `mongodb://host:27017/database`.
 *
 * @throws {Fault} `invalid` for an unknown scheme, `unavailable` where the store cannot be opened
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  if (MONGODB.test(url)) {
    const { openMongo } = await import('./store/mongo/index.js');
    return openMongo(url, options.log ? { log: options.log } : {});
  }
  const path = sqlitePathOf(url);
  if (options.existing) refuseMissing(path);
  const { openSqlite } = await import('./store/sqlite/index.js');
  return openSqlite(path);
}

/**
 * The indexes of the store that a URL names: those that it should have, and those that somebody added.
 *
 * @throws {Fault} as `openStore`, and `unavailable` where there is no such store
 */
export async function indexesOf(url: string): Promise<readonly StoreIndex[]> {
  if (MONGODB.test(url)) return (await import('./store/mongo/index.js')).indexesOf(url);
  const path = sqlitePathOf(url);
  refuseMissing(path);
  return (await import('./store/sqlite/index.js')).indexesOfFile(path);
}

function sqlitePathOf(url: string): string {
  if (url.startsWith(SQLITE)) return url.slice(SQLITE.length);
  throw fault('invalid', `The store URL must begin with '${SQLITE}', 'mongodb://' or 'mongodb+srv://'.`);
}

function refuseMissing(path: string): void {
  if (path !== SQLITE_MEMORY && !existsSync(path)) throw fault('unavailable', `There is no file ${path}.`);
}
