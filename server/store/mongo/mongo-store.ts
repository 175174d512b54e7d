import type { Collection, Db } from 'mongodb';
import { fault } from '../../base/fault.js';
import type { Filter, Query } from '../../search/index.js';
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
import { AskedTogether } from './asked-together.js';
import { cellId, cellWritesOf, documentOfCell, keyOfCell } from './cells.js';
import type { Connection } from './connection.js';
import { faultOf } from './failures.js';
import { historyOf } from './historian.js';
import { DOCUMENTS, type Cell } from './layout.js';
import type { MongoTable } from './mongo-table.js';
import { commitAll, readSettled, type ProtocolDeps } from './protocol/index.js';
import { lookAtDatabase } from './schema.js';
import { Searcher, type StoreLog } from './searcher.js';
import { restoreVersions, scanVersions } from './transfer.js';
import { CALL_MS_MAX, withinTime } from './within-time.js';

/** What a commit may take beyond `CALL_MS_MAX` for each document that it writes: imports write hundreds at once. */
const DOCUMENT_MS_MAX = 20;

/** Copies of a store move many documents at once, and nobody waits for an answer. */
const TRANSFER_MS_MAX = 120_000;

/** What there is of a cell where only its revision matters. */
interface RevisionCell {
  readonly _id: string;
  readonly revision: number;
  readonly intent?: { readonly commit: string };
}

/** The store in a MongoDB database. Others write to it too, so nothing is remembered between calls. */
export class MongoStore implements Store {
  readonly #db: Db;
  readonly #documents: Collection<Cell>;
  readonly #table: MongoTable;
  readonly #searcher: Searcher;
  /** Every question for free times begins with the revisions of what it remembers. */
  readonly #revisions = new AskedTogether((ids) => withinTime(this.#readRevisions(ids)));
  readonly #underWay = new Set<Promise<unknown>>();
  #isOpen = true;

  constructor(
    private readonly connection: Connection,
    private readonly deps: ProtocolDeps & { readonly table: MongoTable },
    private readonly endings: readonly (() => Promise<unknown>)[],
    log: StoreLog,
  ) {
    this.#db = connection.db;
    this.#documents = this.#db.collection<Cell>(DOCUMENTS);
    this.#table = deps.table;
    this.#searcher = new Searcher(this.#db, (ids) => readSettled(this.deps, ids), log);
  }

  async read(key: DocumentKey): Promise<StoredDocument | undefined> {
    const [document] = await this.readMany([key]);
    return document;
  }

  readMany(keys: readonly DocumentKey[]): Promise<readonly (StoredDocument | undefined)[]> {
    return this.#use(async () => (await readSettled(this.deps, keys.map(cellId))).map(documentOfCell));
  }

  revisions(keys: readonly DocumentKey[]): Promise<readonly number[]> {
    return this.#use(async () => {
      const ids = keys.map(cellId);
      const revisions = await this.#revisions.of(ids);
      return ids.map((id) => revisions.get(id) ?? 0);
    });
  }

  async #readRevisions(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const projection = { revision: 1, 'intent.commit': 1 };
    const cells = await this.#documents.find<RevisionCell>({ _id: { $in: [...ids] } }, { projection }).toArray();
    const revisions = new Map(cells.map(({ _id, revision }) => [_id, revision]));
    const unsettled = cells.filter(({ intent }) => intent).map(({ _id }) => _id);
    const settled = unsettled.length > 0 ? await readSettled(this.deps, unsettled) : [];
    unsettled.forEach((id, at) => revisions.set(id, settled[at]?.revision ?? 0));
    return revisions;
  }

  version(key: DocumentKey, revision: number): Promise<StoredDocument | undefined> {
    return this.#use(async () => {
      const [current] = await readSettled(this.deps, [cellId(key)]);
      if (current?.revision === revision) return documentOfCell(current);
      if (!current || revision > current.revision) return undefined;
      return documentOfCell(await this.#table.version(cellId(key), revision));
    });
  }

  async commit(writes: readonly Write[]): Promise<CommitResult> {
    this.#refuseClosed();
    refuseTwice(writes);
    if (writes.length === 0) return { committed: true };
    const { changes, checks } = cellWritesOf(writes);
    const msMax = CALL_MS_MAX + writes.length * DOCUMENT_MS_MAX;
    return this.#use(async () => {
      const result = await commitAll(this.deps, changes, checks);
      return result.committed ? result : { committed: false, stale: result.stale.map(keyOfCell) };
    }, msMax);
  }

  search(query: Query): Promise<readonly Found[]> {
    return this.#use(() => this.#searcher.search(query));
  }

  count(type: string, filter: Filter): Promise<number> {
    return this.#use(() => this.#searcher.count(type, filter));
  }

  history(query: HistoryQuery): Promise<readonly StoredVersion[]> {
    return this.#use(() => historyOf(this.#db, (ids) => readSettled(this.deps, ids), query));
  }

  scan(place: string | undefined, limit: number): Promise<ScanPage> {
    const { patient } = this.connection;
    return this.#use(() => scanVersions(patient, (ids) => readSettled(this.deps, ids), place, limit), TRANSFER_MS_MAX);
  }

  restore(versions: readonly RestoredVersion[]): Promise<void> {
    return this.#use(() => restoreVersions(this.connection.patient, versions), TRANSFER_MS_MAX);
  }

  ping(): Promise<void> {
    return this.#use(() => lookAtDatabase(this.#db));
  }

  /** Waits for the commits that are under way, but not for a database that does not answer. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await withinTime(Promise.allSettled(this.#underWay)).catch(() => undefined);
    for (const end of this.endings) await withinTime(end()).catch(() => undefined);
    await this.connection.close();
  }

  /** Every call to the database goes through here: failures become Faults, and nobody waits for ever. */
  async #use<T>(call: () => Promise<T>, msMax?: number): Promise<T> {
    this.#refuseClosed();
    const answer = call();
    this.#underWay.add(answer);
    const forget = () => this.#underWay.delete(answer);
    answer.then(forget, forget);
    try {
      return await withinTime(answer, msMax);
    } catch (error) {
      throw faultOf(error);
    }
  }

  #refuseClosed(): void {
    if (!this.#isOpen) throw fault('unavailable', `The store ${this.connection.name} is closed.`);
  }
}
