import type { IndexValues } from '../../fhir/index.js';
import { sqlParamName, sqlValueOf, UNORDERED, validTimeOf } from '../../search/index.js';
import type { CommitResult, Put, RestoredVersion, Write } from '../index.js';
import type { Connection, Statement } from './connection.js';

interface Current {
  readonly row: number;
  readonly revision: number;
}

/** Index values that one statement inserts: longer lists take several. */
const VALUES_PER_INSERT_MAX = 16;

/** Makes the writes of one commit. Runs within a transaction that somebody else opens and ends. */
export class Writer {
  readonly #find: Statement;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #keepVersion: Statement;
  readonly #dropValues: Statement;
  readonly #dropVersions: Statement;
  readonly #drop: Statement;
  readonly #addParam: Statement;
  readonly #findParam: Statement;
  readonly #insertValues: readonly Statement[];
  readonly #insertTimed: Statement;
  readonly #dropTimed: Statement;
  readonly #paramNumbers = new Map<string, number>();

  constructor(connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql);
    this.#find = prepare('SELECT row, revision FROM resource WHERE type = ? AND id = ?');
    this.#insert = prepare(
      `INSERT INTO resource(type, id, revision, updated_ms, deleted, order_ms, order_text, text)
       VALUES (?, ?, 1, ?, ?, ?, ?, ?)`,
    );
    this.#update = prepare(
      `UPDATE resource SET revision = ?, updated_ms = ?, deleted = ?, order_ms = ?, order_text = ?, text = ?
       WHERE row = ?`,
    );
    // A store that was copied here may have brought a version of its history that is also the current one.
    this.#keepVersion = prepare(
      'INSERT OR IGNORE INTO version SELECT row, revision, updated_ms, deleted, text, type FROM resource WHERE row = ?',
    );
    this.#dropValues = prepare('DELETE FROM value WHERE row = ?');
    this.#dropTimed = prepare('DELETE FROM timed_value WHERE row = ?');
    this.#dropVersions = prepare('DELETE FROM version WHERE row = ?');
    this.#drop = prepare('DELETE FROM resource WHERE row = ?');
    this.#addParam = prepare('INSERT INTO param(name) VALUES (?) ON CONFLICT DO NOTHING');
    this.#findParam = prepare('SELECT param FROM param WHERE name = ?');
    this.#insertTimed = prepare(
      `INSERT INTO timed_value VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)`,
    );
    this.#insertValues = Array.from({ length: VALUES_PER_INSERT_MAX }, (_, at) =>
      prepare(`INSERT OR IGNORE INTO value(param, lo, hi, row) VALUES ${'(?, ?, ?, ?), '.repeat(at)}(?, ?, ?, ?)`),
    );
  }

  /** Takes the index values of a row away. */
  dropIndex(row: number): void {
    this.#dropValues.run(row);
    this.#dropTimed.run(row);
  }

  /** Judges all expectations before it writes anything, so a refused commit leaves nothing to undo. */
  apply(writes: readonly Write[]): CommitResult {
    const currents = writes.map((write) => this.#find.get(write.type, write.id) as Current | undefined);
    const stale = writes.filter((write, at) => (currents[at]?.revision ?? 0) !== write.expectedRevision);
    if (stale.length > 0) return { committed: false, stale: stale.map(({ type, id }) => ({ type, id })) };
    writes.forEach((write, at) => {
      const current = currents[at];
      if (write.kind === 'put') this.#put(write, current);
      if (write.kind === 'remove' && current) this.#remove(current.row);
    });
    return { committed: true };
  }

  /** Numbers given in a transaction that was undone are given to others later. */
  forgetParams(): void {
    this.#paramNumbers.clear();
  }

  /** Adds the index values of a row that has none. */
  index(row: number, { type, deleted, index, order }: Put | RestoredVersion): void {
    if (deleted) return;
    const cells = this.#cells(row, type, index, order.timeMs);
    const cellsMax = VALUES_PER_INSERT_MAX * CELLS_PER_VALUE;
    for (let from = 0; from < cells.length; from += cellsMax) {
      const part = cells.slice(from, from + cellsMax);
      this.#insertValues[part.length / CELLS_PER_VALUE - 1]?.run(...part);
    }
  }

  #put(put: Put, current: Current | undefined): void {
    const { timeMs, text: orderText } = put.deleted ? UNORDERED : put.order;
    const deleted = Number(put.deleted);
    if (!current) {
      const { lastInsertRowid } = this.#insert.run(
        put.type,
        put.id,
        put.updatedMs,
        deleted,
        timeMs,
        orderText,
        put.text,
      );
      this.index(Number(lastInsertRowid), put);
      return;
    }
    const { row, revision } = current;
    if (put.keepHistory) this.#keepVersion.run(row);
    this.dropIndex(row);
    this.#update.run(revision + 1, put.updatedMs, deleted, timeMs, orderText, put.text, row);
    this.index(row, put);
  }

  #remove(row: number): void {
    this.dropIndex(row);
    this.#dropVersions.run(row);
    this.#drop.run(row);
  }

  /**
   * The index values of a row that always hold, one after the other, as the columns of the table `value`. Those that
   * hold for a time are few, and inserted on the way.
   */
  #cells(row: number, type: string, index: IndexValues, timeMs: number | null): (string | number)[] {
    const cells: (string | number)[] = [];
    for (const [param, values] of Object.entries(index)) {
      if (values.length === 0) continue;
      const number = this.#paramNumber(sqlParamName(type, param));
      for (const value of values) {
        const { lo, hi } = sqlValueOf(value, timeMs);
        const time = validTimeOf(value);
        if (time) this.#insertTimed.run(row, number, lo, hi, time.fromMs, time.untilMs);
        else cells.push(number, lo, hi, row);
      }
    }
    return cells;
  }

  #paramNumber(name: string): number {
    const known = this.#paramNumbers.get(name);
    if (known !== undefined) return known;
    this.#addParam.run(name);
    const { param } = this.#findParam.get(name) as { param: number };
    this.#paramNumbers.set(name, param);
    return param;
  }
}

const CELLS_PER_VALUE = 4;
