import type { Db } from 'mongodb';
import type * as OpenStore from '../../server/open-store.js';
import type { Put, Store } from '../../server/store/index.js';
import type { Bench, Figure, Row } from '../bench.js';
import { inOrder, listOf, stepsOf, watchCommands, type Command } from '../mongo/commands.js';
import { monitored, openDriver } from '../mongo/databases.js';
import { Listener } from '../mongo/listener.js';
import { replay } from '../mongo/replay.js';
import { median, range, shortNumber } from '../statistics.js';
import { newStore } from '../stores.js';

const ROUNDS = 15;
const ROUNDS_QUICK = 5;
const COMMITS = 20;
const COMMITS_QUICK = 5;
/** As long as a Slot or a small Appointment. */
const TEXT = 'x'.repeat(600);

const { openStore } = (await import(new URL('../../open-store.js', import.meta.url).href)) as typeof OpenStore;

/** A commit of two documents, against the bare driver with the very commands that it was seen to send. */
export const run: Row = async (bench) => [
  await figureOf(bench, 'a commit of two documents against its bare commands', false),
  await figureOf(bench, '… both with history', true),
];

async function figureOf(bench: Bench, what: string, keepHistory: boolean): Promise<Figure> {
  const { quick } = bench.options;
  const [rounds, commits] = quick ? [ROUNDS_QUICK, COMMITS_QUICK] : [ROUNDS, COMMITS];
  const committing = await Committing.begin(bench, keepHistory);
  const bare = await openDriver(bench, monitored(await newStore(bench, `h_bare_${String(keepHistory)}`)));
  // The bare driver is a batch behind: it begins with what the store began with, and comes to the same documents.
  let batch = await committing.batch(commits);
  await bareMs(bare, committing.making);
  const ratios: number[] = [];
  const plainRatios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who begins changes, so that neither always comes after the other.
    const bareEarlyMs = round % 2 === 1 ? await bareMs(bare, batch.commands) : undefined;
    const next = await committing.batch(commits);
    const bareBatchMs = bareEarlyMs ?? (await bareMs(bare, batch.commands));
    ratios.push(bareBatchMs / next.ms);
    plainRatios.push((await plainMs(bare, commits)) / next.ms);
    batch = next;
  }
  const { commands } = await committing.batch(1);
  const notes = [
    `${String(rounds)} rounds of ${String(commits)} commits, one after the other, ${range(ratios)}`,
    `${String(stepsOf(commands))} round trips in sequence, the last after the answer: ${listOf(commands)}`,
    `against two plain replacements: ${shortNumber(median(plainRatios))}, ${range(plainRatios)}`,
    `the last round: ${shortNumber(batch.ms / commits)} ms a commit`,
  ];
  return { what, value: median(ratios), unit: '', goal: { atLeast: 0.5 }, notes };
}

/** Commits that change the same two documents again and again, with the commands that they send. */
class Committing {
  #revision = 0;

  private constructor(
    private readonly store: Store,
    private readonly listener: Listener,
    private readonly keepHistory: boolean,
    /** What made the documents. */
    public making: readonly Command[],
  ) {}

  static async begin(bench: Bench, keepHistory: boolean): Promise<Committing> {
    const listener = new Listener();
    const url = await newStore(bench, `h_${String(keepHistory)}`);
    const store = await openStore(monitored(url));
    bench.atEnd(() => store.close());
    const database = /\/([^/?]+)(?:\?|$)/.exec(url)?.[1];
    watchCommands((command) => {
      if (command.database === database) listener.hear(command);
    });
    const committing = new Committing(store, listener, keepHistory, []);
    await listener.take();
    committing.making = (await committing.batch(1)).commands;
    return committing;
  }

  async batch(count: number): Promise<{ readonly ms: number; readonly commands: readonly Command[] }> {
    const startedMs = performance.now();
    for (let made = 0; made < count; made += 1) {
      const { committed } = await this.store.commit([this.#put('a'), this.#put('b')]);
      if (!committed) throw new Error('A commit lost a race that nobody else was in.');
      this.#revision += 1;
    }
    const ms = performance.now() - startedMs;
    return { ms, commands: inOrder(await this.listener.take()) };
  }

  #put(id: string): Put {
    return {
      kind: 'put',
      type: 'Measured',
      id,
      expectedRevision: this.#revision,
      updatedMs: this.#revision,
      deleted: false,
      text: TEXT,
      index: {},
      order: { timeMs: null, text: '' },
      keepHistory: this.keepHistory,
    };
  }
}

async function bareMs(db: Db, commands: readonly Command[]): Promise<number> {
  const startedMs = performance.now();
  for (const command of commands) await replay(db, command);
  return performance.now() - startedMs;
}

/** So many times two replacements by id, which is what the caller wants and no commit at all. */
async function plainMs(db: Db, times: number): Promise<number> {
  const plain = db.collection<{ _id: string; text: string }>('plain');
  const startedMs = performance.now();
  for (let time = 0; time < times; time += 1) {
    await plain.replaceOne({ _id: 'a' }, { text: TEXT }, { upsert: true });
    await plain.replaceOne({ _id: 'b' }, { text: TEXT }, { upsert: true });
  }
  return performance.now() - startedMs;
}
