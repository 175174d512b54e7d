import { MongoClient, type Db } from 'mongodb';
import type * as Connecting from '../../server/store/mongo/connection.js';
import type { Bench } from '../bench.js';

/** What the store itself connects with, from dist: the bare driver has to keep the same promises. */
const { CLIENT_OPTIONS } = (await import(
  new URL('../../store/mongo/connection.js', import.meta.url).href
)) as typeof Connecting;

/** The database where the URL names none. */
const DATABASE_DEFAULT = 'fhir_slots';

/**
 * A database of a row's own, named after the one in the URL; it is dropped at the end of the row.
 *
 * @returns its URL
 * @throws {Error} where it holds documents: of an earlier run that was cut off, or of somebody else
 */
export async function newDatabase(bench: Bench, url: string, name: string): Promise<string> {
  const own = urlOf(url, name);
  const db = await openDriver(bench, own);
  for (const { name: collection } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    if (!(await db.collection(collection).findOne({}))) continue;
    throw new Error(`The database ${db.databaseName} holds documents: drop it, or name another one in --store.`);
  }
  bench.atEnd(() => db.dropDatabase());
  return own;
}

/** The bare driver on a database, with the options of the store; closed at the end of the row. */
export async function openDriver(bench: Bench, url: string): Promise<Db> {
  const client = await new MongoClient(url, CLIENT_OPTIONS).connect();
  bench.atEnd(() => client.close());
  return client.db();
}

/** The same URL, for a client that tells of its commands: see `watchCommands`. */
export function monitored(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}monitorCommands=true`;
}

function urlOf(url: string, name: string): string {
  const [, hosts, database, query] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? [];
  if (hosts === undefined) throw new Error('--store is a URL like mongodb://host:27017/database.');
  const parameters = query ? [query] : [];
  // A user is looked for in the database that the URL names, and that is another one now.
  if (hosts.includes('@') && !/\bauthSource=/i.test(query ?? '')) parameters.push(`authSource=${database || 'admin'}`);
  const rest = parameters.length > 0 ? `?${parameters.join('&')}` : '';
  return `${hosts}/${database || DATABASE_DEFAULT}_bench_${name}${rest}`;
}
