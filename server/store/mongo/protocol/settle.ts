import { isLiving, type Cell, type CommitRecord, type LivingCell } from '../layout.js';
import type { ProtocolDeps } from './deps.js';
import type { Patience } from './waiting.js';

type Settling = Pick<ProtocolDeps, 'table' | 'clock'>;

/**
 * The documents at these places, without what is not committed, each as it was at some moment of this call. Intents
 * of commits that are decided, or overdue, are settled on the way.
 */
export async function readSettled(deps: Settling, ids: readonly string[]): Promise<(LivingCell | undefined)[]> {
  const found = new Map<string, LivingCell | undefined>();
  for (let left = [...new Set(ids)]; left.length > 0;) {
    const cells = await deps.table.read(left);
    const open = await settle(deps, cells.filter(holdsIntent));
    const settled = (cell: Cell | undefined) => cell?.intent !== undefined && !open.has(cell.intent.commit);
    // A record that was open after the cell was read says that the old content was the valid one when it was read.
    cells.forEach((cell, at) => !settled(cell) && found.set(left[at]!, isLiving(cell) ? cell : undefined));
    left = left.filter((_, at) => settled(cells[at]));
  }
  return ids.map((id) => found.get(id));
}

/**
 * Carries out, on these cells, what became of the commits whose intents they hold. They are to be read anew then:
 * others may have been faster.
 *
 * @returns the commits that may still go either way; their intents were left alone
 */
export async function settle(deps: Settling, cells: readonly HoldingCell[]): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for (const commit of new Set(cells.map(({ intent }) => intent.commit))) {
    const state = await stateOf(deps, commit);
    const held = cells.filter(({ intent }) => intent.commit === commit);
    if (state === 'open') open.add(commit);
    else await carryOut(deps, commit, state, held);
  }
  return open;
}

/** What became of a commit. One past its deadline is aborted first: from then on its writer cannot turn it. */
export async function stateOf(deps: Settling, commit: string): Promise<CommitRecord['state']> {
  const record = await deps.table.readRecord(commit);
  // Its intents went before the record did, so one that is still there was laid by a writer that came too late.
  if (record === undefined) return 'aborted';
  if (record.state !== 'open') return record.state;
  if (deps.clock.nowMs() < record.deadlineMs) return 'open';
  return (await deps.table.turnRecord(commit, 'aborted')) ? 'aborted' : stateOf(deps, commit);
}

/** Resolves when these commits are decided, or when there is no more time for it. */
export async function outlive(
  deps: Settling,
  commits: ReadonlySet<string>,
  patience: Patience,
  isLate: () => boolean = () => false,
): Promise<void> {
  for (const commit of commits) {
    do {
      if (patience.isOver() || isLate()) return;
      await patience.wait();
    } while ((await stateOf(deps, commit)) === 'open');
  }
}

/**
 * Puts the outcome of a decided commit in the place of its intents on these cells. Old versions go into the history
 * first, whoever does this: once rolled forward, nobody could copy them any more.
 */
export async function carryOut(
  { table }: Pick<ProtocolDeps, 'table'>,
  commit: string,
  state: 'committed' | 'aborted',
  cells: readonly HoldingCell[],
): Promise<void> {
  const ids = cells.map(({ _id }) => _id);
  if (state === 'aborted') return table.takeOff(commit, ids);
  const replaced = cells.filter((cell) => isLiving(cell) && cell.intent.next?.keepHistory === true);
  if (replaced.length > 0) await table.keepVersions(replaced);
  await table.rollForward(commit, ids);
}

/** A cell that holds an intent. */
export type HoldingCell = Cell & { readonly intent: NonNullable<Cell['intent']> };

/** Whether there is a cell, and an intent on it. */
export function holdsIntent(cell: Cell | undefined): cell is HoldingCell {
  return cell?.intent !== undefined;
}
