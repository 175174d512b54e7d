/** Databases of the server that TEST_MONGODB_URL names, each with a name of its own; they go when a test is over. */
import { describe } from '@jest/globals';
import { MongoClient, type Db } from 'mongodb';

const SERVER = process.env['TEST_MONGODB_URL'];
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

/** A name that no other test has; begins as those of `mongo-places.ts` do, which clear away what killed runs left. */
export function newDatabaseName(): string {
  databases += 1;
  return `fhir_slots_test_${startedMs}_${process.env['JEST_WORKER_ID'] ?? '0'}_g${process.pid}_${databases}`;
}

/** The URL of a database of the server. */
export function databaseUrl(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** Looks at a database beside the store. */
export async function withDatabase<T>(name: string, look: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(serverUrl());
  try {
    return await look(client.db(name));
  } finally {
    await client.close();
  }
}

export async function dropDatabase(name: string): Promise<void> {
  await withDatabase(name, async (db) => void (await db.dropDatabase()));
}
