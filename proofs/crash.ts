/**
 * `npm run crash -- [--kills 200] [--every MS] [--restarts N --database-down COMMAND --database-up COMMAND]
 * [--store-also URL --cuts N --cut COMMAND --mend COMMAND]`, and the options of `contend` but `--seconds` and
 * `--operations`.
 *
 * As `contend`, while processes are killed at random moments, the database is killed and started again, and the front
 * `--store-also` is cut off. Every process must get on after a restart or a cut, and nothing may be left behind.
 */
import { proveUnderLoad } from './harness/load.js';
import { numberIn, readOptions, textIn } from './harness/options.js';
import { makeTrouble, type AwayAndBack, type Troubles } from './harness/trouble.js';

const { options, values } = readOptions({
  kills: { type: 'string', default: '200' },
  every: { type: 'string', default: '200' },
  restarts: { type: 'string', default: '0' },
  'database-down': { type: 'string' },
  'database-up': { type: 'string' },
  cuts: { type: 'string', default: '0' },
  cut: { type: 'string' },
  mend: { type: 'string' },
});

const database = pair('database-down', 'database-up');
const front = pair('cut', 'mend');
const [other, cutOff] = options.places;
const troubles: Troubles = {
  kills: numberIn(values, 'kills'),
  everyMs: numberIn(values, 'every'),
  restarts: numberIn(values, 'restarts'),
  cuts: numberIn(values, 'cuts'),
  database,
  front: front && other !== undefined && cutOff !== undefined ? { ...front, other } : undefined,
  seed: options.seed,
};
if (troubles.restarts > 0 && !database) throw new Error('--restarts needs --database-down and --database-up.');
if (troubles.cuts > 0 && !troubles.front) throw new Error('--cuts needs --store-also, --cut and --mend.');

await proveUnderLoad(options, (team) => makeTrouble(team, troubles));

function pair(awayName: string, backName: string): AwayAndBack | undefined {
  const [away, back] = [textIn(values, awayName), textIn(values, backName)];
  return away !== undefined && back !== undefined ? { away, back } : undefined;
}
