import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import {
  COMMITS,
  DOCUMENTS,
  HISTORY,
  isLiving,
  type Cell,
  type CommitRecord,
  type EmptyCell,
  type HistoryCell,
  type LivingCell,
} from './layout.js';
import { unlessThere } from './failures.js';
import type { CellWrite, Table } from './protocol/table.js';

type Intents = Parameters<Table['layIntents']>[0];

/** How long a server may look for a majority before it answers a read: without it, for ever. */
export const LINEARIZABLE_MS_MAX = 4_000;
/** From a server that makes sure that it is still the one in office. */
const LINEARIZABLE = { readConcern: { level: 'linearizable' }, maxTimeMS: LINEARIZABLE_MS_MAX } as const;

/**
 * Only a reading of one document is `linearizable`, and a load checks thousands: so many at once, that the others find
 * a connection in time.
 */
export const LATEST_TOGETHER_MAX = 20;

/** The operations of commits, each one round trip; those on several documents are one for each command they need. */
export class MongoTable implements Table {
  readonly #documents: Collection<Cell>;
  readonly #history: Collection<HistoryCell>;
  readonly #commits: Collection<CommitRecord>;

  constructor(db: Db) {
    this.#documents = db.collection<Cell>(DOCUMENTS);
    this.#history = db.collection<HistoryCell>(HISTORY);
    this.#commits = db.collection<CommitRecord>(COMMITS);
  }

  async insertRecord(record: CommitRecord): Promise<void> {
    await this.#commits.insertOne(record);
  }

  /**
   * Read as `linearizable`: a primary that was replaced and does not know it would say that a record is not there
   * which is, and its living commit would lose its intents.
   */
  async readRecord(commit: string): Promise<CommitRecord | undefined> {
    return (await this.#commits.findOne({ _id: commit }, LINEARIZABLE)) ?? undefined;
  }

  async turnRecord(commit: string, state: 'committed' | 'aborted'): Promise<boolean> {
    const { matchedCount } = await this.#commits.updateOne({ _id: commit, state: 'open' }, { $set: { state } });
    return matchedCount === 1;
  }

  async removeRecord(commit: string): Promise<void> {
    await this.#commits.deleteOne({ _id: commit });
  }

  async overdueRecords(beforeMs: number, limit: number): Promise<readonly CommitRecord[]> {
    return this.#commits.find({ deadlineMs: { $lt: beforeMs } }, { limit, sort: { deadlineMs: 1 } }).toArray();
  }

  async read(ids: readonly string[]): Promise<readonly (Cell | undefined)[]> {
    const [only] = ids;
    if (only === undefined) return [];
    if (ids.length === 1) return [(await this.#documents.findOne({ _id: only })) ?? undefined];
    const cells = await this.#documents.find({ _id: { $in: [...new Set(ids)] } }).toArray();
    const byId = new Map(cells.map((cell) => [cell._id, cell]));
    return ids.map((id) => byId.get(id));
  }

  /** As `read`, and never older than what was acknowledged before: for what a commit rests on without writing it. */
  async readLatest(ids: readonly string[]): Promise<readonly (Cell | undefined)[]> {
    const cells: (Cell | undefined)[] = [];
    const left = ids.entries();
    const readOn = async () => {
      for (const [at, _id] of left) cells[at] = (await this.#documents.findOne({ _id }, LINEARIZABLE)) ?? undefined;
    };
    await Promise.all(Array.from({ length: Math.min(ids.length, LATEST_TOGETHER_MAX) }, readOn));
    return cells;
  }

  /** In one order, whoever does it: some servers apply a bulk as a whole, and two of them could wait for each other. */
  async layIntents(asked: Intents): Promise<void> {
    const intents = [...asked].sort((a, b) => (a._id < b._id ? -1 : 1));
    const fresh = intents.filter(({ expectedRevision }) => expectedRevision === 0);
    const changed = intents.filter(({ expectedRevision }) => expectedRevision > 0);
    await Promise.all([
      this.#insertNew(fresh.map(({ _id, intent }): EmptyCell => ({ _id, revision: 0, intent }))),
      this.#bulk(
        changed.map(({ _id, expectedRevision, intent }) => ({
          updateOne: {
            filter: { _id, revision: expectedRevision, intent: { $exists: false } },
            update: { $set: { intent } },
          },
        })),
      ),
    ]);
  }

  async takeOff(commit: string, ids: readonly string[]): Promise<void> {
    const laid = { _id: { $in: [...ids] }, 'intent.commit': commit };
    await Promise.all([
      this.#documents.deleteMany({ ...laid, revision: 0 }),
      this.#documents.updateMany({ ...laid, revision: { $gt: 0 } }, { $unset: { intent: '' } }),
    ]);
  }

  /** The server copies the new content out of the intent, so whoever rolls forward needs to know nothing of it. */
  async rollForward(commit: string, ids: readonly string[]): Promise<void> {
    const laid = { _id: { $in: [...ids] }, 'intent.commit': commit };
    await Promise.all([
      this.#documents.updateMany({ ...laid, 'intent.next': { $exists: true } }, [
        { $replaceWith: { $mergeObjects: ['$intent.next', { _id: '$_id' }] } },
      ]),
      this.#documents.deleteMany({ ...laid, 'intent.next': { $exists: false } }),
    ]);
  }

  async keepVersions(cells: readonly Cell[]): Promise<void> {
    const versions = cells.filter(isLiving).map(historyCellOf);
    if (versions.length === 0) return;
    await unlessThere(this.#history.insertMany(versions, { ordered: false }));
  }

  async writeAlone(write: CellWrite): Promise<boolean> {
    const { _id, expectedRevision } = write;
    const expected = { _id, revision: expectedRevision, intent: { $exists: false } };
    if (write.kind === 'remove') return (await this.#documents.deleteOne(expected)).deletedCount === 1;
    if (expectedRevision === 0) return unlessThere(this.#documents.insertOne({ _id, ...write.next }));
    return (await this.#documents.replaceOne(expected, write.next)).matchedCount === 1;
  }

  async version(id: string, revision: number): Promise<HistoryCell | undefined> {
    return (await this.#history.findOne({ _id: versionId(id, revision) })) ?? undefined;
  }

  async #insertNew(cells: readonly EmptyCell[]): Promise<void> {
    if (cells.length > 0) await unlessThere(this.#documents.insertMany([...cells], { ordered: false }));
  }

  async #bulk(operations: readonly AnyBulkWriteOperation<Cell>[]): Promise<void> {
    if (operations.length > 0) await this.#documents.bulkWrite(operations, { ordered: false });
  }
}

/** What goes into the history of a cell. */
export function historyCellOf(cell: LivingCell): HistoryCell {
  const { _id, type, revision, updatedMs, deleted, text, commit } = cell;
  return { _id: versionId(_id, revision), document: _id, type, revision, updatedMs, deleted, text, commit };
}

function versionId(id: string, revision: number): string {
  return `${id}/${String(revision)}`;
}
