import type { Db, Filter } from 'mongodb';
import { versionsInOrder, type HistoryQuery, type StoredVersion } from '../index.js';
import { cellId, documentOfCell } from './cells.js';
import { DOCUMENTS, HISTORY, type Cell, type HistoryCell, type LivingCell } from './layout.js';
import { SEARCH_MS_MAX, TRIES_MAX } from './searcher.js';

/** Reads documents anew with what unfinished commits decide about them. */
type Settle = (ids: readonly string[]) => Promise<readonly (LivingCell | undefined)[]>;

/** The indexes by which versions of a type are read in the order of their time, deletions too. */
export const HISTORY_INDEXES = [
  { collection: DOCUMENTS, name: 'by_time', key: { type: 1, updatedMs: 1, _id: 1 } },
  { collection: HISTORY, name: 'by_time', key: { type: 1, updatedMs: 1, document: 1, revision: 1 } },
] as const;

/**
 * Versions of one type, the newest first. The current ones are read before their history: a version that is replaced
 * in between is then met twice, and not never.
 */
export async function historyOf(db: Db, settle: Settle, query: HistoryQuery): Promise<readonly StoredVersion[]> {
  const current = await currentOf(db, settle, query);
  const options = { limit: query.limit, maxTimeMS: SEARCH_MS_MAX };
  const way = query.before ? 1 : -1;
  const older = await db
    .collection<HistoryCell>(HISTORY)
    .find(olderFilter(query), {
      ...options,
      sort: [
        ['updatedMs', way],
        ['document', way],
        ['revision', way],
      ],
    }) // prettier-ignore
    .toArray();
  const versions = older.flatMap((cell) => versionOf(cell, false));
  return versionsInOrder([...current, ...versions], query);
}

async function currentOf(db: Db, settle: Settle, query: HistoryQuery): Promise<readonly StoredVersion[]> {
  const { type, id, limit } = query;
  if (id !== undefined) {
    const [cell] = await settle([cellId({ type, id })]);
    return versionOf(cell, true).filter((version) => isWanted(version, query));
  }
  const options = { limit, maxTimeMS: SEARCH_MS_MAX, projection: { values: 0, keys: 0 } };
  for (let tries = 1; ; tries++) {
    const cells = await db
      .collection<Cell>(DOCUMENTS)
      .find<LivingCell>(currentFilter(query), {
        ...options,
        sort: [
          ['updatedMs', query.before ? 1 : -1],
          ['_id', query.before ? 1 : -1],
        ],
      }) // prettier-ignore
      .toArray();
    const held = cells.filter(({ intent }) => intent !== undefined);
    if (held.length === 0 || tries === TRIES_MAX || !(await hasChanged(held, settle))) {
      return cells.flatMap((cell) => versionOf(cell, true));
    }
  }
}

async function hasChanged(held: readonly LivingCell[], settle: Settle): Promise<boolean> {
  const settled = await settle(held.map(({ _id }) => _id));
  return held.some(({ revision }, at) => settled[at]?.revision !== revision);
}

function isWanted({ updatedMs, revision }: StoredVersion, query: HistoryQuery): boolean {
  const { sinceMs = -Infinity, untilMs = Infinity, after, before } = query;
  const isThere = revision < (after?.revision ?? Infinity) && revision > (before?.revision ?? 0);
  return updatedMs >= sinceMs && updatedMs <= untilMs && isThere;
}

function currentFilter(query: HistoryQuery): Filter<Cell> {
  const { type } = query;
  const place = placeOf(query);
  const beyond = place && [
    { updatedMs: place.beyond(place.updatedMs) },
    // Of each document, one version is the current one: it comes beyond the place only by its own revision.
    { updatedMs: place.updatedMs, _id: place.beyond(place.cell) },
    { updatedMs: place.updatedMs, _id: place.cell, revision: place.beyond(place.revision) },
  ];
  return { type, updatedMs: timeOf(query), ...(beyond && { $or: beyond }) };
}

/** Where the wanted versions begin, and what lies beyond it on the way that is asked for. */
function placeOf({ type, after, before }: HistoryQuery) {
  const place = after ?? before;
  if (!place) return undefined;
  const beyond = <T>(value: T) => (after ? { $lt: value } : { $gt: value });
  return { ...place, cell: cellId({ type, id: place.id }), beyond };
}

/** Versions of one document have no index but that of their `_id`, which begins with its. */
function olderFilter(query: HistoryQuery): Filter<HistoryCell> {
  const { type, id } = query;
  const updatedMs = timeOf(query);
  const place = placeOf(query);
  if (id !== undefined) {
    const document = cellId({ type, id });
    const range = { $gt: `${document}/`, $lt: `${document}0` };
    return { _id: range, updatedMs, ...(place && { revision: place.beyond(place.revision) }) };
  }
  const beyond = place && [
    { updatedMs: place.beyond(place.updatedMs) },
    { updatedMs: place.updatedMs, document: place.beyond(place.cell) },
    { updatedMs: place.updatedMs, document: place.cell, revision: place.beyond(place.revision) },
  ];
  return { type, updatedMs, ...(beyond && { $or: beyond }) };
}

function timeOf({ sinceMs, untilMs, after, before }: HistoryQuery): { $gte?: number; $lte: number } {
  const until = Math.min(untilMs ?? Infinity, after?.updatedMs ?? Infinity, Number.MAX_SAFE_INTEGER);
  const since = Math.max(sinceMs ?? -Infinity, before?.updatedMs ?? -Infinity);
  return { ...(since > -Infinity && { $gte: since }), $lte: until };
}

function versionOf(cell: LivingCell | HistoryCell | undefined, current: boolean): StoredVersion[] {
  const document = documentOfCell(cell);
  return document ? [{ ...document, current }] : [];
}
