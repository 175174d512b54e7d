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

/**
 * Makes all of a step or, where it throws, nothing. IMMEDIATE, because a transaction that reads first and writes later
 * can be refused in spite of the timeout.
 */
export function inOneTransaction<T>(connection: Connection, step: () => T): T {
  run(connection, 'BEGIN IMMEDIATE');
  try {
    const made = step();
    run(connection, 'COMMIT');
    return made;
  } catch (thrown) {
    // A full disk or a failing one ends the transaction by itself.
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw thrown;
  }
}
