import { setTimeout } from 'node:timers/promises';
import type { Findings } from './workload.js';

/** What the store of MongoDB can tell of itself. */
interface MongoStore {
  readonly leftoversOf: (url: string) => Promise<{ readonly intents: number; readonly records: number }>;
}

const MONGO = 'mongodb';
const SQLITE = 'sqlite:';
const LOOK_MS = 250;
/** Later than any deadline and any round of a sweeper. */
const LEFTOVERS_MS_MAX = 60_000;

/**
 * Whether a store is clean some time after the last commit, whoever was killed: in MongoDB no intent and no commit
 * record is left, an SQLite file is sound.
 */
export async function leftoversAt(url: string): Promise<Findings> {
  if (url.startsWith(MONGO)) return mongoLeftovers(url);
  if (url.startsWith(SQLITE)) return sqliteDamage(url.slice(SQLITE.length));
  return { offences: [], notes: [] };
}

async function mongoLeftovers(url: string): Promise<Findings> {
  const place = new URL('../../store/mongo/index.js', import.meta.url).href;
  const { leftoversOf } = (await import(place)) as MongoStore;
  const startedMs = performance.now();
  const waitedMs = () => performance.now() - startedMs;
  let left = await leftoversOf(url);
  while (left.intents + left.records > 0 && waitedMs() < LEFTOVERS_MS_MAX) {
    await setTimeout(LOOK_MS);
    left = await leftoversOf(url);
  }
  const { intents, records } = left;
  const seconds = (waitedMs() / 1_000).toFixed(1);
  if (intents + records === 0) return { offences: [], notes: [`no intent and no record was left after ${seconds} s`] };
  return {
    offences: [`After ${seconds} s there are left: intents ${String(intents)}, commit records ${String(records)}.`],
    notes: [],
  };
}

/** https://sqlite.org/pragma.html#pragma_integrity_check */
async function sqliteDamage(path: string): Promise<Findings> {
  const { DatabaseSync } = await import('@photostructure/sqlite');
  const connection = new DatabaseSync(path);
  try {
    const rows = connection.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    const damage = rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    if (damage.length === 0) return { offences: [], notes: ['the file is sound'] };
    return { offences: damage.map((text) => `The file is damaged: ${text}`), notes: [] };
  } finally {
    connection.close();
  }
}
