import type { Row } from '../bench.js';
import { againstBareCommits } from '../bookings/against-bare-commits.js';
import { appointmentFor, ask, type Visit } from '../bookings/clinic.js';

const BOOKINGS = 160;
const BOOKINGS_QUICK = 32;
const SCHEDULES = 1_000;
const SCHEDULES_QUICK = 50;

/** `POST /Appointment` on computed slots, by several clients: on one day of one Schedule, and on many Schedules. */
export const run: Row = async (bench) => {
  const { quick } = bench.options;
  const count = quick ? BOOKINGS_QUICK : BOOKINGS;
  const schedules = quick ? SCHEDULES_QUICK : SCHEDULES;
  const bookings = (name: string, on: string, of: number, visitOf: (number: number, round: number) => Visit) =>
    againstBareCommits(bench, {
      name,
      what: `bookings on ${on}`,
      schedules: of,
      count,
      one: async (connection, number, round) => {
        await ask(connection, 'POST', '/Appointment', appointmentFor(visitOf(number, round), 'booked'));
      },
    });
  return [
    // Each round has a day of its own, which begins without bookings.
    ...(await bookings('j_day', 'one schedule-day', 1, (place, day) => ({ schedule: 0, day, place }))),
    ...(await bookings('j_many', `${schedules.toLocaleString('en-US')} schedules`, schedules, (number, day) => ({
      schedule: (number + day * count) % schedules,
      day,
      place: number,
    }))),
  ];
};
