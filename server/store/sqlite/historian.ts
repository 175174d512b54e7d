import { versionsInOrder, type HistoryQuery, type StoredVersion } from '../index.js';
import type { Statements } from './statements.js';

interface VersionRow {
  readonly id: string;
  readonly revision: number;
  readonly updated_ms: number;
  readonly deleted: number;
  readonly text: string;
}

type Parameter = string | number;

/** Current versions, and older ones; revision 0 is a row that holds the place of a document under restoration. */
const CURRENT = `SELECT r.id, r.revision, r.updated_ms, r.deleted, r.text FROM resource AS r`;
const OLDER = `SELECT r.id, v.revision, v.updated_ms, v.deleted, v.text FROM version AS v`;

/** Reads versions of one type: as many of either table as are wanted of both. */
export function historyOf(statements: Statements, query: HistoryQuery): readonly StoredVersion[] {
  const { type, id, limit } = query;
  const ask = (sql: string, parameters: readonly Parameter[], current: boolean): StoredVersion[] => {
    const rows = statements.of(sql).all(...parameters) as unknown as readonly VersionRow[];
    return rows.map(({ updated_ms, deleted, ...row }) => ({
      ...{ type, ...row, updatedMs: updated_ms, deleted: deleted === 1 },
      current,
    }));
  };
  const own: readonly Parameter[] = id === undefined ? [type] : [type, id];
  const way = query.before ? BACK : ON;
  const [current, older] = id === undefined ? ofType(way) : ofDocument(way);
  const rest = [...boundsOf(query), limit];
  return versionsInOrder([...ask(current, [...own, ...rest], true), ...ask(older, [...own, ...rest], false)], query);
}

/** In the order of histories, or against it. */
const ON = { than: '<', order: 'DESC' } as const;
const BACK = { than: '>', order: 'ASC' } as const;

type Way = typeof ON | typeof BACK;

function wanted(table: 'r' | 'v', { than, order }: Way): string {
  return `${table}.updated_ms >= ? AND ${table}.updated_ms <= ?
    AND (${table}.updated_ms ${than} ? OR (r.id, ${table}.revision) ${than} (?, ?))
    ORDER BY ${table}.updated_ms ${order}, r.id ${order}, ${table}.revision ${order} LIMIT ?`;
}

function ofType(way: Way) {
  const byTime = `${OLDER} INDEXED BY version_by_time CROSS JOIN resource AS r ON r.row = v.row`;
  return [
    `${CURRENT} INDEXED BY resource_by_time WHERE r.type = ? AND r.revision > 0 AND ${wanted('r', way)}`,
    `${byTime} WHERE v.type = ? AND ${wanted('v', way)}`,
  ] as const;
}

function ofDocument(way: Way) {
  return [
    `${CURRENT} INDEXED BY resource_by_id WHERE r.type = ? AND r.id = ? AND r.revision > 0 AND ${wanted('r', way)}`,
    `SELECT r.id, v.revision, v.updated_ms, v.deleted, v.text FROM resource AS r INDEXED BY resource_by_id
     CROSS JOIN version AS v ON v.row = r.row WHERE r.type = ? AND r.id = ? AND ${wanted('v', way)}`,
  ] as const;
}

/** The parameters of `wanted`, but for the limit. */
function boundsOf({ sinceMs, untilMs, after, before }: HistoryQuery): readonly Parameter[] {
  const [first, last] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const since = Math.max(sinceMs ?? first, before?.updatedMs ?? first);
  const until = Math.min(untilMs ?? last, after?.updatedMs ?? last);
  const { updatedMs, id, revision } = after ?? before ?? { updatedMs: last, id: '', revision: 0 };
  return [since, until, updatedMs, id, revision];
}
