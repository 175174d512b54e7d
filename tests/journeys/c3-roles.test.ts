/** Whose time a Schedule takes through a PractitionerRole, and which Schedule a participant means. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, FhirResource, PractitionerRole } from 'fhir/r4.js';
import { ROLES_OF_ACTOR_MAX } from '../../server/booking/appointment-schedules.js';
import { SCHEDULES_OF_ROLE_MAX } from '../../server/booking/role-schedules.js';
import { parseJson } from '../../server/fhir/index.js';
import { booking, by, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { journeyStores, startServer, type TestServer } from './server.js';

const roleOf = (practitioner: string | undefined, id = 'r1'): PractitionerRole => ({
  ...{ resourceType: 'PractitionerRole', id },
  ...(practitioner !== undefined && { practitioner: { reference: `Practitioner/${practitioner}` } }),
});

describe.each(journeyStores)('C3, roles, on $name', (store) => {
  let server: TestServer;
  const { book, put, patch, remove, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      ...(['p1', 'p2'] as const).map((id) => ({ resourceType: 'Practitioner' as const, id })),
      { resourceType: 'Patient', id: 'q1' },
      scheduleOf('ofDoctor', 'Practitioner/p1'),
      slotOf('x', 'ofDoctor', '13:00', '13:30'),
    );
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const bookX = () => book(booking(['x'], '13:00', '13:30'));
  const inRole = () => put(slotOf('inRole', 'ofRole', '13:00', '13:30'));

  describe('a Schedule of a role takes the time of whom the role leads to', () => {
    test('as soon as the role is written, be it after the Schedule', async () => {
      await server.put(scheduleOf('ofRole', 'PractitionerRole/r1'));
      await inRole();
      expect((await put(roleOf('p1'))).status).toBe(201);
      expect((await bookX()).status).toBe(201);
      expect(await statusOf('Slot/inRole')).toBe('busy-unavailable');
      expect((await book(booking(['inRole'], '13:00', '13:30'))).status).toBe(409);
    });

    test('the new one, where the role goes to another, by PUT and by PATCH', async () => {
      await server.put(roleOf('p2'), scheduleOf('ofRole', 'PractitionerRole/r1'));
      await inRole();
      await bookX();
      expect((await put(roleOf('p1'))).status).toBe(200);
      expect(await statusOf('Slot/inRole')).toBe('busy-unavailable');
      expect((await patch('PractitionerRole/r1', { practitioner: { reference: 'Practitioner/p2' } })).status).toBe(200);
      expect(await statusOf('Slot/inRole')).toBe('free');
    });

    test('nobody else, where the role is deleted', async () => {
      await server.put(roleOf('p1'), scheduleOf('ofRole', 'PractitionerRole/r1'));
      await inRole();
      await bookX();
      expect(await remove('PractitionerRole/r1')).toBe(204);
      expect(await statusOf('Slot/inRole')).toBe('free');
      expect((await book(booking(['inRole'], '13:00', '13:30'))).status).toBe(201);
    });

    test('by a load too, that of two roles at once', async () => {
      await server.put(roleOf('p2'), roleOf('p2', 'r2'));
      const actor = ['r1', 'r2'].map((id) => ({ reference: `PractitionerRole/${id}` }));
      await server.put(scheduleOf('ofRole', 'PractitionerRole/r1', { actor }));
      await inRole();
      await bookX();
      const items = [roleOf('p1'), roleOf('p1', 'r2')].map((role) => ({ body: parseJson(JSON.stringify(role)) }));
      const loaded = await server.resources.load(items, { base: 'http://127.0.0.1:8080', strict: false });
      expect(loaded.map(({ ok }) => ok)).toEqual([true, true]);
      expect(await statusOf('Slot/inRole')).toBe('busy-unavailable');
    });

    test('the same, as long as somebody has booked it: 409 naming the Schedule, and nothing is changed', async () => {
      await server.put(
        roleOf('p2'),
        scheduleOf('ofRole', 'PractitionerRole/r1'),
        scheduleOf('free', 'PractitionerRole/r1'),
      );
      await inRole();
      const { id } = await book(booking(['inRole'], '13:00', '13:30'));
      const { status, body } = await put(roleOf('p1'));
      expect([status, body.issue?.map(({ diagnostics }) => diagnostics)]).toEqual([
        409,
        [expect.stringContaining('Schedule/ofRole')],
      ]);
      expect(await remove('PractitionerRole/r1')).toBe(409);
      expect((await bookX()).status).toBe(201);
      expect((await put({ ...roleOf('p2'), active: true })).status).toBe(200);
      await patch(`Appointment/${id}`, { status: 'cancelled' });
      expect((await put(roleOf('p1'))).status).toBe(200);
    });

    test(`SCHEDULES_OF_ROLE_MAX: a role of more than ${SCHEDULES_OF_ROLE_MAX} Schedules stays`, async () => {
      await server.put(roleOf('p2'));
      const ids = Array.from({ length: SCHEDULES_OF_ROLE_MAX + 1 }, (_, n) => `m${n}`);
      await server.put(...ids.map((id) => scheduleOf(id, 'PractitionerRole/r1')));
      expect((await put(roleOf('p1'))).status).toBe(422);
      await remove('Schedule/m0');
      expect((await put(roleOf('p1'))).status).toBe(200);
    }, 60_000);
  });

  describe('a participant without a Slot means', () => {
    const withDoctor = { participant: [by('Patient/q1'), by('Practitioner/p2')] };
    const atOne = (parts: Partial<Appointment> = {}) =>
      book(booking([], '13:00', '13:30', { ...withDoctor, ...parts }));

    beforeEach(async () => {
      await server.put(roleOf('p2'), scheduleOf('ofRole', 'PractitionerRole/r1'));
      await inRole();
    });

    test('the Schedule of a role in which the Practitioner works', async () => {
      const { status, appointment } = await atOne();
      expect([status, appointment.slot]).toEqual([201, [{ reference: 'Slot/inRole' }]]);
      expect((await atOne()).status).toBe(409);
    });

    test('several of them, unless the role takes part too, or its place', async () => {
      await server.put(
        { resourceType: 'Location', id: 'l1' },
        roleOf('p2', 'r2'),
        scheduleOf('ofOther', 'PractitionerRole/r2', {
          actor: [{ reference: 'PractitionerRole/r2' }, { reference: 'Location/l1' }],
        }),
        slotOf('inOther', 'ofOther', '13:00', '13:30'),
      );
      const several = await atOne();
      expect(several.status).toBe(422);
      expect(several.body.issue?.[0]?.diagnostics).toMatch(/Schedule\/ofOther.*Schedule\/ofRole|ofRole.*ofOther/);
      const inPlace = await atOne({ participant: [...withDoctor.participant, by('Location/l1')] });
      expect(inPlace.appointment.slot).toEqual([{ reference: 'Slot/inOther' }]);
      await patch(`Appointment/${inPlace.id}`, { status: 'cancelled' });
      const ofRole = await atOne({ participant: [...withDoctor.participant, by('PractitionerRole/r1')] });
      expect(ofRole.appointment.slot).toEqual([{ reference: 'Slot/inRole' }]);
    });

    test(`ROLES_OF_ACTOR_MAX: with more than ${ROLES_OF_ACTOR_MAX} roles, none that could be told`, async () => {
      await server.put(...Array.from({ length: ROLES_OF_ACTOR_MAX }, (_, n) => roleOf('p2', `m${n}`)));
      expect((await atOne()).status).toBe(422);
      expect((await atOne({ slot: [{ reference: 'Slot/inRole' }] })).status).toBe(201);
    });
  });

  describe('a participant of whose Schedules none is active', () => {
    const atTwo = (parts: Partial<Appointment> = {}) =>
      booking([], '14:00', '14:30', { participant: [by('Patient/q1'), by('Practitioner/p1')], ...parts });

    test.each([
      ['the Schedule', () => scheduleOf('ofDoctor', 'Practitioner/p1', { active: false })],
      ['the Practitioner', (): FhirResource => ({ resourceType: 'Practitioner', id: 'p1', active: false })],
    ])('%s is inactive: 422 naming the Schedule, and nothing is stored', async (_, inactive) => {
      await server.put(inactive());
      const { status, body } = await book(atTwo());
      expect([status, body.issue?.map(({ diagnostics }) => diagnostics)]).toEqual([
        422,
        [expect.stringContaining('Schedule/ofDoctor')],
      ]);
      expect((await server.get('/Appointment')).body.total).toBe(0);
    });

    test('a Schedule of a role counts like any other, and so does a room', async () => {
      await server.put(
        { ...roleOf('p2'), active: false },
        scheduleOf('ofRole', 'PractitionerRole/r1'),
        { resourceType: 'Location', id: 'room', status: 'inactive' },
        scheduleOf('ofRoom', 'Location/room'),
      );
      for (const actor of ['Practitioner/p2', 'Location/room']) {
        expect((await book(atTwo({ participant: [by('Patient/q1'), by(actor)] }))).status).toBe(422);
      }
      await server.put(scheduleOf('active', 'Practitioner/p2'), slotOf('y', 'active', '14:00', '14:30'));
      expect((await book(atTwo({ participant: [by('Patient/q1'), by('Practitioner/p2')] }))).status).toBe(201);
    });

    test('does not matter where no time is won: proposed, as it was, or from an import', async () => {
      const withoutSchedule = atTwo({ participant: [by('Patient/q1'), by('Practitioner/p2')] });
      const { appointment } = await book(withoutSchedule);
      await server.put(scheduleOf('late', 'Practitioner/p2', { active: false }));
      expect((await book({ ...withoutSchedule, status: 'proposed' })).status).toBe(201);
      expect((await put({ ...appointment, status: 'arrived' })).status).toBe(200);
      await server.put({ ...withoutSchedule, id: 'imported' });
      expect(await statusOf('Appointment/imported')).toBe('booked');
      for (const id of [appointment.id, 'imported']) await remove(`Appointment/${id}`);
    });
  });
});
