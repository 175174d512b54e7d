/** What runs at the same time, and what may go wrong meanwhile. */
import type * as protocol from '../../server/store/mongo/protocol/index.js';
import type { Table } from '../../server/store/mongo/protocol/index.js';
import type { CellCheck, CellWrite, Content, State } from './model.js';
import { versionsOf, type Answer, type Process, type Program } from './program.js';

/** The code that is explored; handed in, since the tests and the command find it in different places. */
export type Protocol = Pick<typeof protocol, 'commitAll' | 'readSettled' | 'sweep'>;

export interface Scenario {
  readonly name: string;
  /** Documents that are there, with revision 1. */
  readonly there: readonly string[];
  /**
   * By the name of a writer, in words: `X1` puts X in the place of revision 1, `X0` makes it, `-X1` removes it, `?X1`
   * checks it.
   */
  readonly writers: Readonly<Record<string, string>>;
  /** By the name of a reader, the documents that it reads twice. */
  readonly readers?: Readonly<Record<string, readonly string[]>>;
  /** Whether a sweeper runs at the same time. */
  readonly sweeper?: boolean;
  readonly withoutHistory?: boolean;
  /** Whether later tries of a writer have smaller ids than earlier ones. */
  readonly smallerIdsLater?: boolean;
  /** One program stops for ever after any step. */
  readonly stops?: boolean;
  /** One program, or everyone at once, sleeps until or for `sleepsMs`, once, at any moment. */
  readonly sleeps?: 'one' | 'all';
  readonly sleepsMs?: number;
  /** The answer of one operation is lost: it was not, partly or wholly carried out, or comes later. */
  readonly loses?: boolean;
  /**
   * How often a pause may end while others still have steps to take and have changed something meanwhile; other pauses
   * end when all others have finished, stopped or wait too. 1 where nothing is said.
   */
  readonly looks?: number;
  /** Whether operations on several documents go through them in the order in which they are named, not in any. */
  readonly inOrder?: boolean;
}

/** A rule broken on purpose, from outside of the protocol. */
export interface Break {
  readonly name: string;
  readonly wrap?: (table: Table, scenario: Scenario) => Table;
  /** How far the clocks of readers are ahead. */
  readonly readersAheadMs?: number;
  readonly withoutChecks?: boolean;
}

export interface Task {
  readonly writes: readonly CellWrite[];
  readonly checks: readonly CellCheck[];
}

export function taskOf(scenario: Scenario, writer: string): Task {
  const words = scenario.writers[writer]!.split(' ').map((word) => /^([-?]?)(\w+)(\d)$/.exec(word)!);
  const parts = words.map(([, sign, _id, revision]) => ({ sign, _id: _id!, expectedRevision: Number(revision) }));
  const writes = parts
    .filter(({ sign }) => sign !== '?')
    .map(({ sign, _id, expectedRevision }): CellWrite => {
      if (sign === '-') return { kind: 'remove', _id, expectedRevision };
      return { kind: 'put', _id, expectedRevision, next: contentOf(expectedRevision + 1, '', scenario) };
    });
  const checks = parts.flatMap(({ sign, _id, expectedRevision }) => (sign === '?' ? [{ _id, expectedRevision }] : []));
  return { writes, checks };
}

export function initialState(scenario: Scenario): State {
  const there = [...scenario.there].sort();
  const cells = there.map((_id) => [_id, { _id, ...contentOf(1, 'init', scenario) }] as const);
  const changes = there.map((id) => [id, ['1 init']] as const);
  return { cells: Object.fromEntries(cells), records: {}, history: {}, changes: Object.fromEntries(changes) };
}

export function programsOf(scenario: Scenario, protocol: Protocol, broken: Break | undefined): readonly Program[] {
  const wrap = broken?.wrap && ((table: Table) => broken.wrap!(table, scenario));
  const idOf = (name: string) => (attempt: number) =>
    scenario.smallerIdsLater ? `${String(9 - attempt)}${name}` : `${name}${String(attempt)}`;
  const program = (name: string, main: Program['main']): Program => ({
    ...{ name, main, wrap, idOf: idOf(name), isReader: false },
  });
  const writers = Object.keys(scenario.writers).map((name) => {
    const { writes, checks } = taskOf(scenario, name);
    return program(name, ({ deps }) => protocol.commitAll(deps, writes, broken?.withoutChecks ? [] : checks));
  });
  const readers = Object.entries(scenario.readers ?? {}).map(([name, ids]) => ({
    ...program(name, (process) => readTwice(protocol, process, ids)),
    ...{ isReader: true, aheadMs: broken?.readersAheadMs },
  }));
  const sweeper = program('sweeper', async ({ deps, idle }) => {
    await idle();
    await protocol.sweep(deps, 100);
    return DONE;
  });
  return [...writers, ...readers, ...(scenario.sweeper ? [sweeper] : [])];
}

const DONE: Answer = { committed: true };

async function readTwice(protocol: Protocol, process: Process, ids: readonly string[]): Promise<Answer> {
  for (let times = 0; times < 2; times += 1) {
    await process.idle();
    process.remark({ is: 'reading', ids });
    const cells = await protocol.readSettled(process.deps, ids);
    process.remark({ is: 'read', ids, versions: versionsOf(cells) });
  }
  return DONE;
}

/** What is not looked at by the protocol is left out, so that states stay small. */
function contentOf(revision: number, commit: string, { withoutHistory }: Scenario): Content {
  return { revision, commit, keepHistory: withoutHistory !== true } as Content;
}
