import type { Db } from 'mongodb';
import type { RestoredVersion, ScanPage, StoredVersion } from '../index.js';
import { documentOfCell, restoredCell } from './cells.js';
import { unlessThere } from './failures.js';
import { DOCUMENTS, HISTORY, type Cell, type HistoryCell } from './layout.js';
import { historyCellOf } from './mongo-table.js';

/** Where a scan goes on: the collection, and the last `_id` that was given. */
type Place = readonly [collection: typeof DOCUMENTS | typeof HISTORY, after: string];

type Settled = (ids: readonly string[]) => Promise<readonly (Cell | undefined)[]>;

const FIRST: Place = [DOCUMENTS, ''];

/**
 * A page of all versions: first the current ones by `_id`, then the history.
 *
 * @param settled reads current cells anew with what unfinished commits decide about them
 */
export async function scanVersions(
  db: Db,
  settled: Settled,
  place: string | undefined,
  limit: number,
): Promise<ScanPage> {
  const [collection, after] = place === undefined ? FIRST : (JSON.parse(place) as Place);
  const page = <T extends Cell | HistoryCell>() =>
    db
      .collection<Cell | HistoryCell>(collection)
      .find<T>({ _id: { $gt: after } }, { limit, sort: { _id: 1 } })
      .toArray();
  const found = collection === DOCUMENTS ? await page<Cell>() : [];
  const older = collection === HISTORY ? await page<HistoryCell>() : [];
  const last = [...found, ...older].at(-1);
  const unsettled = found.some(({ intent }) => intent !== undefined);
  const cells = unsettled ? await settled(found.map(({ _id }) => _id)) : found;
  const versions = [...cells, ...(await replaced(older, settled))].flatMap((cell) =>
    versionOf(cell, collection === DOCUMENTS),
  );
  const isFull = found.length + older.length === limit;
  const next: Place | undefined = last && isFull ? [collection, last._id] : nextPart(collection);
  return { versions, ...(next && { next: JSON.stringify(next) }) };
}

/**
 * The copies whose document has moved on. A version is copied before it is replaced, so a writer that stopped between
 * the two has left a copy of the current one.
 */
async function replaced(copies: readonly HistoryCell[], settled: Settled): Promise<readonly HistoryCell[]> {
  if (copies.length === 0) return [];
  const documents = [...new Set(copies.map(({ document }) => document))];
  const cells = await settled(documents);
  const revisions = new Map(documents.map((document, at) => [document, cells[at]?.revision ?? 0]));
  // Without a document: the copy of a store was cut short before it came.
  return copies.filter(({ document, revision }) => revision < (revisions.get(document) || Infinity));
}

function nextPart(collection: Place[0]): Place | undefined {
  return collection === DOCUMENTS ? [HISTORY, ''] : undefined;
}

function versionOf(cell: Cell | HistoryCell | undefined, current: boolean): StoredVersion[] {
  const document = documentOfCell(cell);
  return document ? [{ ...document, current }] : [];
}

/** Writes versions as they are; those that are there already are replaced by the same. */
export async function restoreVersions(db: Db, versions: readonly RestoredVersion[]): Promise<void> {
  const current = versions.filter(({ current }) => current).map(restoredCell);
  const history = versions.filter((version) => !version.current).map((version) => historyCellOf(restoredCell(version)));
  const replacements = current.map((cell) => ({
    replaceOne: { filter: { _id: cell._id }, replacement: cell, upsert: true },
  }));
  if (replacements.length > 0) await db.collection<Cell>(DOCUMENTS).bulkWrite(replacements, { ordered: false });
  if (history.length > 0) {
    await unlessThere(db.collection<HistoryCell>(HISTORY).insertMany(history, { ordered: false }));
  }
}
