import { fault } from '../../base/fault.js';
import { countSql, toSql, type Filter, type Query, type SortKey } from '../../search/index.js';
import { refuseTwice } from '../index.js';
import type {
  CommitResult,
  DocumentKey,
  Found,
  HistoryQuery,
  RestoredVersion,
  ScanPage,
  Store,
  StoredDocument,
  StoredVersion,
  Write,
} from '../index.js';
import { atOneMoment, inOneTransaction } from './atomically.js';
import { CommitQueue } from './commit-queue.js';
import type { Connection, Statement } from './connection.js';
import { guarded } from './failures.js';
import { historyOf } from './historian.js';
import { Restorer } from './restorer.js';
import { RevisionMemory } from './revision-memory.js';
import { Scanner } from './scanner.js';
import { Statements } from './statements.js';
import { Writer } from './writer.js';

interface Row {
  readonly id: string;
  readonly revision: number;
  readonly updated_ms: number;
  readonly deleted: number;
  readonly text: string;
}

const READ = 'SELECT id, revision, updated_ms, deleted, text FROM resource WHERE type = ? AND id = ?';
const VERSION = `SELECT r.id, v.revision, v.updated_ms, v.deleted, v.text FROM resource AS r
  CROSS JOIN version AS v ON v.row = r.row WHERE r.type = ? AND r.id = ? AND v.revision = ?`;

/** The store on one connection. Other processes may write to the same file, so no document is remembered. */
export class SqliteStore implements Store {
  readonly #statements: Statements;
  readonly #queue: CommitQueue;
  readonly #revisions: RevisionMemory;
  readonly #readOne: Statement;
  readonly #writer: Writer;
  /** Made when a store is copied: no server needs them. */
  #scanner: Scanner | undefined;
  #restorer: Restorer | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
  ) {
    this.#statements = new Statements(connection);
    this.#revisions = new RevisionMemory(connection);
    this.#readOne = connection.prepare(READ);
    this.#writer = new Writer(connection);
    this.#queue = new CommitQueue(connection, this.#writer, path, (writes) => this.#revisions.forget(writes));
  }

  read(key: DocumentKey): Promise<StoredDocument | undefined> {
    return this.#use(() => this.#read(key));
  }

  readMany(keys: readonly DocumentKey[]): Promise<readonly (StoredDocument | undefined)[]> {
    return this.#use(() => this.#readAll(keys));
  }

  revisions(keys: readonly DocumentKey[]): Promise<readonly number[]> {
    return this.#use(() => this.#revisions.of(keys));
  }

  version(key: DocumentKey, revision: number): Promise<StoredDocument | undefined> {
    return this.#use(() => {
      const current = this.#read(key);
      if (current?.revision === revision) return current;
      return documentOf(key.type, this.#statements.of(VERSION).get(key.type, key.id, revision) as Row | undefined);
    });
  }

  async commit(writes: readonly Write[]): Promise<CommitResult> {
    this.#refuseClosed();
    refuseTwice(writes);
    return writes.length === 0 ? { committed: true } : await this.#queue.commit(writes);
  }

  search(query: Query): Promise<readonly Found[]> {
    return this.#use(() => {
      const { sql, parameters } = toSql(query);
      const keyNames = Array.from({ length: query.sort.length || 2 }, (_, at) => `k${String(at)}`);
      const rows = this.#statements.of(sql).all(...parameters) as (Row & Record<string, SortKey>)[];
      return rows.map((row) => ({
        document: { ...documentFrom(query.type, row), deleted: false },
        position: { keys: keyNames.map((name) => row[name] ?? null), id: row.id },
      }));
    });
  }

  count(type: string, filter: Filter): Promise<number> {
    return this.#use(() => {
      const { sql, parameters } = countSql(type, filter);
      return (this.#statements.of(sql).get(...parameters) as { total: number }).total;
    });
  }

  history(query: HistoryQuery): Promise<readonly StoredVersion[]> {
    return this.#use(() => atOneMoment(this.connection, () => historyOf(this.#statements, query)));
  }

  scan(place: string | undefined, limit: number): Promise<ScanPage> {
    return this.#use(() => (this.#scanner ??= new Scanner(this.connection)).page(place, limit));
  }

  restore(versions: readonly RestoredVersion[]): Promise<void> {
    return this.#use(() => {
      const restorer = (this.#restorer ??= new Restorer(this.connection, this.#writer));
      try {
        inOneTransaction(this.connection, () => {
          for (const version of versions) restorer.restore(version);
        });
      } catch (thrown) {
        this.#writer.forgetParams();
        throw thrown;
      } finally {
        this.#revisions.forget(versions);
      }
    });
  }

  async ping(): Promise<void> {
    await this.#use(() => this.#statements.of('SELECT count(*) FROM param').get() as unknown);
  }

  /** Makes the commits that still wait. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.connection.isOpen) {
        this.#queue.flush();
        this.connection.close();
      }
      resolve();
    });
  }

  /** The driver answers at once; what it throws becomes a rejection. */
  #use<T>(step: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#refuseClosed();
      resolve(guarded(this.path, step));
    });
  }

  #refuseClosed(): void {
    if (!this.connection.isOpen) throw fault('unavailable', `The store ${this.path} is closed.`);
  }

  #read({ type, id }: DocumentKey): StoredDocument | undefined {
    return documentOf(type, this.#readOne.get(type, id) as Row | undefined);
  }

  /** All from one state of the file; a lookup each is cheaper than one that joins a list of keys. */
  #readAll(keys: readonly DocumentKey[]): readonly (StoredDocument | undefined)[] {
    if (keys.length < 2) return keys.map((key) => this.#read(key));
    return atOneMoment(this.connection, () => keys.map((key) => this.#read(key)));
  }
}

function documentOf(type: string, row: Row | undefined): StoredDocument | undefined {
  return row && documentFrom(type, row);
}

function documentFrom(type: string, { id, revision, updated_ms, deleted, text }: Row): StoredDocument {
  return { type, id, revision, updatedMs: updated_ms, deleted: deleted === 1, text };
}
