/**
 * `npm run contend -- [--store URL] [--store-also URL] [--processes N] [--seconds N | --operations N] [--documents N]
 * [--seed TEXT] [--workload NAME]`
 *
 * Several processes commit on the same documents. Prints how much they did; the exit code is 1 where something is not
 * as their journals say. Without `--store` it is an SQLite file of its own; `--store-also` is a second front over the
 * same data, which every other process uses.
 */
import { setTimeout } from 'node:timers/promises';
import { proveUnderLoad } from './harness/load.js';
import { numberIn, readOptions, textIn } from './harness/options.js';

const LOOK_MS = 100;

const { options, values } = readOptions({
  seconds: { type: 'string', default: '20' },
  operations: { type: 'string' },
});
const seconds = numberIn(values, 'seconds');
const operations = textIn(values, 'operations') === undefined ? undefined : numberIn(values, 'operations');

await proveUnderLoad(options, async (team) => {
  if (operations === undefined) await setTimeout(seconds * 1_000);
  else while (team.answered < operations && team.isAtWork) await setTimeout(LOOK_MS);
  return [];
});
