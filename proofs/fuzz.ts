/**
 * `npm run fuzz -- [--store URL] [--runs N] [--seed N]`
 *
 * Requests made by the schemas of the server's own OpenAPI document, sound and broken. Every answer must be one that
 * the document lists: its status, its media type, its body; none is a 5xx, and afterwards the store holds together.
 * Prints what was answered; the exit code is 1 where something is wrong. Without `--store` it is one in memory.
 */
import { parseArgs } from 'node:util';
import type * as AppModule from '../server/app.js';
import type * as BookingModule from '../server/booking/index.js';
import type * as OpenStore from '../server/open-store.js';
import { fuzz } from './fuzz/run.js';
import { numberIn } from './harness/options.js';

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite::memory:' },
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(process.pid) },
  },
});
const [runs, seed] = [numberIn(values, 'runs'), numberIn(values, 'seed')];

/** A module of the server, from the build beside this one. */
const partOf = (path: string): Promise<unknown> => import(new URL(`../${path}`, import.meta.url).href);
const { openStore } = (await partOf('open-store.js')) as typeof OpenStore;
const { makeApp } = (await partOf('app.js')) as typeof AppModule;
const { checkStore } = (await partOf('booking/index.js')) as typeof BookingModule;

console.log(`${String(runs)} requests, --seed ${String(seed)}`);
const store = await openStore(values.store);
const { places, statuses, wrong } = await fuzz(store, { makeApp, checkStore }, { runs, seed });
await store.close();
const counts = [...statuses].sort(([one], [other]) => one - other).map((pair) => pair.join(': '));
console.log(`${String(places)} places; answers by status: ${counts.join(', ')}`);
for (const one of wrong) console.log(one);
console.log(wrong.length === 0 ? 'Nothing is wrong.' : `${String(wrong.length)} wrong.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
