/** Holds as the engine makes them, for journeys that are not about the operations. */
import type { Appointment } from 'fhir/r4.js';
import { makeComputedSlotReader } from '../../server/booking/computed-slot-reader.js';
import { makeDecide } from '../../server/booking/decide.js';
import { writeDeps } from '../../server/booking/make-resources.js';
import { ScheduleReader } from '../../server/booking/schedule-reader.js';
import { stageWrite } from '../../server/booking/stage-write.js';
import type { Written } from '../../server/booking/types.js';
import { parseJson } from '../../server/fhir/index.js';
import { keyHashOf } from '../../server/booking/stage-appointment.js';
import type { TestServer } from './server.js';

const BASE = 'http://127.0.0.1:8080';

/** Writes a pending Appointment that is held until an instant. @throws {Fault} where it cannot have its time */
export async function hold(
  server: TestServer,
  appointment: Appointment,
  until: string,
  key?: string,
): Promise<Written> {
  const { store } = server;
  const clock = { nowMs: () => server.clock.ms };
  const schedules = new ScheduleReader(store, 'UTC');
  const computedSlots = makeComputedSlotReader(store, schedules, clock);
  const ground = { store, clock, newId: () => 'unused', defaultZone: 'UTC', computedSlots, schedules };
  const deps = { ...ground, exclusiveActors: ['Practitioner' as const, 'Device' as const] };
  const id = appointment.id ?? 'held';
  const resource: Appointment = { ...appointment, id, status: 'pending' };
  return makeDecide(deps)({ base: BASE, strict: false }, (draft) =>
    stageWrite(draft, writeDeps(deps), {
      ...{ type: 'Appointment', id, base: BASE, bulk: false, resource },
      body: parseJson(JSON.stringify(resource)),
      asked: { holdUntilMs: Date.parse(until) },
      ...(key !== undefined && { permitted: { keyHash: keyHashOf(key) } }),
    }),
  );
}
