import type { CommitRecord } from '../layout.js';
import type { ProtocolDeps } from './deps.js';
import { carryOut, holdsIntent, stateOf, type HoldingCell } from './settle.js';

/**
 * How long a record stays after its deadline: until then a writer that lost an answer can read what became of its
 * commit, and what is still on its way to the database has arrived. Must be longer than the driver lets an operation
 * take.
 */
export const SETTLE_MS = 10_000;

type Sweeping = Pick<ProtocolDeps, 'table' | 'clock'>;

/**
 * Finishes commits that were left by their writers: those past their deadline. Their records go once every document
 * was seen without their intent, but not before `SETTLE_MS`.
 *
 * @param limit how many records to look at
 * @returns how many records were removed
 */
export async function sweep(deps: Sweeping, limit: number): Promise<number> {
  let removed = 0;
  for (const record of await deps.table.overdueRecords(deps.clock.nowMs(), limit)) {
    const finished = await finish(deps, record);
    if (!finished || deps.clock.nowMs() < record.deadlineMs + SETTLE_MS) continue;
    await deps.table.removeRecord(record._id);
    removed += 1;
  }
  return removed;
}

/** Answers whether no document holds an intent of this commit any more, as seen by reading them. */
async function finish(deps: Sweeping, record: CommitRecord): Promise<boolean> {
  const state = record.state === 'open' ? await stateOf(deps, record._id) : record.state;
  if (state === 'open') return false;
  const held = await heldBy(deps, record);
  if (held.length === 0) return true;
  await carryOut(deps, record._id, state, held);
  return (await heldBy(deps, record)).length === 0;
}

async function heldBy(deps: Sweeping, { _id, documents }: CommitRecord): Promise<readonly HoldingCell[]> {
  const cells = await deps.table.read(documents);
  return cells.filter(holdsIntent).filter(({ intent }) => intent.commit === _id);
}
