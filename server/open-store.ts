import { fault } from './base/fault.js';
import type { Store } from './store/index.js';

const SQLITE = 'sqlite:';

/**
 * Opens the store that a URL names, loading only the driver it needs: `sqlite:./file.db`, `sqlite::memory:`.
 *
 * @throws {Fault} `invalid` for an unknown scheme, `unavailable` where the store cannot be opened
 */
export async function openStore(url: string): Promise<Store> {
  if (url.startsWith(SQLITE)) {
    const { openSqlite } = await import('./store/sqlite/index.js');
    return openSqlite(url.slice(SQLITE.length));
  }
  throw fault('invalid', `The store URL must begin with '${SQLITE}'.`);
}
