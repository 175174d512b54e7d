import type { Cell, CommitRecord, Intent } from '../layout.js';
import type { ProtocolDeps } from './deps.js';
import { carryOut, holdsIntent, outlive, readSettled, settle, type HoldingCell } from './settle.js';
import type { CellCheck, CellWrite } from './table.js';
import { insist, inTheWay, Patience, unknownOutcome, WAIT_MS_MAX } from './waiting.js';
import { writeOne } from './write-one.js';

/** From the beginning of a commit to its deadline, from when on others may abort it; and for each document more. */
export const COMMIT_MS_MAX = 2_000;
const DOCUMENT_MS = 10;

/** Everything was written, or nothing was, because these documents had another revision: writes first, then checks. */
export type CommitOutcome =
  { readonly committed: true } | { readonly committed: false; readonly stale: readonly string[] };

/**
 * Writes all or nothing. When it answers that it committed, everything is found by reads and by searches. Each
 * document may stand in `writes` and `checks` once. The contents get the id of the commit here.
 *
 * @throws {Fault} `unavailable` where others stood in the way for too long, and nothing was written; or where the
 *   outcome is unknown, which it says. What `Table` throws before the commit could stand comes through, and then it
 *   does not stand.
 */
export async function commitAll(
  deps: ProtocolDeps,
  writes: readonly CellWrite[],
  checks: readonly CellCheck[],
): Promise<CommitOutcome> {
  const [first, second] = writes;
  if (first === undefined) return checkAll(deps, checks);
  if (second === undefined && checks.length === 0) return writeOne(deps, first);
  const patience = new Patience(deps, WAIT_MS_MAX);
  for (;;) {
    const outcome = await tryOnce(deps, new Attempt(deps, writes, checks), patience);
    if (!('inTheWay' in outcome)) return outcome;
    if (patience.isOver()) throw inTheWay();
    await outlive(deps, outcome.inTheWay, patience);
  }
}

/** One try under one id. */
class Attempt {
  readonly id: string;
  readonly record: CommitRecord;
  readonly intents: readonly { _id: string; expectedRevision: number; intent: Intent }[];
  readonly checks: readonly CellCheck[];
  /** Of what is written, then of what is checked. */
  readonly expected: readonly CellCheck[];

  constructor(deps: ProtocolDeps, writes: readonly CellWrite[], checks: readonly CellCheck[]) {
    const id = deps.newId();
    this.id = id;
    this.intents = writes.map((write) => ({
      _id: write._id,
      expectedRevision: write.expectedRevision,
      intent: write.kind === 'put' ? { commit: id, next: { ...write.next, commit: id } } : { commit: id },
    }));
    this.checks = checks;
    this.expected = [...writes, ...checks];
    this.record = {
      _id: id,
      state: 'open',
      deadlineMs: deps.clock.nowMs() + COMMIT_MS_MAX + writes.length * DOCUMENT_MS,
      documents: writes.map(({ _id }) => _id),
    };
  }

  isLate(deps: ProtocolDeps): boolean {
    return deps.clock.nowMs() >= this.record.deadlineMs;
  }
}

async function tryOnce(deps: ProtocolDeps, attempt: Attempt, patience: Patience): Promise<CommitOutcome | InTheWay> {
  let prepared: Prepared;
  try {
    await deps.table.insertRecord(attempt.record);
    prepared = await prepare(deps, attempt, patience);
  } catch (error) {
    deps.aside(abandon(deps, attempt));
    throw error;
  }
  if ('held' in prepared && (await turn(deps, attempt))) {
    const { held } = prepared;
    await insist(deps, async () => {
      await carryOut(deps, attempt.id, 'committed', held);
      return true;
    });
    deps.aside(removeRecord(deps, attempt));
    return { committed: true };
  }
  // Only this writer could turn the record to committed, and it will not: nothing is to be fenced before.
  await deps.table.takeOff(attempt.id, attempt.record.documents);
  deps.aside(removeRecord(deps, attempt));
  return 'held' in prepared ? TOO_LATE : prepared;
}

/** Commits to be outlived before another try. */
interface InTheWay {
  readonly inTheWay: ReadonlySet<string>;
}

const TOO_LATE: InTheWay = { inTheWay: new Set() };

/** `held`: nothing speaks against the commit, and these cells have its intents. */
type Prepared = { readonly held: readonly HoldingCell[] } | InTheWay | (CommitOutcome & { readonly committed: false });

/**
 * Lays the intents, and then reads what is written and what is checked. In this order two commits that each check what
 * the other writes cannot both stand: the one whose intents were laid last reads after the intents of both were laid,
 * so it sees the other's intent, or its outcome (Tu et al., Silo, SOSP 2013, §4.4).
 *
 * Of two commits that stand in each other's way, the one with the smaller id keeps its intents and waits. The other one
 * gives way, and comes back when the first one is decided. So those who hold something wait for larger ids only, never
 * in a circle, and each stands in the way of a smaller one but once.
 */
async function prepare(deps: ProtocolDeps, attempt: Attempt, patience: Patience): Promise<Prepared> {
  const { table } = deps;
  const checked = attempt.checks.map(({ _id }) => _id);
  while (!attempt.isLate(deps)) {
    await table.layIntents(attempt.intents);
    const readings = [table.read(attempt.record.documents), ...(checked.length > 0 ? [table.readLatest(checked)] : [])];
    const cells = (await Promise.all(readings)).flat();
    const foreign = cells.filter(holdsIntent).filter(({ intent }) => intent.commit !== attempt.id);
    const open = await settle(deps, foreign);
    if (foreign.some(({ intent }) => !open.has(intent.commit))) continue;

    // A commit that was open after the cell was read had not changed the document when it was read.
    const stale = attempt.expected.filter((one, at) => revisionOf(cells[at]) !== one.expectedRevision);
    if (stale.length > 0) return { committed: false, stale: stale.map(({ _id }) => _id) };
    const held = cells.filter(holdsIntent).filter(({ intent }) => intent.commit === attempt.id);
    if (open.size === 0 && held.length === attempt.intents.length) return { held };
    if (patience.isOver() || [...open].some((other) => other < attempt.id)) return { inTheWay: open };
    await outlive(deps, open, patience, () => attempt.isLate(deps));
  }
  return TOO_LATE;
}

/** The moment of the commit. Answers whether it stands. */
async function turn(deps: ProtocolDeps, attempt: Attempt): Promise<boolean> {
  if (attempt.isLate(deps)) return false;
  const { table } = deps;
  try {
    return await table.turnRecord(attempt.id, 'committed');
  } catch (lost) {
    return insist(
      deps,
      async () => {
        const record = await table.readRecord(attempt.id);
        if (record === undefined) throw unknownOutcome(lost);
        if (record.state !== 'open') return record.state === 'committed';
        // The first try may still be on its way; then this one, or the next reading, finds what it did.
        return (await table.turnRecord(attempt.id, 'committed')) || undefined;
      },
      lost,
    );
  }
}

/**
 * Gives up after a lost answer. The record stays for the sweeper: intents may still be on their way, and must find a
 * record that tells what to do with them.
 */
async function abandon({ table }: ProtocolDeps, attempt: Attempt): Promise<void> {
  try {
    await table.turnRecord(attempt.id, 'aborted');
    await table.takeOff(attempt.id, attempt.record.documents);
  } catch {
    // Whoever meets an intent after the deadline does the same.
  }
}

async function removeRecord({ table }: ProtocolDeps, attempt: Attempt): Promise<void> {
  try {
    await table.removeRecord(attempt.id);
  } catch {
    // The sweeper removes it.
  }
}

/** Without writes: the caller has seen each revision before, so all were valid together when this call began. */
async function checkAll(deps: ProtocolDeps, checks: readonly CellCheck[]): Promise<CommitOutcome> {
  const ids = checks.map(({ _id }) => _id);
  const cells = await readSettled(deps, ids);
  const stale = checks.filter(({ expectedRevision }, at) => revisionOf(cells[at]) !== expectedRevision);
  return stale.length === 0 ? { committed: true } : { committed: false, stale: stale.map(({ _id }) => _id) };
}

function revisionOf(cell: Cell | undefined): number {
  return cell?.revision ?? 0;
}
