/** Schedules that are always open, for many at once, and what is asked of them. */
import type { Appointment, FhirResource, Schedule } from 'fhir/r4.js';
import { Connection, requestText } from '../connection.js';
import { practitioner } from '../resources.js';

const AVAILABILITY = 'https://fhir-slots.dev/fhir/StructureDefinition/availability';
/** As many as a rule may have: no booking is refused. */
const CAPACITY = 1_000;
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_DAY = 1_440;
const VISIT_MINUTES = 20;
/** How many visits of a day begin at times of their own. */
export const PLACES_PER_DAY = MINUTES_PER_DAY / VISIT_MINUTES;
/** The first day that is booked lies so far ahead. */
const DAYS_AHEAD = 30;

/** Which visit: those of one place and day are at the same time. */
export interface Visit {
  readonly schedule: number;
  /** From the first day that is booked. */
  readonly day: number;
  /** Any number; it counts round the day. */
  readonly place: number;
}

/** Puts so many Schedules into a server, each with a Practitioner of its own. */
export async function setUp(connections: readonly Connection[], schedules: number): Promise<void> {
  const numbers = Array.from({ length: schedules }, (_, number) => number).values();
  const put = (connection: Connection, resource: FhirResource) =>
    ask(connection, 'PUT', `/${resource.resourceType}/${resource.id ?? ''}`, JSON.stringify(resource));
  await Promise.all(
    connections.map(async (connection) => {
      for (const number of numbers) {
        await put(connection, practitioner(number));
        await put(connection, openSchedule(number));
      }
    }),
  );
}

function openSchedule(number: number): Schedule {
  return {
    resourceType: 'Schedule',
    id: scheduleId(number),
    active: true,
    actor: [{ reference: `Practitioner/p${number}` }],
    extension: [
      {
        url: AVAILABILITY,
        extension: [
          { url: 'timezone', valueCode: 'UTC' },
          { url: 'availableTime', extension: [{ url: 'allDay', valueBoolean: true }] },
          {
            url: 'duration',
            valueDuration: { value: VISIT_MINUTES, system: 'http://unitsofmeasure.org', code: 'min' },
          },
          { url: 'capacity', valuePositiveInt: CAPACITY },
        ],
      },
    ],
  };
}

export function scheduleId(number: number): string {
  return `open-${String(number)}`;
}

/** The Appointment that asks for a visit; it is answered with a Slot that was computed. */
export function appointmentFor(visit: Visit, status: 'booked' | 'proposed'): string {
  const startMs = dayStartMs(visit.day) + (visit.place % PLACES_PER_DAY) * VISIT_MINUTES * MS_PER_MINUTE;
  const appointment: Appointment = {
    resourceType: 'Appointment',
    status,
    start: new Date(startMs).toISOString(),
    end: new Date(startMs + VISIT_MINUTES * MS_PER_MINUTE).toISOString(),
    supportingInformation: [{ reference: `Schedule/${scheduleId(visit.schedule)}` }],
    participant: [{ actor: { reference: `Practitioner/p${visit.schedule}` }, status: 'accepted' }],
  };
  return JSON.stringify(appointment);
}

/** The question for all slots of a Schedule on one day. */
export function slotsPath(schedule: number, day: number): string {
  const text = (ms: number) => new Date(ms).toISOString();
  const during = `start=ge${text(dayStartMs(day))}&start=lt${text(dayStartMs(day + 1))}`;
  return `/Slot?schedule=${scheduleId(schedule)}&${during}&_count=${String(PLACES_PER_DAY)}`;
}

function dayStartMs(day: number): number {
  const dayMs = MINUTES_PER_DAY * MS_PER_MINUTE;
  return (Math.floor(Date.now() / dayMs) + DAYS_AHEAD + day) * dayMs;
}

/** @throws {Error} for an answer that is none */
export async function ask(connection: Connection, method: string, path: string, body?: string): Promise<string> {
  const { status, body: answer } = await connection.ask(requestText(method, path, body));
  if (status >= 300) throw new Error(`${method} ${path} was answered with ${String(status)}: ${answer.toString()}`);
  return answer.toString();
}

/** Opens so many connections, lets them be used, and closes them. */
export async function withConnections<T>(
  port: number,
  count: number,
  act: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  try {
    return await act(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}
