import { BSON } from 'mongodb';
import { fault } from '../../base/fault.js';
import { mongoIndexOf, UNORDERED } from '../../search/index.js';
import type { DocumentKey, Put, RestoredVersion, StoredDocument, Write } from '../index.js';
import { isLiving, type Cell, type Content, type HistoryCell, type LivingCell } from './layout.js';
import type { CellCheck, CellWrite } from './protocol/index.js';

/** Longest text of a document, in UTF-16 units, each of which may need three bytes. */
export const TEXT_LENGTH_MAX = 2_000_000;
/**
 * What a document may take with all that searches see of it. MongoDB takes 16 MiB, and while a commit is on its way the
 * old content and the new one lie in one document.
 */
export const CONTENT_BYTES_MAX = 8_000_000;

/** `_id` of a document. */
export function cellId({ type, id }: DocumentKey): string {
  return `${type}/${id}`;
}

/** The key of the document at an `_id`. */
export function keyOfCell(id: string): DocumentKey {
  const slash = id.indexOf('/');
  return { type: id.slice(0, slash), id: id.slice(slash + 1) };
}

/** What the cell shows to whoever reads it; undefined for one that only an intent holds. */
export function documentOfCell(cell: Cell | HistoryCell | undefined): StoredDocument | undefined {
  if (cell === undefined) return undefined;
  const isOld = 'document' in cell;
  if (!isOld && !isLiving(cell)) return undefined;
  const { revision, updatedMs, deleted, text } = cell;
  return { ...keyOfCell(isOld ? cell.document : cell._id), revision, updatedMs, deleted, text };
}

/** The writes of a commit as the protocol takes them: what changes, and what is only checked. */
export function cellWritesOf(writes: readonly Write[]): {
  readonly changes: readonly CellWrite[];
  readonly checks: readonly CellCheck[];
} {
  const changes: CellWrite[] = [];
  const checks: CellCheck[] = [];
  for (const write of writes) {
    const { expectedRevision } = write;
    const _id = cellId(write);
    if (write.kind === 'check') checks.push({ _id, expectedRevision });
    else if (write.kind === 'remove') changes.push({ kind: 'remove', _id, expectedRevision });
    else changes.push({ kind: 'put', _id, expectedRevision, next: contentOf(write) });
  }
  return { changes, checks };
}

function contentOf(put: Put): Content {
  const { type, updatedMs, deleted, text, keepHistory, expectedRevision } = put;
  refuseText(put, text);
  const content = {
    ...indexOf(put),
    type,
    revision: expectedRevision + 1,
    updatedMs,
    deleted,
    text,
    keepHistory,
    // The protocol signs it with the id of the commit.
    commit: '',
  };
  refuseBytes(content);
  return content;
}

/** Marks what came from a copy of another store and was made by no commit here. */
const RESTORED = 'restored';

/** The current version of a document, as a copy of another store brings it. */
export function restoredCell(version: RestoredVersion): LivingCell {
  const { type, revision, updatedMs, deleted, text } = version;
  refuseText(version, text);
  const content = { ...indexOf(version), type, revision, updatedMs, deleted, text };
  refuseBytes(content);
  return { _id: cellId(version), ...content, keepHistory: true, commit: RESTORED };
}

function indexOf(document: Pick<Put, 'type' | 'deleted' | 'index' | 'order'>) {
  const { type, deleted, index, order } = document;
  return deleted ? mongoIndexOf(type, {}, UNORDERED) : mongoIndexOf(type, index, order);
}

function refuseText(key: DocumentKey, text: unknown): void {
  if (typeof text !== 'string') throw fault('bug', `${cellId(key)} is to be written without a text.`);
  if (text.length > TEXT_LENGTH_MAX) {
    throw fault('too-large', `A resource in this store has at most ${String(TEXT_LENGTH_MAX)} characters.`);
  }
}

/** The server would refuse it as well, but not before a commit is under way. */
function refuseBytes(content: object): void {
  if (BSON.calculateObjectSize(content) > CONTENT_BYTES_MAX) {
    const most = `${String(CONTENT_BYTES_MAX)} bytes, with all that searches see of it`;
    throw fault('too-large', `A resource in this store takes at most ${most}.`);
  }
}
