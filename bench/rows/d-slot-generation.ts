import type { Row } from '../bench.js';
import { median, range } from '../statistics.js';
import type * as Slots from '../../server/slots/index.js';

const MS_PER_DAY = 86_400_000;
const DAYS = 93;
const FROM_MS = Date.UTC(2027, 1, 1);
const ROUNDS = 15;
const LISTINGS_PER_ROUND = 200;
const CLAIMS_PER_DAY = 3;

// By its place in dist, so that what is measured is what is served.
const { listCandidates } = (await import(new URL('../../slots/index.js', import.meta.url).href)) as typeof Slots;

const RULE: Slots.AvailabilityRule = {
  zone: 'America/New_York',
  hours: [{ daysOfWeek: [1, 2, 3, 4, 5], startMinute: 9 * 60, endMinute: 17 * 60 }],
  overrides: [],
  closures: [],
  durationMinutes: 20,
  fixedDuration: false,
  offsetMinutes: 0,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  limits: [],
  capacity: 1,
};

const QUESTION: Slots.SlotQuestion = {
  startFromMs: FROM_MS,
  startBeforeMs: FROM_MS + DAYS * MS_PER_DAY,
  endByMs: FROM_MS + DAYS * MS_PER_DAY,
  nowMs: FROM_MS,
};

const NOTHING_TAKEN: Slots.Occupied = {
  horizon: { startMs: -Infinity, endMs: Infinity },
  blocked: [],
  claims: [],
  bookedStartsMs: [],
};

/** Nanoseconds for each slot that comes out, over the longest time that one may ask for, in which summer begins. */
export const run: Row = (bench) => {
  const listings = bench.options.quick ? 5 : LISTINGS_PER_ROUND;
  const withBookings = { ...NOTHING_TAKEN, claims: claims() };
  // Both in turns, as two functions that share their compiled code do in a server.
  const free: number[] = [];
  const booked: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    free.push(nanosecondsPerSlot(NOTHING_TAKEN, listings));
    booked.push(nanosecondsPerSlot(withBookings, listings));
  }
  const figure = (what: string, [, ...rounds]: readonly number[]) => ({
    what,
    value: median(rounds),
    unit: ' ns',
    goal: { atMost: 150 },
    notes: [`${ROUNDS} rounds of ${listings} listings, ${range(rounds)}`],
  });
  return Promise.resolve([
    figure(`a slot of ${DAYS} days, nothing taken`, free),
    figure(`a slot of ${DAYS} days with ${withBookings.claims.length} bookings`, booked),
  ]);
};

function nanosecondsPerSlot(occupied: Slots.Occupied, listings: number): number {
  let slots = 0;
  const started = process.hrtime.bigint();
  for (let listing = 0; listing < listings; listing += 1) {
    slots += listCandidates([RULE], QUESTION, occupied).length;
  }
  return Number(process.hrtime.bigint() - started) / slots;
}

/** A few visits on each day, of 20 minutes each. */
function claims(): readonly Slots.ClaimedTime[] {
  return Array.from({ length: DAYS * CLAIMS_PER_DAY }, (_, number) => {
    const day = Math.floor(number / CLAIMS_PER_DAY);
    const hour = 15 + (number % CLAIMS_PER_DAY);
    const startMs = FROM_MS + day * MS_PER_DAY + hour * 3_600_000;
    return { startMs, endMs: startMs + 1_200_000, pool: { name: undefined } };
  });
}
