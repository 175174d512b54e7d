/**
 * @module store/sqlite
 *
 * The store in one SQLite file, for one machine; several processes may use the file. Each acknowledged commit is on
 * the disk. The only place of the driver `@photostructure/sqlite`, whose API is that of `node:sqlite`.
 *
 * May import: base, fhir types, search, store, @photostructure/sqlite. Imported by: open-store.
 */
import type { Store } from '../index.js';
import { openConnection, type ConnectionOptions } from './connection.js';
export { indexesOfFile } from './indexes.js';
import { SqliteStore } from './sqlite-store.js';

/**
 * Opens a store, and creates it if the file is not there.
 *
 * @param path of the file, or `:memory:` for a store that ends with the process
 * @throws {Fault} `unavailable` for a file that cannot be used, is not ours, or was made by a newer version
 */
export function openSqlite(path: string, options: ConnectionOptions = {}): Store {
  return new SqliteStore(openConnection(path, options), path);
}
