import type { Row } from '../bench.js';
import { appointmentFor, ask, setUp, slotsPath, withConnections } from '../bookings/clinic.js';
import type { Connection } from '../connection.js';
import { startServer } from '../processes.js';
import { median, range, shortNumber } from '../statistics.js';
import { newStore } from '../stores.js';

const WARM_UP_MS = 2_000;
const ROUND_MS = 700;
const ROUNDS = 9;
const QUICK = { warmUpMs: 300, roundMs: 200, rounds: 3 };

const BOOKERS = 50;
const ASKERS = 4;
/** The asked day is the first of those that are booked. */
const DAYS_BOOKED = 7;

/** `GET /Slot` of one day of a Schedule while 50 clients book on it, against the same while nobody does. */
export const run: Row = async (bench) => {
  const { quick } = bench.options;
  const { warmUpMs, roundMs, rounds } = quick ? QUICK : { warmUpMs: WARM_UP_MS, roundMs: ROUND_MS, rounds: ROUNDS };
  const { port } = await startServer(bench, await newStore(bench, 'l'));
  const turns: { readonly alone: Turn; readonly booked: Turn }[] = [];
  await withConnections(port, ASKERS, (askers) =>
    withConnections(port, BOOKERS, async (bookers) => {
      await setUp(askers, 1);
      await turn(askers, [], warmUpMs);
      await turn(askers, bookers, warmUpMs);
      for (let round = 0; round < rounds; round += 1) {
        const alone = await turn(askers, [], roundMs);
        turns.push({ alone, booked: await turn(askers, bookers, roundMs) });
      }
    }),
  );
  const ratios = turns.map(({ alone, booked }) => booked.answers / alone.answers);
  const middle = (of: (one: (typeof turns)[number]) => number) => shortNumber(median(turns.map(of)));
  const notes = [
    `${String(rounds)} rounds, ${String(ASKERS)} clients ask, ${range(ratios)}`,
    `alone: ${middle(({ alone }) => alone.answers)} answers per second`,
    `while ${String(BOOKERS)} clients book: ${middle(({ booked }) => booked.answers)} answers and ` +
      `${middle(({ booked }) => booked.bookings)} bookings per second`,
  ];
  return [
    {
      what: `GET /Slot while ${String(BOOKERS)} clients book on it, against alone`,
      value: median(ratios),
      unit: '',
      notes,
    },
  ];
};

/** What was answered per second. */
interface Turn {
  readonly answers: number;
  readonly bookings: number;
}

async function turn(askers: readonly Connection[], bookers: readonly Connection[], roundMs: number): Promise<Turn> {
  const startedMs = performance.now();
  const endMs = startedMs + roundMs;
  const path = slotsPath(0, 0);
  const asking = Promise.all(askers.map((one) => timesUntil(endMs, () => ask(one, 'GET', path))));
  let place = 0;
  const book = (one: Connection) => {
    place += 1;
    return ask(one, 'POST', '/Appointment', appointmentFor({ schedule: 0, day: place % DAYS_BOOKED, place }, 'booked'));
  };
  const booking = Promise.all(bookers.map((one) => timesUntil(endMs, () => book(one))));
  const perSecond = (counts: readonly number[]) =>
    (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (performance.now() - startedMs);
  const [answers, bookings] = await Promise.all([asking.then(perSecond), booking.then(perSecond)]);
  return { answers, bookings };
}

/** Acts again and again until then; answers how often. */
async function timesUntil(endMs: number, act: () => Promise<unknown>): Promise<number> {
  let times = 0;
  for (; performance.now() < endMs; times += 1) await act();
  return times;
}
