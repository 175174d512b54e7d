import type { MongoIndex } from '../../search/index.js';

/**
 * The collection of all current documents. `_id` is `{type}/{id}`, and the shard key: the only key whose uniqueness
 * MongoDB keeps across shards (design §7).
 */
export const DOCUMENTS = 'documents';
/** Older versions. `_id` is `{type}/{id}/{revision}`, so that whoever copies a version makes the same document. */
export const HISTORY = 'history';
/** Commit records: see protocol/. `_id` is the id of the commit. */
export const COMMITS = 'commits';

/** What a version of a document consists of. */
export interface Content extends MongoIndex {
  readonly type: string;
  readonly revision: number;
  readonly updatedMs: number;
  readonly deleted: boolean;
  readonly text: string;
  /** Whether the version that this one replaces goes into the history. */
  readonly keepHistory: boolean;
  /** The id of the commit that made this version: settles what became of a write whose answer was lost. */
  readonly commit: string;
}

/** What a commit is going to do to a document, laid beside its content until the commit record decides. */
export interface Intent {
  readonly commit: string;
  /** The content that takes the place of the old one; absent: the document goes away. */
  readonly next?: Content;
}

/** A document that is there. */
export interface LivingCell extends Content {
  readonly _id: string;
  readonly intent?: Intent;
}

/** A place that only an intent holds: its document does not exist until the commit is decided. No search finds it. */
export interface EmptyCell {
  readonly _id: string;
  readonly revision: 0;
  readonly intent: Intent;
}

export type Cell = LivingCell | EmptyCell;

/** Whether there is a document, and not just an intent to make one. */
export function isLiving(cell: Cell | undefined): cell is LivingCell {
  return cell !== undefined && cell.revision > 0;
}

/** One version in the collection `history`. */
export interface HistoryCell {
  readonly _id: string;
  readonly type: string;
  /** `{type}/{id}` of the document. */
  readonly document: string;
  readonly revision: number;
  readonly updatedMs: number;
  readonly deleted: boolean;
  readonly text: string;
  readonly commit: string;
}

/** The fence of a commit of several documents: whoever turns it decides what becomes of all its intents. */
export interface CommitRecord {
  readonly _id: string;
  readonly state: 'open' | 'committed' | 'aborted';
  /** From here on others may abort it. By the clock of whoever made it. */
  readonly deadlineMs: number;
  /** `_id` of each document that it puts an intent on. */
  readonly documents: readonly string[];
}
