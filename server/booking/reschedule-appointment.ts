import type { Appointment, AppointmentParticipant, Reference } from 'fhir/r4.js';
import { instantMs, instantText } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { localReference, type JsonObject } from '../fhir/index.js';
import { localText } from '../zones/index.js';
import {
  presentSchedules,
  withoutSchedules,
  writeAppointment,
  type Operation,
  type Outcome,
  type Stored,
} from './operation-write.js';
import type { ScheduleView } from './schedule-reader.js';
import { without } from './without.js';

/**
 * Moves an Appointment under its id to another time, also on other Schedules (operations.md §1.7). Its length, its
 * status and the end of its hold stay.
 *
 * @param asked ids of the Schedules; none: those that it has
 * @throws {Fault} `rule` for a status that cannot move, and all that a booking is refused for: it keeps its old time
 */
export async function rescheduleAppointment(
  operation: Operation,
  { id, appointment, exact }: Stored,
  start: string,
  asked: readonly string[],
): Promise<Outcome> {
  const { status } = appointment;
  if (status !== 'booked' && status !== 'pending') {
    throw fault('rule', `An Appointment that is ${status} cannot be moved.`, 'Appointment.status');
  }
  const lengthMs = instantMs(appointment.end ?? '') - instantMs(appointment.start ?? '');
  if (!(lengthMs > 0)) throw fault('rule', 'The Appointment has no time that could be moved.', 'Appointment.start');
  const present = await presentSchedules(operation, appointment);
  const wanted = asked.length > 0 ? asked : present;
  const { base } = operation.context;
  const views = await operation.deps.schedules.views([...new Set([...present, ...wanted])], base, () => undefined);
  const those = (ids: readonly string[]) => views.flatMap((view) => (view && ids.includes(view.facts.id) ? view : []));
  const zone = those(wanted)[0]?.facts.zone;
  const textOf = (ms: number) => (zone === undefined ? instantText(ms) : localText(zone, ms));
  const startMs = instantMs(start);
  const joined = wanted.filter((schedule) => !present.includes(schedule));
  const actors = { before: actorsOf(those(present)), after: actorsOf(those(wanted)), joined: actorsOf(those(joined)) };
  const moved: JsonObject = {
    ...withoutSchedules(without(exact, 'slot'), present, base),
    start: textOf(startMs),
    end: textOf(startMs + lengthMs),
    participant: movedParticipants(appointment, actors, base),
  };
  return writeAppointment(operation, id, moved, { schedules: wanted, timeRequired: true });
}

function actorsOf(views: readonly ScheduleView[]): readonly Reference[] {
  return views.flatMap(({ facts }) => facts.schedule.actor);
}

/** Actors of Schedules that are left go, those of Schedules that are joined come, all others stay. */
function movedParticipants(
  { participant, status }: Appointment,
  actors: Readonly<Record<'before' | 'after' | 'joined', readonly Reference[]>>,
  base: string,
): Appointment['participant'] {
  const namesOf = (some: readonly Reference[]) => new Set(some.map(({ reference }) => nameOf(reference, base)));
  const [before, after] = [namesOf(actors.before), namesOf(actors.after)];
  const stays = participant.filter(({ actor }) => {
    const name = nameOf(actor?.reference, base);
    return name === undefined || !before.has(name) || after.has(name);
  });
  const known = namesOf(stays.flatMap(({ actor }) => (actor?.reference === undefined ? [] : actor)));
  const coming = actors.joined.filter(({ reference }) => !known.has(nameOf(reference, base)));
  const comes = status === 'pending' ? 'tentative' : 'accepted';
  return [...stays, ...coming.map((actor): AppointmentParticipant => ({ actor, status: comes }))];
}

function nameOf(reference: string | undefined, base: string): string | undefined {
  const key = localReference(reference, [base]);
  return key ? `${key.type}/${key.id}` : reference;
}
