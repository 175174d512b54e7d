import { newestVersions, type HistoryQuery, type StoredVersion } from '../index.js';
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

/** Reads versions of one type, the newest first: as many of either table as are wanted of both. */
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
  const [current, older] = id === undefined ? OF_TYPE : OF_DOCUMENT;
  const rest = [...boundsOf(query), limit];
  return newestVersions([...ask(current, [...own, ...rest], true), ...ask(older, [...own, ...rest], false)], limit);
}

function wanted(table: 'r' | 'v'): string {
  return `${table}.updated_ms >= ? AND ${table}.updated_ms <= ?
    AND (${table}.updated_ms < ? OR (r.id, ${table}.revision) < (?, ?))
    ORDER BY ${table}.updated_ms DESC, r.id DESC, ${table}.revision DESC LIMIT ?`;
}

const OF_TYPE = [
  `${CURRENT} INDEXED BY resource_by_time WHERE r.type = ? AND r.revision > 0 AND ${wanted('r')}`,
  `${OLDER} INDEXED BY version_by_time CROSS JOIN resource AS r ON r.row = v.row WHERE v.type = ? AND ${wanted('v')}`,
] as const;

const OF_DOCUMENT = [
  `${CURRENT} INDEXED BY resource_by_id WHERE r.type = ? AND r.id = ? AND r.revision > 0 AND ${wanted('r')}`,
  `SELECT r.id, v.revision, v.updated_ms, v.deleted, v.text FROM resource AS r INDEXED BY resource_by_id
   CROSS JOIN version AS v ON v.row = r.row WHERE r.type = ? AND r.id = ? AND ${wanted('v')}`,
] as const;

/** The parameters of `wanted`, but for the limit. */
function boundsOf({ sinceMs = Number.MIN_SAFE_INTEGER, untilMs, after }: HistoryQuery): readonly Parameter[] {
  const until = Math.min(untilMs ?? Number.MAX_SAFE_INTEGER, after?.updatedMs ?? Number.MAX_SAFE_INTEGER);
  return [sinceMs, until, after?.updatedMs ?? Number.MAX_SAFE_INTEGER, after?.id ?? '', after?.revision ?? 0];
}
