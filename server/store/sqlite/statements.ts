import type { Connection, Statement } from './connection.js';

/** How many prepared statements are kept; searches can have any shape, so the least recently used goes. */
const STATEMENTS_MAX = 500;

/** Prepared statements by their text. */
export class Statements {
  readonly #kept = new Map<string, Statement>();

  constructor(readonly connection: Connection) {}

  of(sql: string): Statement {
    const known = this.#kept.get(sql);
    // Putting it in anew makes it the most recently used: a Map keeps the order of insertion.
    if (known) this.#kept.delete(sql);
    const statement = known ?? this.connection.prepare(sql);
    this.#kept.set(sql, statement);
    if (this.#kept.size > STATEMENTS_MAX) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return statement;
  }
}
