/**
 * Databases of a MongoDB server as places for tests: each has a name of its own, and goes when its place is removed.
 * On the stand-in a new one costs some 50 ms with its collections and indexes, so that none is used twice.
 */
import type { MongoClient } from 'mongodb';
import type { Place } from './stores.js';

const PREFIX = 'fhir_slots_test_';
/** No run lasts as long: a database older than this is what a run left that was killed. */
const LEFTOVER_MS = 3_600_000;

/** Made new for each file of tests: with the number of the worker and the counter it makes a name unique. */
const startedMs = Date.now();
let places = 0;

/**
 * A database that does not exist yet. The first of each file of tests clears away what killed runs left.
 *
 * @param url of the server, without a database of its own: `mongodb://host:port/?option=value`
 */
export async function newMongoPlace(url: string): Promise<Place> {
  if (places === 0) await dropLeftovers(url);
  places += 1;
  const name = `${PREFIX}${startedMs}_${process.env['JEST_WORKER_ID'] ?? '0'}_${places}`;
  const { openMongo } = await import('../../server/store/mongo/index.js');
  return {
    open: () => openMongo(withDatabase(url, name)),
    remove: () => withClient(url, async (client) => void (await client.db(name).dropDatabase())),
  };
}

/** The URL with another database; all else of it stays. */
function withDatabase(url: string, name: string): string {
  const [, server = url, options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(url) ?? [];
  return `${server}/${name}${options}`;
}

async function dropLeftovers(url: string): Promise<void> {
  await withClient(url, async (client) => {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const old = databases.map(({ name }) => name).filter((name) => startedMs - madeMs(name) > LEFTOVER_MS);
    for (const name of old) await client.db(name).dropDatabase();
  });
}

/** When a database of a test was made, as its name says; never, for any other. */
function madeMs(name: string): number {
  return name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Infinity;
}

async function withClient(url: string, act: (client: MongoClient) => Promise<void>): Promise<void> {
  // Only where it is used: it takes a while to load, and most runs have no such server.
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(url);
  try {
    await act(client);
  } finally {
    await client.close();
  }
}
