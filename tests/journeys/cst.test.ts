/**
 * The FHIR scheduling track, CST01 to CST12, in the order in which its testers take the steps, over HTTP on each store:
 * one appointment from the search for a schedule to its cancellation. Nobody writes here that a Slot is busy, or free
 * again: the Appointment does it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, AppointmentResponse, Slot } from 'fhir/r4.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { bodyOf, idsOf, journeyStores, startServer, type TestServer } from './server.js';

const PARTIES = ['Patient/q1', 'Practitioner/p1'] as const;

describe.each(journeyStores)('the scheduling track on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS);
  });
  afterAll(() => server.close());

  const get = async <T>(path: string) => (await server.get(path)).body as unknown as T;
  const update = async (appointment: Appointment, changes: Partial<Appointment>) =>
    server.http.put(`/Appointment/${String(appointment.id)}`).send({ ...appointment, ...changes });

  /** Each step rests on those before it. */
  const steps: Readonly<Record<string, () => Promise<void>>> = {
    'CST01: the schedule of a practitioner is found': async () => {
      expect(idsOf(await server.get('/Schedule?actor=Practitioner/p1'))).toEqual(['s1']);
    },
    'CST02: so are its free slots': async () => {
      expect(idsOf(await server.get('/Slot?schedule=Schedule/s1&status=free'))).toEqual(['A', 'B', 'G']);
    },
    'CST03: an appointment in one of them is proposed': async () => {
      const participant = PARTIES.map((reference) => ({ actor: { reference }, status: 'needs-action' as const }));
      const { start, end } = await get<Slot>('/Slot/A');
      const slot = [{ reference: 'Slot/A' }];
      const answer = await server.http
        .put('/Appointment/cst')
        .send({ resourceType: 'Appointment', id: 'cst', status: 'proposed', start, end, slot, participant });
      expect(answer.status).toBe(201);
    },
    'CST04: the slot is kept: busy-tentative': async () => {
      const kept = await server.http
        .patch('/Slot/A')
        .set({ 'Content-Type': 'application/json-patch+json', 'If-Match': 'W/"1"' })
        .send(JSON.stringify([{ op: 'replace', path: '/status', value: 'busy-tentative' }]));
      expect([kept.status, bodyOf(kept).status]).toEqual([200, 'busy-tentative']);
    },
    'CST05, CST06: patient and practitioner answer, each by an AppointmentResponse': async () => {
      for (const reference of PARTIES) {
        const response: AppointmentResponse = {
          ...{ resourceType: 'AppointmentResponse', appointment: { reference: 'Appointment/cst' } },
          ...{ actor: { reference }, participantStatus: 'accepted' },
        };
        expect((await server.http.post('/AppointmentResponse').send(response)).status).toBe(201);
      }
      const found = await server.get('/AppointmentResponse?appointment=cst&part-status=accepted');
      expect(idsOf(found)).toHaveLength(2);
    },
    'CST07, CST08: the participants of the appointment have accepted': async () => {
      for (const reference of PARTIES) {
        const appointment = await get<Appointment>('/Appointment/cst');
        const participant = appointment.participant.map((one) =>
          one.actor?.reference === reference ? { ...one, status: 'accepted' as const } : one,
        );
        expect((await update(appointment, { participant })).status).toBe(200);
      }
      expect(idsOf(await server.get('/Appointment?part-status=accepted&_id=cst'))).toEqual(['cst']);
    },
    'CST09, CST10: the appointment is booked, and its slot busy': async () => {
      const booked = await update(await get<Appointment>('/Appointment/cst'), { status: 'booked' });
      expect([booked.status, bodyOf(booked).status]).toEqual([200, 'booked']);
      expect((await server.get('/Slot/A')).body.status).toBe('busy');
    },
    'CST11: the appointment is cancelled': async () => {
      const cancelled = await update(await get<Appointment>('/Appointment/cst'), { status: 'cancelled' });
      expect([cancelled.status, bodyOf(cancelled).status]).toEqual([200, 'cancelled']);
    },
    'CST12: the slot is free again': async () => {
      expect((await server.get('/Slot/A')).body.status).toBe('free');
      expect(idsOf(await server.get('/Slot?schedule=s1&status=free'))).toContain('A');
    },
  };

  test.each(Object.entries(steps))('%s', (_, step) => step());
});
