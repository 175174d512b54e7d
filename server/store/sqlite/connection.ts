import { DatabaseSync } from '@photostructure/sqlite';
import { fault } from '../../base/fault.js';
import { guarded } from './failures.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION, UPGRADES } from './schema.js';

export type Connection = InstanceType<typeof DatabaseSync>;
export type Statement = ReturnType<Connection['prepare']>;

export interface ConnectionOptions {
  /** How long a write waits for another process before it fails. Default `WAIT_MS_MAX`. */
  readonly waitMsMax?: number;
}

export const WAIT_MS_MAX = 5_000;
const CACHE_KIB = 32_768;

/**
 * Opens a file, or `:memory:`, and creates what it lacks: a file of an older version of ours is brought to this one.
 *
 * @throws {Fault} `unavailable` for a file that cannot be used, is not ours, or was made by a newer version
 */
export function openConnection(path: string, options: ConnectionOptions = {}): Connection {
  return guarded(path, () => {
    const connection = new DatabaseSync(path);
    try {
      // The timeout first: turning to WAL may meet another process that does the same.
      connection.exec(`PRAGMA busy_timeout = ${String(options.waitMsMax ?? WAIT_MS_MAX)}`);
      refuseForeign(connection, path);
      connection.exec('PRAGMA journal_mode = WAL');
      // In WAL mode SQLite's default loses the last commits when the power goes, and the setting is not in the file.
      connection.exec('PRAGMA synchronous = FULL');
      connection.exec(`PRAGMA cache_size = -${String(CACHE_KIB)}`);
      connection.exec('PRAGMA temp_store = MEMORY');
      createSchema(connection);
      return connection;
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
  });
}

/** One number that the file or the connection carries. */
export function pragma(connection: Connection, name: 'user_version' | 'application_id' | 'synchronous'): number {
  const row = connection.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name] ?? 0;
}

function refuseForeign(connection: Connection, path: string): void {
  const schemaVersion = pragma(connection, 'user_version');
  const ours = pragma(connection, 'application_id') === APPLICATION_ID;
  if (!ours && !isEmpty(connection)) {
    throw fault('unavailable', `The file ${path} is a database of another program. Name another file.`);
  }
  if (ours && schemaVersion > SCHEMA_VERSION) {
    throw fault(
      'unavailable',
      `The store ${path} has schema ${String(schemaVersion)}; this program knows ${String(SCHEMA_VERSION)}. ` +
        'Use a newer program.',
    );
  }
}

function isEmpty(connection: Connection): boolean {
  return connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

/** Two processes may open a new file at once: the one that gets the lock first creates the tables. */
function createSchema(connection: Connection): void {
  if (pragma(connection, 'user_version') === SCHEMA_VERSION) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    if (isEmpty(connection)) connection.exec(SCHEMA);
    for (let version = pragma(connection, 'user_version'); version < SCHEMA_VERSION; version++) {
      connection.exec(UPGRADES[version] ?? '');
    }
    connection.exec('COMMIT');
  } catch (thrown) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw thrown;
  }
}
