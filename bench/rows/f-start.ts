import { Bench, type Row } from '../bench.js';
import { Connection, requestText } from '../connection.js';
import { startServer } from '../processes.js';
import { realSide } from '../sides.js';
import { median, range } from '../statistics.js';
import { newStore } from '../stores.js';

const ROUNDS = 11;
const ROUNDS_QUICK = 5;

/** From the start of the process to the first answer, on a store that is there already. */
export const run: Row = async (bench) => {
  const { options } = bench;
  const store = await newStore(bench, 'f');
  await Bench.run(options, async (setUp) => realSide((await startServer(setUp, store)).port));
  const rounds = options.quick ? ROUNDS_QUICK : ROUNDS;
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    seconds.push(await Bench.run(options, (one) => firstAnswer(one, store)));
  const notes = [`${rounds} starts, ${range(seconds)}`];
  return [{ what: 'from start to the first answer', value: median(seconds), unit: ' s', goal: { atMost: 0.7 }, notes }];
};

async function firstAnswer(bench: Bench, store: string): Promise<number> {
  const startedMs = performance.now();
  const connection = await Connection.open((await startServer(bench, store)).port);
  const { status } = await connection.ask(requestText('GET', '/Slot?schedule=measured'));
  const seconds = (performance.now() - startedMs) / 1_000;
  connection.close();
  if (status !== 200) throw new Error(`The first answer is ${status}.`);
  return seconds;
}
