/**
 * `npm run bench -- [a b c d e f] [--quick] [--appointments=N] [--profile=FOLDER]`
 *
 * Prints what the goals of speed are held against. It judges nothing: the exit code is 1 only where something is
 * wrong, such as an old answer.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Bench, type Figure, type Options, type Row } from './bench.js';
import { shortNumber } from './statistics.js';

const ROWS: Readonly<Record<string, () => Promise<{ run: Row }>>> = {
  a: () => import('./rows/a-against-bare-http.js'),
  b: () => import('./rows/b-many-schedules.js'),
  c: () => import('./rows/c-many-appointments.js'),
  d: () => import('./rows/d-slot-generation.js'),
  e: () => import('./rows/e-load.js'),
  f: () => import('./rows/f-start.js'),
};

const APPOINTMENTS = 1_000_000;
const APPOINTMENTS_QUICK = 2_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    appointments: { type: 'string' },
    profile: { type: 'string' },
  },
});
const options: Options = {
  quick: values.quick,
  appointments: Number(values.appointments ?? (values.quick ? APPOINTMENTS_QUICK : APPOINTMENTS)),
  profileFolder: values.profile,
};

const load = shortNumber(loadavg()[0] ?? 0);
console.log(`Node ${process.version}, ${availableParallelism()} processors, load before the start ${load}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) {
  const row = ROWS[name];
  if (!row) throw new Error(`There is no row ${name}.`);
  const { run } = await row();
  for (const figure of await Bench.run(options, run)) print(name, figure);
}

function print(row: string, { what, value, unit, goal, notes }: Figure): void {
  const [sign, bound] = 'atLeast' in goal ? ['≥', goal.atLeast] : ['≤', goal.atMost];
  const reached = 'atLeast' in goal ? value >= bound : value <= bound;
  const aim = `goal ${sign} ${shortNumber(bound)}${unit}`;
  const verdict = reached ? 'reached' : 'missed';
  console.log(`(${row}) ${what.padEnd(62)} ${shortNumber(value).padStart(8)}${unit.padEnd(3)}  ${aim}: ${verdict}`);
  for (const note of notes) console.log(`      ${note}`);
}
