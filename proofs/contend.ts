/**
 * `npm run contend -- [--store URL] [--store-also URL] [--processes N] [--seconds N] [--documents N] [--seed TEXT]
 * [--workload NAME]`
 *
 * Several processes commit on the same documents. Prints how much they did; the exit code is 1 where something is not
 * as their journals say. Without `--store` it is an SQLite file of its own; `--store-also` is a second front over the
 * same data, which every other process uses.
 */
import { setTimeout } from 'node:timers/promises';
import { proveUnderLoad } from './harness/load.js';
import { numberIn, readOptions } from './harness/options.js';

const { options, values } = readOptions({ seconds: { type: 'string', default: '20' } });
const seconds = numberIn(values, 'seconds');

await proveUnderLoad(options, () => setTimeout(seconds * 1_000, []));
