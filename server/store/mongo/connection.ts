import { MongoClient, type Db, type MongoClientOptions } from 'mongodb';
import { fault } from '../../base/fault.js';
import { faultOf, MONGODB_LEAST } from './failures.js';
import { reviveWhenStuck } from './revive.js';
import { withinTime } from './within-time.js';

/** The database where the URL names none; the driver itself would take `test`. */
const DATABASE_DEFAULT = 'fhir_slots';

/** What `MONGODB_LEAST` speaks. https://github.com/mongodb/specifications/blob/master/source/wireversion-featurelist */
const WIRE_VERSION_LEAST = 17;

/** How long an operation waits for a server that takes it. Callers get their 503 within 5 s: see `within-time.ts`. */
export const SERVER_SELECTION_MS_MAX = 3_000;
/** How long a connection may take to be made, and a look at a server (`LOOK_EVERY_MS`) to be answered. */
export const CONNECT_MS_MAX = 3_000;
/**
 * How often the driver looks whether a server answers. When one does not, it gives up every connection to it, also
 * those that wait for an answer: so none of them stands in the way when the server is back.
 */
const LOOK_EVERY_MS = 2_000;
/**
 * A connection on which an answer is waited for so long is given up: longer than a call may take (`CALL_MS_MAX`), and
 * shorter than commit records stay for what is still on its way (`SETTLE_MS`).
 */
export const SOCKET_SILENT_MS_MAX = 7_000;
/** Networks forget connections that are not used, and some of them tell nobody. */
export const SOCKET_IDLE_MS_MAX = 60_000;
export const POOL_SIZE_MAX = 50;
/** For work that nobody waits for: see `Connection.patient`. */
const PATIENT_POOL_SIZE_MAX = 8;
/** How long a server may try to have a write on a majority of its members before it says that it is not. */
export const MAJORITY_MS_MAX = 4_000;

/**
 * What every connection is opened with; it wins over what the URL says, since the promises of a store rest on it. Each
 * option has the name that it has in a URL: one of another name would be joined with that of the URL, and lose.
 *
 * - Writes: acknowledged by a majority and in the journal, so an acknowledged one is never rolled back; repeated once
 *   by the driver where the server knows how.
 * - Reads: from the primary, and only what a majority has, so nothing is shown that may yet be rolled back.
 * - Values: numbers are numbers.
 */
export const CLIENT_OPTIONS = {
  appName: 'fhir-slots',
  w: 'majority',
  journal: true,
  wtimeoutMS: MAJORITY_MS_MAX,
  readConcernLevel: 'majority',
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  raw: false,
  promoteValues: true,
  promoteLongs: true,
  useBigInt64: false,
  serverSelectionTimeoutMS: SERVER_SELECTION_MS_MAX,
  connectTimeoutMS: CONNECT_MS_MAX,
  heartbeatFrequencyMS: LOOK_EVERY_MS,
  socketTimeoutMS: SOCKET_SILENT_MS_MAX,
  waitQueueTimeoutMS: SERVER_SELECTION_MS_MAX,
  maxIdleTimeMS: SOCKET_IDLE_MS_MAX,
  maxPoolSize: POOL_SIZE_MAX,
} as const satisfies MongoClientOptions;

/** An index of many documents takes minutes in which nothing is heard; a server that is gone is noticed by looking. */
const PATIENT_OPTIONS = {
  ...CLIENT_OPTIONS,
  socketTimeoutMS: 0,
  maxPoolSize: PATIENT_POOL_SIZE_MAX,
} as const satisfies MongoClientOptions;

/** A database that answers, is new enough, and can be written. */
export interface Connection {
  readonly db: Db;
  /** The same database for what may take minutes: indexes, copies, counts of everything. Connects when it is used. */
  readonly patient: Db;
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
  const client = clientFor(url, CLIENT_OPTIONS);
  const patient = clientFor(url, PATIENT_OPTIONS);
  const name = client.options.hosts.map(String).join(',');
  const watches = [client, patient].map((one) => reviveWhenStuck(one));
  const close = async () => {
    for (const endWatch of watches) endWatch();
    await Promise.all([client.close(), patient.close()]);
  };
  try {
    const database = databaseOf(client);
    const db = client.db(database);
    await withinTime(refuseUnfit(name, db));
    return { db, patient: patient.db(database), name: `mongodb://${name}/${database}`, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw faultOf(error);
  }
}

function clientFor(url: string, options: MongoClientOptions): MongoClient {
  try {
    return new MongoClient(url, options);
  } catch (error) {
    // What the driver says of a URL may quote it, its secret included.
    throw fault('invalid', 'This is no MongoDB URL: write mongodb://host:27017/database.', undefined, error);
  }
}

function databaseOf(client: MongoClient): string {
  return client.options.dbName === 'test' ? DATABASE_DEFAULT : client.options.dbName;
}

async function refuseUnfit(name: string, db: Db): Promise<void> {
  const hello = await db.admin().command({ hello: 1 });
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
  // `hello` is answered before the password is looked at.
  await db.command({ listCollections: 1, nameOnly: true, cursor: { batchSize: 1 } });
}
