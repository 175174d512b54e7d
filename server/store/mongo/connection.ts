import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { fault } from '../../base/fault.js';
import { faultOf } from './failures.js';

/** The database where the URL names none; the driver itself would take `test`. */
const DATABASE_DEFAULT = 'fhir_slots';

/** MongoDB 6.0: the least that we know how to use. https://github.com/mongodb/specifications, wire version 17. */
const WIRE_VERSION_LEAST = 17;
const MONGODB_LEAST = '6.0';

/** How long an operation waits for a server that takes it. Callers get their 503 within 5 s: see `within-time.ts`. */
const SERVER_SELECTION_MS_MAX = 3_000;
const CONNECT_MS_MAX = 3_000;
/** A connection on which nothing is heard for so long is given up. */
const SOCKET_SILENT_MS_MAX = 30_000;
const POOL_SIZE_MAX = 50;

/**
 * What every connection is opened with; it wins over what the URL says, since the promises of a store rest on it.
 *
 * - Writes: acknowledged by a majority and in the journal, so an acknowledged one is never rolled back; repeated once
 *   by the driver where the server knows how.
 * - Reads: from the primary, and only what a majority has, so nothing is shown that may yet be rolled back.
 */
export const CLIENT_OPTIONS = {
  appName: 'fhir-slots',
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: SERVER_SELECTION_MS_MAX,
  connectTimeoutMS: CONNECT_MS_MAX,
  socketTimeoutMS: SOCKET_SILENT_MS_MAX,
  waitQueueTimeoutMS: SERVER_SELECTION_MS_MAX,
  maxPoolSize: POOL_SIZE_MAX,
} as const satisfies MongoClientOptions;

/** A database that answers, is new enough, and can be written. */
export interface Connection {
  readonly db: Db;
  /** The URL without its secret, for messages. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Connects, and looks whether this is a server to work with.
 *
 * @throws {Fault} `invalid` for a URL that cannot be read, `unavailable` for a server that cannot be used, saying why
 */
export async function connect(url: string): Promise<Connection> {
  const client = clientFor(url);
  const name = `${client.options.hosts.map(String).join(',')}`;
  const close = () => client.close();
  try {
    const db = client.db(databaseOf(client));
    const hello = await client.db('admin').command({ hello: 1 });
    refuseUnfit(name, hello);
    // `hello` is answered before the password is looked at.
    await db.command({ listCollections: 1, nameOnly: true, cursor: { batchSize: 1 } });
    return { db, name: `mongodb://${name}/${db.databaseName}`, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw faultOf(error);
  }
}

function clientFor(url: string): MongoClient {
  try {
    return new MongoClient(url, CLIENT_OPTIONS);
  } catch (error) {
    // What the driver says of a URL may quote it, its secret included.
    throw fault('invalid', 'This is no MongoDB URL: write mongodb://host:27017/database.', undefined, error);
  }
}

function databaseOf(client: MongoClient): string {
  return client.options.dbName === 'test' ? DATABASE_DEFAULT : client.options.dbName;
}

function refuseUnfit(name: string, hello: Readonly<Record<string, unknown>>): void {
  const wireVersion = Number(hello['maxWireVersion'] ?? 0);
  if (wireVersion < WIRE_VERSION_LEAST) {
    throw fault('unavailable', `The MongoDB server ${name} is too old: ${MONGODB_LEAST} or later is needed.`);
  }
  if (hello['isWritablePrimary'] !== true || hello['readOnly'] === true) {
    throw fault(
      'unavailable',
      `The MongoDB server ${name} can only be read. Name the primary, or all members with ?replicaSet=.`,
    );
  }
}
