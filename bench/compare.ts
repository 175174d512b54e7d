import { QUESTIONS_PER_BURST, type Side } from './sides.js';
import { median, range, shortNumber } from './statistics.js';

/** Before anything counts, so that the compilers of both sides have done their work. */
const WARM_UP_MS = 3_000;
const ROUND_MS = 700;
const ROUNDS = 15;
const QUICK = { warmUpMs: 200, roundMs: 100, rounds: 5 };

/** What one side did in one round. */
interface Turn {
  readonly answersPerSecond: number;
  readonly changeMs: number;
}

export interface Comparison {
  /** Median over the rounds of the first side's answers per second by the second's. */
  readonly ratio: number;
  readonly notes: readonly string[];
}

/**
 * Lets two sides answer in turns, so that whatever else the machine does strikes both. Only questions count: a change
 * comes after each ten of them, and its effect must show, but its time, mostly the disk's, is told apart.
 */
export async function compare(first: Named, second: Named, quick: boolean): Promise<Comparison> {
  const { warmUpMs, roundMs, rounds } = quick ? QUICK : { warmUpMs: WARM_UP_MS, roundMs: ROUND_MS, rounds: ROUNDS };
  await turn(first.side, warmUpMs);
  await turn(second.side, warmUpMs);
  const firsts: Turn[] = [];
  const seconds: Turn[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who begins changes, so that neither always comes after the other.
    if (round % 2 === 0) firsts.push(await turn(first.side, roundMs));
    seconds.push(await turn(second.side, roundMs));
    if (round % 2 === 1) firsts.push(await turn(first.side, roundMs));
  }
  const ratios = firsts.map(
    ({ answersPerSecond }, round) => answersPerSecond / (seconds[round] as Turn).answersPerSecond,
  );
  return {
    ratio: median(ratios),
    notes: [`${rounds} rounds, ${range(ratios)}`, noteOf(first.name, firsts), noteOf(second.name, seconds)],
  };
}

interface Named {
  readonly name: string;
  readonly side: Side;
}

async function turn({ enter }: Side, roundMs: number): Promise<Turn> {
  const { burst, change, leave } = await enter();
  const endMs = performance.now() + roundMs;
  const changesMs: number[] = [];
  let askedMs = 0;
  try {
    while (performance.now() < endMs) {
      askedMs += await burst();
      changesMs.push(await change());
    }
  } finally {
    leave();
  }
  const answersPerSecond = (changesMs.length * QUESTIONS_PER_BURST * 1_000) / askedMs;
  return { answersPerSecond, changeMs: median(changesMs) };
}

function noteOf(name: string, turns: readonly Turn[]): string {
  const answers = shortNumber(median(turns.map(({ answersPerSecond }) => answersPerSecond)));
  const change = shortNumber(median(turns.map(({ changeMs }) => changeMs)));
  return `${name}: ${answers} answers per second${change === '0' ? '' : `, a change ${change} ms`}`;
}
