/** Stores by their URLs, for commands that run as processes of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../server/open-store.js';
import type { Store } from '../../server/store/index.js';
import { databaseUrl, dropDatabase, newDatabaseName } from '../store/mongo/databases.js';
import { fhirSlots } from './child.js';

/** Where a MongoDB server for tests is. */
const MONGODB_URL = process.env['TEST_MONGODB_URL'];

export type Kind = 'sqlite' | 'mongodb';

/** Every way from one kind to another that can be gone here; the name tells whether MongoDB takes part. */
export const WAYS = (
  [
    ['sqlite', 'sqlite'],
    ['sqlite', 'mongodb'],
    ['mongodb', 'sqlite'],
    ['mongodb', 'mongodb'],
  ] as const
)
  .filter(([from, to]) => MONGODB_URL || (from === 'sqlite' && to === 'sqlite'))
  .map(([from, to]) => {
    const on = from === to ? from : 'mongodb';
    return { name: `on ${on}: from ${from} to ${to}`, from, to };
  });

/** Places that go when the test has ended. */
export class StoreUrls {
  readonly folder = mkdtempSync(join(tmpdir(), 'fhir-slots-copy-'));
  readonly #databases: string[] = [];

  /** Of a store that is not there yet. */
  next(kind: Kind): string {
    const name = newDatabaseName();
    if (kind === 'sqlite') return `sqlite:${join(this.folder, `${name}.db`)}`;
    this.#databases.push(name);
    return databaseUrl(name);
  }

  async remove(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    for (const name of this.#databases) await dropDatabase(name);
  }
}

/** Does something with the store of a URL, which is closed afterwards. */
export async function within<T>(url: string, act: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(url);
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}

/** Runs a command to its end. */
export async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const child = fhirSlots(args, environment);
  child.process.stdin.end();
  const { code } = await child.ended;
  return { code, out: child.out(), err: child.err() };
}
