/**
 * Commits of several documents by operations on one document at a time: Percolator (Peng and Dabek, OSDI 2010, §2.2)
 * reduced to what is needed (design §7). No driver and no clock of its own: see `ProtocolDeps` and `Table`.
 *
 * A commit takes these steps, each a round trip; a writer may stop for ever, or sleep, between any two of them and
 * between any two documents of one of them. What others then find, and do:
 *
 * 1. The record is inserted as `open`, with a deadline. Stopped after it: the sweeper aborts and removes it.
 * 2. Intents are laid on the documents written. Stopped: readers take the old contents, writers wait until the
 *    deadline; then whoever comes first turns the record to `aborted`, and the intents are taken off.
 * 3. Everything written and checked is read, and judged. Stopped: as after 2.
 * 4. The record is turned to `committed`. This is the one moment at which the commit happens, and the fence: a writer
 *    that slept finds the record turned already. Stopped: whoever meets an intent copies the old version into the
 *    history and rolls the intent forward, and the sweeper does so for the documents that nobody meets.
 * 5. Old versions are copied into the history (where it is kept), then the intents are rolled forward, the caller is
 *    answered, and the record is removed. Stopped: as after 4; with no intent left, only the sweeper has work.
 *
 * An intent without a record says nothing: before its record goes, a commit is seen rolled forward or taken off
 * everywhere. One can only come from a writer that slept for `SETTLE_MS` before step 2 and stopped right after it.
 * No search sees it, and whoever meets it takes it off.
 *
 * Clocks of several machines may differ: one that is ahead aborts others early, and they try again. What stands and
 * what does not is never up to a clock.
 */
export { commitAll, type CommitOutcome } from './commit.js';
export type { ProtocolDeps } from './deps.js';
export { readSettled } from './settle.js';
export { sweep } from './sweep.js';
export type { CellCheck, CellWrite, Table } from './table.js';
