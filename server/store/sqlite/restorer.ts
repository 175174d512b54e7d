import { UNORDERED } from '../../search/index.js';
import type { RestoredVersion } from '../index.js';
import type { Connection, Statement } from './connection.js';
import type { Writer } from './writer.js';

/**
 * Writes versions as they are. Runs within a transaction that somebody else opens and ends. A version of the history
 * that comes before the current one waits under a row of revision 0, which the current one then takes.
 */
export class Restorer {
  readonly #find: Statement;
  readonly #holdPlace: Statement;
  readonly #setCurrent: Statement;
  readonly #setVersion: Statement;

  constructor(
    connection: Connection,
    private readonly writer: Writer,
  ) {
    this.#find = connection.prepare('SELECT row FROM resource WHERE type = ? AND id = ?');
    this.#holdPlace = connection.prepare(
      `INSERT INTO resource(type, id, revision, updated_ms, deleted, order_ms, order_text, text)
       VALUES (?, ?, 0, 0, 1, NULL, '', '')`,
    );
    this.#setCurrent = connection.prepare(
      `UPDATE resource SET revision = ?, updated_ms = ?, deleted = ?, order_ms = ?, order_text = ?, text = ?
       WHERE row = ?`,
    );
    this.#setVersion = connection.prepare('INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** Writing a version again changes nothing. */
  restore(version: RestoredVersion): void {
    const { type, id, revision, updatedMs, text, order } = version;
    const found = this.#find.get(type, id) as { row: number } | undefined;
    const row = found?.row ?? Number(this.#holdPlace.run(type, id).lastInsertRowid);
    const deleted = Number(version.deleted);
    if (!version.current) {
      this.#setVersion.run(row, revision, updatedMs, deleted, text, type);
      return;
    }
    if (found) this.writer.dropIndex(row);
    const { timeMs, text: orderText } = version.deleted ? UNORDERED : order;
    this.#setCurrent.run(revision, updatedMs, deleted, timeMs, orderText, text, row);
    this.writer.index(row, version);
  }
}
