import { Bench, type Figure } from '../bench.js';
import type { Connection } from '../connection.js';
import { startServer } from '../processes.js';
import { median, range, shortNumber } from '../statistics.js';
import { newStore } from '../stores.js';
import { BareCommits } from './bare-commits.js';
import { setUp, withConnections } from './clinic.js';
import { CommitListener, type Commit } from './commit-listener.js';

const ROUNDS = 9;
const ROUNDS_QUICK = 3;
/** Before anything counts, so that the compilers have done their work. */
const ROUNDS_WARM_UP = 3;

/** Connections, and bare commits under way. */
export const AT_ONCE = 16;

/** What clients do in one round. */
export interface Work {
  /** Names its stores. */
  readonly name: string;
  /** What is counted, for the figure: `bookings on one schedule-day`. */
  readonly what: string;
  readonly schedules: number;
  /** How many are counted in a round. */
  readonly count: number;
  /** Does the one of that number. Rounds are numbered from 0. */
  one(connection: Connection, number: number, round: number): Promise<void>;
}

/**
 * How many a second a server does, and how that is to the same commits handed to `Store.commit` in this process: as
 * many under way at a time, each waiting for those that it rests on, as no caller can know a revision before it is
 * acknowledged.
 */
export async function againstBareCommits(bench: Bench, work: Work): Promise<readonly Figure[]> {
  const { quick, storeUrl } = bench.options;
  const noted = await notedCommits(bench, work);
  const bare = await BareCommits.begin(bench, await newStore(bench, `${work.name}_bare`), noted, AT_ONCE);
  const { port } = await startServer(bench, await newStore(bench, work.name));
  const rates: number[] = [];
  const ratios: number[] = [];
  const orderedRatios: number[] = [];
  await withConnections(port, AT_ONCE, async (connections) => {
    await setUp(connections, work.schedules);
    for (let round = 0; round < ROUNDS_WARM_UP; round += 1) {
      await seconds(connections, work, round);
      await bare.round('after-acknowledgement');
    }
    const rounds = quick ? ROUNDS_QUICK : ROUNDS;
    for (let round = 0; round < rounds; round += 1) {
      // Who begins changes, so that neither always comes after the other.
      const bareEarly = round % 2 === 1 ? await bare.round('after-acknowledgement') : undefined;
      const real = await seconds(connections, work, ROUNDS_WARM_UP + round);
      rates.push(work.count / real);
      ratios.push((bareEarly ?? (await bare.round('after-acknowledgement'))) / real);
      if (storeUrl === undefined) orderedRatios.push((await bare.round('in-order')) / real);
    }
  });
  const each = shortNumber(noted.measured.length / work.count);
  const documents = shortNumber(noted.measured.flat().length / noted.measured.length);
  const notes = [`${each} commits of ${documents} documents for each, ${String(AT_ONCE)} at a time, ${range(ratios)}`];
  if (orderedRatios.length > 0) {
    notes.push(`against the same in order, none waiting for another: ${shortNumber(median(orderedRatios))}`);
  }
  const roundNote = `${String(rates.length)} rounds of ${String(work.count)}, ${range(rates)}`;
  return [
    { what: work.what, value: median(rates), unit: '/s', notes: [roundNote] },
    {
      what: 'of what the store does with the same commits',
      value: median(ratios),
      unit: '',
      goal: { atLeast: 0.5 },
      notes,
    },
  ];
}

/** The commits of one round, seen at a server that is not measured, and those before them. */
function notedCommits(bench: Bench, work: Work): Promise<Record<'before' | 'measured', readonly Commit[]>> {
  return Bench.run(bench.options, async (one) => {
    const listener = new CommitListener();
    const { port } = await startServer(one, await newStore(one, `${work.name}_noted`), listener.preload);
    return withConnections(port, AT_ONCE, async (connections) => {
      await setUp(connections, work.schedules);
      const before = await listener.take();
      await seconds(connections, work, 0);
      return { before, measured: await listener.take() };
    });
  });
}

async function seconds(connections: readonly Connection[], work: Work, round: number): Promise<number> {
  const numbers = Array.from({ length: work.count }, (_, number) => number).values();
  const startedMs = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (const number of numbers) await work.one(connection, number, round);
    }),
  );
  return (performance.now() - startedMs) / 1_000;
}
