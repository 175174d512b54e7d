import type { Caller } from '../booking/index.js';
import type { Store } from '../store/index.js';
import { documentOfKey, recordOf } from './key-record.js';

/**
 * Whom a key stands for; undefined for one that nobody made, or that was revoked. The store is asked each time, so that
 * a revoked key stops at once, on every server of the store.
 */
export async function callerOfKey(store: Pick<Store, 'read'>, key: string): Promise<Caller | undefined> {
  const record = recordOf(await store.read(documentOfKey(key)));
  if (!record || record.revokedMs !== undefined) return undefined;
  const { name, rights, kind } = record;
  return { name, rights, ...(kind && { kind }) };
}
