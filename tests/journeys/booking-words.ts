/** Appointments, Slots and answers of the booking journeys, written the short way. Times are of 2027-03-15, in UTC. */
import { expect } from '@jest/globals';
import type { Appointment, Schedule, Slot } from 'fhir/r4.js';
import { checkStore } from '../../server/booking/check-claims.js';
import { BOOKING_SETTINGS, bodyOf, idsOf, type TestServer } from './server.js';

/** `13:00`, or `03-16T13:00` */
export function at(time: string): string {
  return `2027-${time.includes('T') ? time : `03-15T${time}`}:00Z`;
}

/** A booking of q1: of Slots by their ids, unless the parts say otherwise. */
export function booking(slots: readonly string[], start: string, end: string, parts: Partial<Appointment> = {}) {
  return {
    resourceType: 'Appointment' as const,
    status: 'booked' as const,
    start: at(start),
    end: at(end),
    ...(slots.length > 0 && { slot: slots.map((id) => ({ reference: `Slot/${id}` })) }),
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' as const }],
    ...parts,
  };
}

export function by(actor: string): Appointment['participant'][number] {
  return { actor: { reference: actor }, status: 'accepted' };
}

export function scheduleOf(id: string, actor: string, ...parts: Partial<Schedule>[]): Schedule {
  return Object.assign({ resourceType: 'Schedule', id, actor: [{ reference: actor }] }, ...parts) as Schedule;
}

export function slotOf(id: string, schedule: string, start: string, end: string, parts: Partial<Slot> = {}): Slot {
  const times = { start: at(start), end: at(end) };
  return {
    resourceType: 'Slot',
    id,
    schedule: { reference: `Schedule/${schedule}` },
    status: 'free',
    ...times,
    ...parts,
  };
}

/** How many may book a Slot. */
export function seats(capacity: number): Partial<Slot> {
  const url = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity';
  return { extension: [{ url, valueInteger: capacity }] };
}

/** What a server is asked to do with bookings. */
export function wordsFor(server: () => TestServer) {
  async function book(appointment: object, headers: Record<string, string> = {}) {
    const answer = await server().http.post('/Appointment').set(headers).send(appointment);
    return {
      status: answer.status,
      body: bodyOf(answer),
      appointment: answer.body as Appointment,
      id: bodyOf(answer).id,
    };
  }
  async function patch(path: string, changes: Readonly<Record<string, unknown>>) {
    const operations = Object.entries(changes).map(([name, value]) => ({ op: 'add', path: `/${name}`, value }));
    const answer = await server()
      .http.patch(`/${path}`)
      .set('Content-Type', 'application/json-patch+json')
      .send(JSON.stringify(operations));
    return { status: answer.status, body: bodyOf(answer) };
  }
  async function put<T extends { readonly resourceType: string; readonly id?: string | undefined }>(resource: T) {
    const answer = await server().http.put(`/${resource.resourceType}/${resource.id}`).send(resource);
    return { status: answer.status, body: bodyOf(answer), appointment: answer.body as Appointment };
  }
  return {
    book,
    patch,
    put,
    remove: async (path: string) => (await server().http.delete(`/${path}`)).status,
    statusOf: async (path: string) => (await server().get(`/${path}`)).body.status,
    versionOf: async (path: string) => (await server().get(`/${path}`)).body.meta?.versionId,
    free: async (schedule: string, day = '2027-03-15') =>
      idsOf(await server().get(`/Slot?schedule=${schedule}&start=${day}&end=${day}`)),
    /** Nothing in the store contradicts anything else. */
    expectSound: async () => {
      const { store, clock } = server();
      const { exclusiveActors } = BOOKING_SETTINGS;
      expect(await checkStore(store, clock.ms, { exclusiveActors })).toEqual([]);
    },
  };
}

/** A resource without one of its elements. */
export function without<T extends object>(resource: T, element: keyof T & string): T {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => name !== element)) as T;
}

/** How often each status was answered. */
export function counts(answers: readonly { readonly status: number }[]): Record<number, number> {
  const found: Record<number, number> = {};
  for (const { status } of answers) found[status] = (found[status] ?? 0) + 1;
  return found;
}
