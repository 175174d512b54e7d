/**
 * The document table of the explorer: plain data, changed by *units*, each of which is atomic as one operation on one
 * document is. Each unit also checks what must hold at that very moment, whoever carries it out.
 */
import type { CellCheck, CellWrite } from '../../server/store/mongo/protocol/index.js';
import type { Cell, CommitRecord, Content, Intent, LivingCell } from '../../server/store/mongo/layout.js';

export type { Cell, CellCheck, CellWrite, CommitRecord, Content, Intent, LivingCell };

export interface State {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly records: Readonly<Record<string, CommitRecord>>;
  /** By `{document}/{revision}`: the commit that made the copied version. */
  readonly history: Readonly<Record<string, string>>;
  /** By document, the commits that changed it, in their order, each with the revision it made (0: removed). */
  readonly changes: Readonly<Record<string, readonly string[]>>;
}

export type Unit =
  | { readonly do: 'idle' }
  | { readonly do: 'insert record'; readonly record: CommitRecord }
  | { readonly do: 'read record'; readonly commit: string }
  | { readonly do: 'turn record'; readonly commit: string; readonly to: 'committed' | 'aborted' }
  | { readonly do: 'remove record'; readonly commit: string }
  | { readonly do: 'overdue records'; readonly beforeMs: number }
  | { readonly do: 'read'; readonly _id: string }
  | { readonly do: 'lay'; readonly _id: string; readonly expectedRevision: number; readonly intent: Intent }
  | { readonly do: 'take off'; readonly commit: string; readonly _id: string }
  | { readonly do: 'roll forward'; readonly commit: string; readonly _id: string }
  | { readonly do: 'keep version'; readonly cell: Cell }
  | { readonly do: 'write alone'; readonly write: CellWrite };

export interface Applied {
  readonly state: State;
  readonly value: unknown;
}

/** Something that must never happen did. */
export class Violation extends Error {
  schedule: readonly string[] = [];
}

/** Carries out one unit. @throws {Violation} */
export function apply(state: State, unit: Unit): Applied {
  switch (unit.do) {
    case 'idle':
      return { state, value: undefined };
    case 'insert record':
      return { state: withRecord(state, unit.record._id, unit.record), value: undefined };
    case 'read record':
      return { state, value: state.records[unit.commit] };
    case 'turn record':
      return turned(state, unit.commit, unit.to);
    case 'remove record':
      return { state: withoutRecord(state, unit.commit), value: undefined };
    case 'overdue records':
      return { state, value: Object.values(state.records).filter(({ deadlineMs }) => deadlineMs < unit.beforeMs) };
    case 'read':
      return { state, value: state.cells[unit._id] };
    case 'lay':
      return { state: laid(state, unit._id, unit.expectedRevision, unit.intent), value: undefined };
    case 'take off':
      return { state: takenOff(state, unit.commit, unit._id), value: undefined };
    case 'roll forward':
      return { state: rolledForward(state, unit.commit, unit._id), value: undefined };
    case 'keep version':
      return { state: withVersion(state, unit.cell), value: undefined };
    case 'write alone':
      return writtenAlone(state, unit.write);
  }
}

/** The revision of a document as far as commits are decided, and who made it: `2 A1`; `0` where there is none. */
export function decided(state: State, id: string): string {
  const cell = state.cells[id];
  const intent = cell?.intent;
  if (intent && state.records[intent.commit]?.state === 'committed') return versionOf(intent.next);
  return versionOf(cell);
}

/** What a reader was shown, in the words of `decided`. */
export function versionOf(content: Content | Cell | undefined): string {
  return content && content.revision > 0 ? `${String(content.revision)} ${(content as Content).commit}` : '0';
}

function turned(state: State, commit: string, to: 'committed' | 'aborted'): Applied {
  const record = state.records[commit];
  if (record?.state !== 'open') return { state, value: false };
  return { state: withRecord(state, commit, { ...record, state: to }), value: true };
}

function withoutRecord(state: State, commit: string): State {
  if (state.records[commit]?.state === 'committed') {
    const held = Object.values(state.cells).find((cell) => cell.intent?.commit === commit);
    if (held) throw new Violation(`the record of ${commit} goes while ${held._id} still holds its intent`);
  }
  return withRecord(state, commit, undefined);
}

function laid(state: State, _id: string, expectedRevision: number, intent: Intent): State {
  const cell = state.cells[_id];
  if (cell?.intent || (cell?.revision ?? 0) !== expectedRevision) return state;
  return withCell(state, _id, cell ? { ...(cell as LivingCell), intent } : { _id, revision: 0, intent });
}

function takenOff(state: State, commit: string, _id: string): State {
  const cell = state.cells[_id];
  if (cell?.intent?.commit !== commit) return state;
  if (state.records[commit]?.state === 'committed')
    throw new Violation(`${commit} stands, but ${_id} loses its intent`);
  return withCell(state, _id, contentOf(cell));
}

function rolledForward(state: State, commit: string, _id: string): State {
  const cell = state.cells[_id];
  if (cell?.intent?.commit !== commit) return state;
  if (state.records[commit]?.state !== 'committed') throw new Violation(`${_id} gets ${commit}, which does not stand`);
  return changed(state, _id, commit, cell.intent.next);
}

function withVersion(state: State, cell: Cell): State {
  const key = `${cell._id}/${String(cell.revision)}`;
  const version = versionOf(cell);
  if (!state.changes[cell._id]?.includes(version)) {
    throw new Violation(`history gets ${cell._id} as ${version}, which never was`);
  }
  if (Object.hasOwn(state.history, key)) return state;
  return { ...state, history: sorted({ ...state.history, [key]: version }) };
}

function writtenAlone(state: State, write: CellWrite): Applied {
  const cell = state.cells[write._id];
  if (cell?.intent || (cell?.revision ?? 0) !== write.expectedRevision) return { state, value: false };
  const next = write.kind === 'put' ? write.next : undefined;
  return { state: changed(state, write._id, next?.commit ?? 'removal', next), value: true };
}

/** The one place where a content takes another's place. */
function changed(state: State, _id: string, commit: string, next: Content | undefined): State {
  const old = contentOf(state.cells[_id]);
  const revision = old?.revision ?? 0;
  if (next && next.revision !== revision + 1)
    throw new Violation(`${_id} goes from ${versionOf(old)} to ${versionOf(next)}`);
  if (next?.keepHistory && old && state.history[`${_id}/${String(revision)}`] !== versionOf(old)) {
    throw new Violation(`${_id} as ${versionOf(old)} is overwritten and not in the history`);
  }
  const change = next ? versionOf(next) : `0 ${commit}`;
  const changes = { ...state.changes, [_id]: [...(state.changes[_id] ?? []), change] };
  return { ...withCell(state, _id, next && { _id, ...next }), changes: sorted(changes) };
}

function contentOf(cell: Cell | undefined): LivingCell | undefined {
  if (!cell || cell.revision === 0) return undefined;
  return Object.fromEntries(Object.entries(cell).filter(([name]) => name !== 'intent')) as unknown as LivingCell;
}

function withCell(state: State, id: string, cell: Cell | undefined): State {
  return { ...state, cells: withEntry(state.cells, id, cell) };
}

function withRecord(state: State, id: string, record: CommitRecord | undefined): State {
  return { ...state, records: withEntry(state.records, id, record) };
}

function withEntry<T>(entries: Readonly<Record<string, T>>, key: string, value: T | undefined): Record<string, T> {
  const others = Object.fromEntries(Object.entries(entries).filter(([name]) => name !== key)) as Record<string, T>;
  return sorted(value === undefined ? others : { ...others, [key]: value });
}

/** Equal states must be equal as texts. */
function sorted<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
}
