/**
 * Databases of the server that TEST_MONGODB_URL names, each with a name of its own. They go when a test is over; what
 * killed runs left is cleared away by a later one.
 */
import { describe } from '@jest/globals';
import type { Db, MongoClient } from 'mongodb';

const SERVER = process.env['TEST_MONGODB_URL'];
const PREFIX = 'fhir_slots_test_';
/** No run lasts as long: a database older than this is what a run left that was killed. */
const LEFTOVER_MS = 3_600_000;

/** Made new for each file of tests: with the process and the counter it makes a name unique. */
const startedMs = Date.now();
let databases = 0;

/** `mongodb: …`, where a server is; else it is skipped, and says why. */
export function describeOnMongodb(what: string, tests: () => void): void {
  if (SERVER) describe(`mongodb: ${what}`, tests);
  else describe.skip(`mongodb: ${what} (skipped: TEST_MONGODB_URL is not set)`, tests);
}

/** The server, as `mongodb://host:port/?options`. */
export function serverUrl(): string {
  if (SERVER === undefined) throw new Error('TEST_MONGODB_URL is not set.');
  return SERVER;
}

/** A name that no other test has. */
export function newDatabaseName(): string {
  databases += 1;
  return `${PREFIX}${startedMs}_${process.pid}_${databases}`;
}

/** The URL of a database of the server: all else of it stays, hosts and options. */
export function databaseUrl(name: string): string {
  const [, server = '', options = ''] = /^([^/]+\/\/[^/?]+)[^?]*(\?.*)?$/.exec(serverUrl()) ?? [];
  return `${server}/${name}${options}`;
}

/** Looks at a database beside the store. */
export function withDatabase<T>(name: string, look: (db: Db) => Promise<T>): Promise<T> {
  return withClient((client) => look(client.db(name)));
}

export async function dropDatabase(name: string): Promise<void> {
  await withDatabase(name, (db) => db.dropDatabase());
}

/** Drops the databases of tests that ended long ago, and did not do so themselves. */
export async function dropLeftovers(): Promise<void> {
  await withClient(async (client) => {
    const { databases: all } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const old = all.map(({ name }) => name).filter((name) => startedMs - madeMs(name) > LEFTOVER_MS);
    for (const name of old) await client.db(name).dropDatabase();
  });
}

/** When a database of a test was made, as its name says; never, for any other. */
function madeMs(name: string): number {
  return name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Infinity;
}

async function withClient<T>(act: (client: MongoClient) => Promise<T>): Promise<T> {
  // Only where it is used: it takes a while to load, and most runs have no such server.
  const mongodb = await import('mongodb');
  const client = new mongodb.MongoClient(serverUrl());
  try {
    return await act(client);
  } finally {
    await client.close();
  }
}
