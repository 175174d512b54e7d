import type { Cell, CommitRecord, Content, Intent } from '../layout.js';

/** One write of a commit, by the `_id` of its document. */
export type CellWrite =
  | { readonly kind: 'put'; readonly _id: string; readonly expectedRevision: number; readonly next: Content }
  | { readonly kind: 'remove'; readonly _id: string; readonly expectedRevision: number };

/** A document that a commit rests on and does not write. */
export interface CellCheck {
  readonly _id: string;
  readonly expectedRevision: number;
}

/**
 * The operations that commits are made of. Each is atomic for one document and for no more: an operation over several
 * documents is one step for each of them, in any order, and may stop between two. Each may fail with its effect
 * unknown, and may be repeated.
 */
export interface Table {
  insertRecord(record: CommitRecord): Promise<void>;
  /**
   * As it is at some moment of this call, on whichever server is in office then: an intent without a record is taken
   * off, so a server that was deposed and does not know it yet must not answer that there is none.
   */
  readRecord(commit: string): Promise<CommitRecord | undefined>;
  /** From `open` only. Answers whether this call turned it. */
  turnRecord(commit: string, state: 'committed' | 'aborted'): Promise<boolean>;
  removeRecord(commit: string): Promise<void>;
  /** Records whose deadline lies before a time, the oldest first, for the sweeper. */
  overdueRecords(beforeMs: number, limit: number): Promise<readonly CommitRecord[]>;

  /** The cell at each place, undefined where there is none. */
  read(ids: readonly string[]): Promise<readonly (Cell | undefined)[]>;
  /** As `read`, and never older than what was acknowledged before: for what a commit rests on without writing it. */
  readLatest(ids: readonly string[]): Promise<readonly (Cell | undefined)[]>;
  /**
   * Lays an intent on each document that has the expected revision and no intent; 0: where there is no cell.
   * Which ones were laid is seen by reading.
   */
  layIntents(intents: readonly { _id: string; expectedRevision: number; intent: Intent }[]): Promise<void>;
  /** Takes the intents of a commit off these documents; an empty cell goes away. Those without it are left alone. */
  takeOff(commit: string, ids: readonly string[]): Promise<void>;
  /** Puts what the intents of a commit say in the place of the old contents. Those without it are left alone. */
  rollForward(commit: string, ids: readonly string[]): Promise<void>;
  /** Copies the present contents of these cells into the history. Copies that are there already stay. */
  keepVersions(cells: readonly Cell[]): Promise<void>;
  /**
   * The write of a commit that writes one document: stands only if the document has the expected revision and no
   * intent. Answers whether it stood.
   */
  writeAlone(write: CellWrite): Promise<boolean>;
}
