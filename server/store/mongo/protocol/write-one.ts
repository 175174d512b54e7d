import type { CommitOutcome } from './commit.js';
import type { ProtocolDeps } from './deps.js';
import { isLiving } from '../layout.js';
import { holdsIntent, outlive, settle } from './settle.js';
import type { CellWrite } from './table.js';
import { insist, inTheWay, Patience, unknownOutcome, WAIT_MS_MAX } from './waiting.js';

/**
 * A commit of one document: a compare-and-set and nothing else, where no history is kept. Only if it did not stand,
 * the document is looked at.
 *
 * @throws {Fault} as `commitAll`
 */
export async function writeOne(deps: ProtocolDeps, asked: CellWrite): Promise<CommitOutcome> {
  const { table } = deps;
  const write = signed(asked, deps.newId());
  const keepsOld = write.kind === 'put' && write.next.keepHistory && write.expectedRevision > 0;
  const patience = new Patience(deps, WAIT_MS_MAX);
  for (let look = keepsOld; ; look = true) {
    if (look) {
      const [cell] = await table.read([write._id]);
      const open = await settle(deps, [cell].filter(holdsIntent));
      if (holdsIntent(cell) && !open.has(cell.intent.commit)) continue;
      if ((cell?.revision ?? 0) !== write.expectedRevision) return staleOf(write);
      if (open.size > 0) {
        if (patience.isOver()) throw inTheWay();
        await outlive(deps, open, patience);
        continue;
      }
      if (keepsOld && cell !== undefined) await table.keepVersions([cell]);
    }
    try {
      if (await table.writeAlone(write)) return { committed: true };
    } catch (lost) {
      return learn(deps, write, lost);
    }
  }
}

/**
 * What became of a write whose answer was lost. It may still be on its way, so `stale` is certain only where another
 * write made the version that this one was to be. Documents with history never go away, so their revisions only grow,
 * and the write may be repeated; others may begin anew with the same revisions, and it would come a second time.
 */
async function learn(deps: ProtocolDeps, write: CellWrite, lost: unknown): Promise<CommitOutcome> {
  const { _id, expectedRevision } = write;
  const action = async (): Promise<CommitOutcome | undefined> => {
    const [cell] = await deps.table.read([_id]);
    if (write.kind === 'put' && isLiving(cell) && cell.commit === write.next.commit) return { committed: true };
    if (write.kind === 'remove' || !write.next.keepHistory) throw unknownOutcome(lost);
    const revision = cell?.revision ?? 0;
    if (revision === expectedRevision + 1) return staleOf(write);
    if (revision !== expectedRevision) throw unknownOutcome(lost);
    return (await deps.table.writeAlone(write)) ? { committed: true } : undefined;
  };
  return insist(deps, action, lost);
}

function signed(write: CellWrite, commit: string): CellWrite {
  return write.kind === 'put' ? { ...write, next: { ...write.next, commit } } : write;
}

function staleOf({ _id }: CellWrite): CommitOutcome {
  return { committed: false, stale: [_id] };
}
