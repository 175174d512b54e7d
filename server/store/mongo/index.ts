/**
 * @module store/mongo
 *
 * The store in a MongoDB database, for any number of machines: standalone, replica set or sharded cluster. Commits of
 * several documents need no transactions of the database: see protocol/. The only place of the driver `mongodb`.
 *
 * May import: base, fhir types, search, store, mongodb. Imported by: open-store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { systemChance } from '../../base/chance.js';
import { systemClock, type Clock } from '../../base/clock.js';
import { newUuid } from '../../base/ids.js';
import type { Store, StoreIndex } from '../index.js';
import { connect, type Connection } from './connection.js';
import { faultOf } from './failures.js';
import { ensureIndexes, indexStates } from './indexes.js';
import { COMMITS, DOCUMENTS } from './layout.js';
import { MongoStore } from './mongo-store.js';
import { MongoTable } from './mongo-table.js';
import type { ProtocolDeps } from './protocol/index.js';
import { claimDatabase } from './schema.js';
import type { StoreLog } from './searcher.js';
import { Sweeper } from './sweeper.js';

export interface MongoOptions {
  /** Where unindexed searches and failures in the background are told. Default: nowhere. */
  readonly log?: StoreLog;
  readonly clock?: Clock;
}

const SILENT: StoreLog = { warn: () => undefined };

/**
 * Opens the store in a database, and prepares the database if it is empty. Indexes are made in the background.
 *
 * @param url `mongodb://…` or `mongodb+srv://…`; without the name of a database: `fhir_slots`
 * @throws {Fault} `invalid` for a URL that cannot be read; `unavailable` for a server that cannot be reached or
 *   used, and for a database that is not ours or was made by a newer version
 */
export async function openMongo(url: string, { log = SILENT, clock = systemClock }: MongoOptions = {}): Promise<Store> {
  const connection = await connectedTo(url);
  const table = new MongoTable(connection.db);
  const asides = new Set<Promise<void>>();
  const aside = (work: Promise<void>) => {
    asides.add(work);
    void work.finally(() => asides.delete(work));
  };
  const deps: ProtocolDeps & { table: MongoTable } = {
    table,
    clock,
    pause: (ms) => pause(ms),
    newId: newUuid,
    random: systemChance,
    aside,
  };
  const sweeper = new Sweeper(deps, log);
  const indexing = ensureIndexes(connection.patient).catch((error: unknown) => {
    log.warn({ err: faultOf(error) }, 'Indexes could not be made; searches may be slow until the next start.');
  });
  const endings = [() => sweeper.stop(), () => Promise.all(asides), () => indexing];
  return new MongoStore(connection, deps, endings, log);
}

/** The indexes of the store in a database, each with its state. @throws {Fault} as `openMongo` */
export async function indexesOf(url: string): Promise<readonly StoreIndex[]> {
  return withConnection(url, ({ patient }) => indexStates(patient));
}

/**
 * What commits have left in a database: documents with an intent, and commit records. Both are 0 where nothing is under
 * way and the sweeper of a server has run. Reads all documents: for proofs.
 */
export async function leftoversOf(url: string): Promise<{ readonly intents: number; readonly records: number }> {
  return withConnection(url, async ({ patient }) => ({
    intents: await patient.collection(DOCUMENTS).countDocuments({ intent: { $exists: true } }),
    records: await patient.collection(COMMITS).countDocuments({}),
  }));
}

async function withConnection<T>(url: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connect(url);
  try {
    return await use(connection);
  } catch (error) {
    throw faultOf(error);
  } finally {
    await connection.close();
  }
}

async function connectedTo(url: string): Promise<Connection> {
  const connection = await connect(url);
  try {
    await claimDatabase(connection.db, connection.name);
    return connection;
  } catch (error) {
    await connection.close();
    throw faultOf(error);
  }
}
