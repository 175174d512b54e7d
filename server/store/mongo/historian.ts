import type { Db, Filter } from 'mongodb';
import { newestVersions, type HistoryQuery, type StoredVersion } from '../index.js';
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
  const older = await db
    .collection<HistoryCell>(HISTORY)
    .find(olderFilter(query), {
      ...options,
      sort: [
        ['updatedMs', -1],
        ['document', -1],
        ['revision', -1],
      ],
    }) // prettier-ignore
    .toArray();
  const versions = older.flatMap((cell) => versionOf(cell, false));
  return newestVersions([...current, ...versions], query.limit);
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
          ['updatedMs', -1],
          ['_id', -1],
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
  const { sinceMs = -Infinity, untilMs = Infinity, after } = query;
  return updatedMs >= sinceMs && updatedMs <= untilMs && revision < (after?.revision ?? Infinity);
}

function currentFilter({ type, after, ...query }: HistoryQuery): Filter<Cell> {
  const earlier = after && [
    { updatedMs: { $lt: after.updatedMs } },
    // Of each document, one version is the current one: it comes after the place only by its own revision.
    { updatedMs: after.updatedMs, _id: { $lt: cellId({ type, id: after.id }) } },
    { updatedMs: after.updatedMs, _id: cellId({ type, id: after.id }), revision: { $lt: after.revision } },
  ];
  return { type, updatedMs: timeOf({ type, ...query, ...(after && { after }) }), ...(earlier && { $or: earlier }) };
}

/** Versions of one document have no index but that of their `_id`, which begins with its. */
function olderFilter({ type, id, after, ...query }: HistoryQuery): Filter<HistoryCell> {
  const updatedMs = timeOf({ type, ...query, ...(after && { after }) });
  if (id !== undefined) {
    const document = cellId({ type, id });
    const range = { $gt: `${document}/`, $lt: `${document}0` };
    return { _id: range, updatedMs, ...(after && { revision: { $lt: after.revision } }) };
  }
  const place = after && cellId({ type, id: after.id });
  const earlier = after && [
    { updatedMs: { $lt: after.updatedMs } },
    { updatedMs: after.updatedMs, document: { $lt: place } },
    { updatedMs: after.updatedMs, document: place, revision: { $lt: after.revision } },
  ];
  return { type, updatedMs, ...(earlier && { $or: earlier }) } as Filter<HistoryCell>;
}

function timeOf({ sinceMs, untilMs = Infinity, after }: HistoryQuery): { $gte?: number; $lte: number } {
  const until = Math.min(untilMs, after?.updatedMs ?? Infinity, Number.MAX_SAFE_INTEGER);
  return { ...(sinceMs !== undefined && { $gte: sinceMs }), $lte: until };
}

function versionOf(cell: LivingCell | HistoryCell | undefined, current: boolean): StoredVersion[] {
  const document = documentOfCell(cell);
  return document ? [{ ...document, current }] : [];
}
