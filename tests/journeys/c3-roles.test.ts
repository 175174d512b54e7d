/** Whose time a Schedule takes through a PractitionerRole, and which Schedule a participant means. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PractitionerRole } from 'fhir/r4.js';
import { SCHEDULES_OF_ROLE_MAX } from '../../server/booking/role-schedules.js';
import { parseJson } from '../../server/fhir/index.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
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

    test(`SCHEDULES_OF_ROLE_MAX: a role of more than ${SCHEDULES_OF_ROLE_MAX} Schedules stays whose it is`, async () => {
      await server.put(roleOf('p2'));
      const ids = Array.from({ length: SCHEDULES_OF_ROLE_MAX + 1 }, (_, n) => `m${n}`);
      await server.put(...ids.map((id) => scheduleOf(id, 'PractitionerRole/r1')));
      expect((await put(roleOf('p1'))).status).toBe(422);
      await remove('Schedule/m0');
      expect((await put(roleOf('p1'))).status).toBe(200);
    }, 60_000);
  });
});
