/**
 * `npm run bench -- [a b c d e f j k l] [--quick] [--appointments=N] [--profile=FOLDER]`
 * `npm run bench -- [a b … l] --store mongodb://HOST/NAME [--quick] …`
 *
 * Rows j and k hold bookings against the same commits handed to the store.
 * Rows g, h and i hold a MongoDB store against the bare driver. Databases are made as `NAME_bench_…` and dropped.
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
  j: () => import('./rows/j-bookings.js'),
  k: () => import('./rows/k-round-trips.js'),
  l: () => import('./rows/l-slots-while-booking.js'),
};
const DATABASE_ROWS: typeof ROWS = {
  g: () => import('./rows/g-against-bare-reads.js'),
  h: () => import('./rows/h-against-bare-writes.js'),
  i: () => import('./rows/i-two-servers.js'),
};

const APPOINTMENTS = 1_000_000;
/** A database takes them more slowly; it is the same question. */
const APPOINTMENTS_DATABASE = 20_000;
const APPOINTMENTS_QUICK = 2_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    appointments: { type: 'string' },
    profile: { type: 'string' },
    store: { type: 'string' },
  },
});
const whole = values.store === undefined ? APPOINTMENTS : APPOINTMENTS_DATABASE;
const options: Options = {
  quick: values.quick,
  appointments: Number(values.appointments ?? (values.quick ? APPOINTMENTS_QUICK : whole)),
  profileFolder: values.profile,
  storeUrl: values.store,
};
const rows = values.store === undefined ? ROWS : { ...ROWS, ...DATABASE_ROWS };

const load = shortNumber(loadavg()[0] ?? 0);
console.log(`Node ${process.version}, ${availableParallelism()} processors, load before the start ${load}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(rows)) {
  const row = rows[name];
  if (!row) throw new Error(`There is no row ${name}${name in DATABASE_ROWS ? ' without --store' : ''}.`);
  const { run } = await row();
  for (const figure of await Bench.run(options, run)) print(name, figure);
}

function print(row: string, figure: Figure): void {
  const { what, value, unit, notes } = figure;
  console.log(`(${row}) ${what.padEnd(62)} ${shortNumber(value).padStart(8)}${unit.padEnd(3)}  ${judgement(figure)}`);
  for (const note of notes) console.log(`      ${note}`);
}

function judgement({ value, unit, goal, notJudged }: Figure): string {
  if (!goal) return 'no goal';
  const [sign, bound] = 'atLeast' in goal ? ['≥', goal.atLeast] : ['≤', goal.atMost];
  const reached = 'atLeast' in goal ? value >= bound : value <= bound;
  return `goal ${sign} ${shortNumber(bound)}${unit}: ${notJudged ?? (reached ? 'reached' : 'missed')}`;
}
