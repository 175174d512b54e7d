import type { Db } from 'mongodb';
import type { RestoredVersion, ScanPage, StoredVersion } from '../index.js';
import { documentOfCell, restoredCell } from './cells.js';
import { unlessThere } from './failures.js';
import { DOCUMENTS, HISTORY, type Cell, type HistoryCell } from './layout.js';
import { historyCellOf } from './mongo-table.js';

/** Where a scan goes on: the collection, and the last `_id` that was given. */
type Place = readonly [collection: typeof DOCUMENTS | typeof HISTORY, after: string];

const FIRST: Place = [DOCUMENTS, ''];

/**
 * A page of all versions: first the current ones by `_id`, then the history.
 *
 * @param settled reads current cells anew with what unfinished commits decide about them
 */
export async function scanVersions(
  db: Db,
  settled: (ids: readonly string[]) => Promise<readonly (Cell | undefined)[]>,
  place: string | undefined,
  limit: number,
): Promise<ScanPage> {
  const [collection, after] = place === undefined ? FIRST : (JSON.parse(place) as Place);
  const found = await db
    .collection<Cell | HistoryCell>(collection)
    .find({ _id: { $gt: after } }, { limit, sort: { _id: 1 } })
    .toArray();
  const last = found.at(-1);
  const unsettled = found.some((cell) => 'intent' in cell);
  const cells = unsettled ? await settled(found.map(({ _id }) => _id)) : found;
  const versions = cells.flatMap((cell) => versionOf(cell, collection === DOCUMENTS));
  const next: Place | undefined = last && found.length === limit ? [collection, last._id] : nextPart(collection);
  return { versions, ...(next && { next: JSON.stringify(next) }) };
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
