/** `$lock`, `$unlock`, `$disable`, `$enable` (docs/operations.md §1.8) and PATCH of `Slot.status`, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Slot } from 'fhir/r4.js';
import { makeApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { storedSlot, text, time } from './operation-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const LOCKABLE = 'https://fhir-slots.dev/fhir/StructureDefinition/lockable';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, patch, get, everything } = operationsOf(() => server);
  const { expectSound } = wordsFor(() => server);
  let computed: string;

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    await server.put(PRACTITIONER, ...PATIENTS, ADAMS, room, storedSlot('A'));
    computed = matchesOf(await server.get('/Slot?schedule=dr-adams&start=2027-03-15&end=2027-03-15'))[0]?.id ?? '';
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const lockFor = (key: string, until = '2027-03-15T12:30:00Z') => parameters(time('until', until), text('key', key));

  describe.each(['stored', 'computed'])('a %s Slot', (kind) => {
    const slot = () => (kind === 'stored' ? 'A' : computed);
    const ask = async (operation: string, body?: object, headers = {}) =>
      post(`Slot/${slot()}/$${operation}`, body, headers);
    const statusOf = async () => (await get(`Slot/${slot()}`)).body.status;
    const resource = () => asking(slot(), '13:00', '13:30');

    test('$lock: the Slot with its id, its version and the end of the lock', async () => {
      const locked = await ask('lock', lockFor('zebra', '2027-03-15T12:30:00.250Z'));
      expect([locked.status, locked.body.id, locked.body.status]).toEqual([200, slot(), 'busy-tentative']);
      expect(locked.headers['expires']).toBe('Mon, 15 Mar 2027 12:30:01 GMT');
      const read = await get(`Slot/${slot()}`);
      expect([read.headers['etag'], read.text]).toEqual([locked.headers['etag'], locked.text]);
    });

    test.each([
      [400, 'no until', parameters(text('key', 'zebra'))],
      [400, 'no key', parameters(time('until', '2027-03-15T12:30:00Z'))],
      [400, 'an empty key', lockFor('')],
      [400, 'a key that is too long', lockFor('k'.repeat(257))],
      [400, 'the past', lockFor('zebra', '2027-03-15T11:55:00Z')],
      [422, 'beyond 24 hours', lockFor('zebra', '2027-03-16T11:55:01Z')],
    ])('$lock: %i for %s, and nothing is changed', async (status, _, body) => {
      const before = await everything();
      expect((await ask('lock', body)).status).toBe(status);
      expect(await everything()).toEqual(before);
    });

    test('locked again: with the same key a new end; with another 409, and for whoever holds or books', async () => {
      await ask('lock', lockFor('zebra'));
      const longer = await ask('lock', lockFor('zebra', '2027-03-15T12:50:00Z'));
      expect([longer.status, longer.headers['expires']]).toEqual([200, 'Mon, 15 Mar 2027 12:50:00 GMT']);
      expect((await ask('lock', lockFor('lion'))).status).toBe(409);
      expect((await post('Appointment/$hold', resource())).status).toBe(409);
      expect((await post('Appointment/$book', resource(), { 'X-Slot-Key': 'lion' })).status).toBe(403);
      server.clock.ms = Date.parse('2027-03-15T12:40:00Z');
      expect(await statusOf()).toBe('busy-tentative');
      server.clock.ms = Date.parse('2027-03-15T12:50:00Z');
      expect(await statusOf()).toBe('free');
    });

    test('$lock of what is held or full: 409; disabled or over: 422', async () => {
      const held = await post('Appointment/$hold', resource());
      expect((await ask('lock', lockFor('zebra'))).status).toBe(409);
      await post(`Appointment/${held.id}/$confirm`, undefined);
      expect((await ask('lock', lockFor('zebra'))).status).toBe(409);
      await post(`Appointment/${held.id}/$cancel`, undefined);
      await ask('disable');
      expect((await ask('lock', lockFor('zebra'))).status).toBe(422);
      await ask('enable');
      server.clock.ms = Date.parse('2027-03-15T13:10:00Z');
      expect((await ask('lock', lockFor('zebra', '2027-03-15T13:20:00Z'))).status).toBe(422);
    });

    test('the key of a lock holds and books its time, by parameter and by header', async () => {
      await ask('lock', lockFor('zebra'));
      const held = await post('Appointment/$hold', resource(), { 'X-Slot-Key': 'zebra' });
      expect([held.status, await statusOf()]).toEqual([201, 'busy-tentative']);
      const booked = await post(`Appointment/${held.id}/$book`, parameters(text('key', 'zebra')));
      expect([booked.status, await statusOf()]).toEqual([200, 'busy']);
    });

    test('$unlock: wrong key 403, none 400, not locked 200', async () => {
      await ask('lock', lockFor('zebra'));
      expect((await ask('unlock', parameters(text('key', 'lion')))).status).toBe(403);
      expect((await ask('unlock', undefined)).status).toBe(400);
      expect((await ask('unlock', parameters(text('key', 'zebra')))).body.status).toBe('free');
      expect((await ask('unlock', parameters(text('key', 'lion')))).status).toBe(200);
    });

    test('$disable: bookings stay, nobody else gets in; $enable: as claimed; both again', async () => {
      const { id } = await post('Appointment/$book', resource());
      for (const again of [1, 2])
        expect([again, (await ask('disable')).body.status]).toEqual([again, 'busy-unavailable']);
      expect((await get(`Appointment/${id}`)).body.status).toBe('booked');
      for (const again of [1, 2]) expect([again, (await ask('enable')).body.status]).toEqual([again, 'busy']);
      await post(`Appointment/${id}/$cancel`, undefined);
      await ask('disable');
      expect((await post('Appointment/$book', resource())).status).toBe(409);
      expect((await ask('enable')).body.status).toBe('free');
    });

    describe('PATCH of the status', () => {
      const to = (status: string) => [{ op: 'replace', path: '/status', value: status }];
      const etag = async () => (await get(`Slot/${slot()}`)).headers['etag'] ?? '';

      test('free to busy-tentative locks without a key, for the default length; back to free unlocks', async () => {
        const locked = await patch(`Slot/${slot()}`, to('busy-tentative'), { 'If-Match': await etag() });
        expect([locked.status, locked.body.status, locked.headers['etag']]).toEqual([
          200,
          'busy-tentative',
          await etag(),
        ]);
        server.clock.ms += 5 * MINUTE_MS;
        expect(await statusOf()).toBe('free');
        await patch(`Slot/${slot()}`, to('busy-tentative'), { 'If-Match': await etag() });
        const opened = await patch(`Slot/${slot()}`, to('free'), { 'If-Match': await etag() });
        expect([opened.status, opened.body.status]).toEqual([200, 'free']);
      });

      test('a stale If-Match: 412, and nothing is changed', async () => {
        const old = await etag();
        const held = await post('Appointment/$hold', resource());
        await post(`Appointment/${held.id}/$cancel`, undefined);
        const before = await everything();
        expect((await patch(`Slot/${slot()}`, to('busy-tentative'), { 'If-Match': old })).status).toBe(412);
        expect(await everything()).toEqual(before);
      });

      test('what is held or booked is neither locked nor freed: 409', async () => {
        await post('Appointment/$hold', resource());
        expect((await patch(`Slot/${slot()}`, to('free'))).status).toBe(409);
        const { id } = (await get('Appointment?status=pending')).appointment;
        await post(`Appointment/${id}/$confirm`, undefined);
        expect((await patch(`Slot/${slot()}`, to('busy-tentative'))).status).toBe(409);
        expect((await patch(`Slot/${slot()}`, to('free'))).status).toBe(409);
      });

      test('the caller who made it books; others do not, nor do they unlock', async () => {
        const keys = makeApiKeys({ store: server.store, clock: { nowMs: () => server.clock.ms }, newSecret });
        const [anna, ben] = [await keys.create('anna', []), await keys.create('ben', [])].map(({ key }) => ({
          Authorization: `Bearer ${key}`,
        }));
        await patch(`Slot/${slot()}`, to('busy-tentative'), anna);
        expect((await post('Appointment/$book', resource(), ben)).status).toBe(409);
        expect((await patch(`Slot/${slot()}`, to('free'), ben)).status).toBe(409);
        expect((await patch(`Slot/${slot()}`, to('busy-tentative'), ben)).status).toBe(409);
        expect((await patch(`Slot/${slot()}`, to('busy-tentative'), anna)).status).toBe(200);
        expect((await post('Appointment/$book', resource(), anna)).status).toBe(201);
      });

      test('a lock with a key is not opened without it', async () => {
        await ask('lock', lockFor('zebra'));
        expect((await patch(`Slot/${slot()}`, to('free'))).status).toBe(409);
        expect((await patch(`Slot/${slot()}`, to('free'), { 'X-Slot-Key': 'lion' })).status).toBe(403);
        expect((await patch(`Slot/${slot()}`, to('free'), { 'X-Slot-Key': 'zebra' })).status).toBe(200);
      });
    });
  });

  test('a Slot whose lockable is false: $lock and PATCH 422; booked as any other', async () => {
    const fixed: Slot = {
      ...storedSlot('fixed', '15:00', '15:30'),
      extension: [{ url: LOCKABLE, valueBoolean: false }],
    };
    await server.put(fixed);
    expect((await post('Slot/fixed/$lock', lockFor('zebra'))).status).toBe(422);
    const status = [{ op: 'replace', path: '/status', value: 'busy-tentative' }];
    expect((await patch('Slot/fixed', status)).status).toBe(422);
    expect((await post('Appointment/$book', asking('fixed', '15:00', '15:30'))).status).toBe(201);
  });

  test('what else is patched: of a stored Slot written, of a computed one 405', async () => {
    const comment = [{ op: 'add', path: '/comment', value: 'x' }];
    expect((await patch('Slot/A', comment)).status).toBe(200);
    const both = [
      { op: 'add', path: '/comment', value: 'y' },
      { op: 'replace', path: '/status', value: 'busy-tentative' },
    ];
    expect((await patch(`Slot/${computed}`, both)).status).toBe(405);
    expect((await patch(`Slot/${computed}`, [{ op: 'replace', path: '/status', value: 'busy' }])).status).toBe(405);
    server.clock.ms += HOUR_MS;
    expect((await patch('Slot/A', both)).status).toBe(200);
    server.clock.ms += HOUR_MS;
    expect((await get('Slot/A')).body.status).toBe('busy-tentative');
  });

  test.each(['lock', 'unlock', 'disable', 'enable'])(
    '$%s of a Slot that is not there, off the grid or malformed: 404; deleted: 410',
    async (operation) => {
      await server.http.delete('/Slot/A');
      const offGrid = computed.replace(/-\w+-(\w+)$/, '-1-$1');
      const body = operation === 'lock' ? lockFor('zebra') : parameters(text('key', 'zebra'));
      const before = await everything();
      const statuses = [];
      for (const id of ['nobody', offGrid, 'A']) statuses.push((await post(`Slot/${id}/$${operation}`, body)).status);
      expect(statuses).toEqual([404, 404, 410]);
      expect(await everything()).toEqual(before);
    },
  );
});
