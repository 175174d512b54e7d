import type { Appointment } from 'fhir/r4.js';
import type { Row } from '../bench.js';
import { againstBareCommits, AT_ONCE } from '../bookings/against-bare-commits.js';
import { appointmentFor, ask } from '../bookings/clinic.js';

const ROUND_TRIPS = 80;
const ROUND_TRIPS_QUICK = 32;

/** `$hold`, `$book` and `$cancel` of one Appointment, by several clients, each round trip on another Schedule. */
export const run: Row = (bench) =>
  againstBareCommits(bench, {
    name: 'k',
    what: `round trips of $hold, $book, $cancel on ${String(AT_ONCE)} schedules`,
    schedules: AT_ONCE,
    count: bench.options.quick ? ROUND_TRIPS_QUICK : ROUND_TRIPS,
    one: async (connection, number, day) => {
      const wanted = appointmentFor({ schedule: number % AT_ONCE, day, place: number }, 'proposed');
      const path = `/Appointment/${heldIn(await ask(connection, 'POST', '/Appointment/$hold', wanted))}`;
      await ask(connection, 'POST', `${path}/$book`);
      await ask(connection, 'POST', `${path}/$cancel`);
    },
  });

/** The id of the Appointment in an answer of `$hold`. */
function heldIn(answer: string): string {
  const said = JSON.parse(answer) as Appointment | { entry?: { resource?: Appointment }[] };
  const held =
    'entry' in said ? said.entry?.find(({ resource }) => resource?.resourceType === 'Appointment') : undefined;
  const id = held?.resource?.id ?? (said as Appointment).id;
  if (id === undefined) throw new Error(`No Appointment was held: ${answer}`);
  return id;
}
