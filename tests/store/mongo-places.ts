/**
 * Databases of a MongoDB server as places for tests. On the stand-in a new one costs some 50 ms with its collections
 * and indexes, so that none is used twice.
 */
import { databaseUrl, dropDatabase, dropLeftovers, newDatabaseName } from './mongo/databases.js';
import type { Place } from './stores.js';

let isTidy = false;

/** A database that does not exist yet. The first of each file of tests clears away what killed runs left. */
export async function newMongoPlace(): Promise<Place> {
  if (!isTidy) await dropLeftovers();
  isTidy = true;
  const name = newDatabaseName();
  const { openMongo } = await import('../../server/store/mongo/index.js');
  return { open: () => openMongo(databaseUrl(name)), remove: () => dropDatabase(name) };
}
