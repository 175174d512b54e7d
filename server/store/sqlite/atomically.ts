import type { Connection, Statement } from './connection.js';

const VERBS = ['BEGIN', 'BEGIN IMMEDIATE', 'COMMIT', 'SAVEPOINT one', 'RELEASE one', 'ROLLBACK TO one'] as const;
type Verb = (typeof VERBS)[number];

const prepared = new WeakMap<Connection, ReadonlyMap<Verb, Statement>>();

/** Runs a verb of transactions, which is prepared once: each request needs some of them. */
export function run(connection: Connection, verb: Verb): void {
  const verbs = prepared.get(connection) ?? new Map(VERBS.map((one) => [one, connection.prepare(one)]));
  prepared.set(connection, verbs);
  verbs.get(verb)?.run();
}

/** Reads from one state of the file. */
export function atOneMoment<T>(connection: Connection, read: () => T): T {
  run(connection, 'BEGIN');
  try {
    return read();
  } finally {
    run(connection, 'COMMIT');
  }
}
