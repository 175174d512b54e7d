/** Holds that end by themselves, as plain FHIR sees them (design §4). On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { booking, scheduleOf, wordsFor } from './booking-words.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { hold } from './hold.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const END = '2027-03-01T00:05:00.000Z';
const END_MS = Date.parse(END);

describe.each(journeyStores)('C3, holds, on $name', (store) => {
  let server: TestServer;
  const { book, patch, put, remove, statusOf, versionOf, free, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS);
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const bookA = booking(['A'], '13:00', '13:30');
  const heldA = { ...bookA, id: 'h' } as Appointment;

  test('H06: from its end on the Appointment is cancelled and the Slot free, with nothing having run', async () => {
    await hold(server, heldA, END);
    expect([await statusOf('Appointment/h'), await statusOf('Slot/A')]).toEqual(['pending', 'busy-tentative']);
    expect(await free('s1')).toEqual(['B']);
    server.clock.ms = END_MS - 1;
    expect([await statusOf('Appointment/h'), await versionOf('Slot/A')]).toEqual(['pending', '2']);
    await expectSound();
    server.clock.ms = END_MS;
    expect([await statusOf('Appointment/h'), await statusOf('Slot/A')]).toEqual(['cancelled', 'free']);
    const { body, headers } = await server.get('/Appointment/h');
    expect(body).toMatchObject({
      meta: { versionId: '2', lastUpdated: END },
      cancelationReason: { coding: [{ code: 'hold-ended' }] },
    });
    expect(headers['etag']).toBe('W/"2"');
    expect(await free('s1')).toEqual(['A', 'B']);
    expect(idsOf(await server.get('/Appointment?status=cancelled'))).toEqual(['h']);
    expect(idsOf(await server.get('/Appointment?status=pending'))).toEqual([]);
    expect(idsOf(await server.get('/Slot?status=busy-tentative&schedule=s1'))).toEqual(['E']);
  });

  test('its time is booked after, and both versions that came by themselves are kept', async () => {
    await hold(server, heldA, END);
    expect((await book(bookA)).status).toBe(409);
    server.clock.ms = END_MS;
    expect((await book(bookA)).status).toBe(201);
    const versions = ['1', '2', '3', '4'].map((version) => server.get(`/Slot/A/_history/${version}`));
    expect((await Promise.all(versions)).map(({ body }) => body.status)).toEqual([
      ...['free', 'busy-tentative', 'free', 'busy'],
    ]);
    expect((await server.get('/Slot/A/_history/3')).body.meta?.lastUpdated).toBe(END);
    expect(await statusOf('Appointment/h')).toBe('cancelled');
  });

  test('an ETag from before its end is stale after it', async () => {
    await hold(server, heldA, END);
    server.clock.ms = END_MS;
    const confirm = (etag: string) =>
      server.http
        .patch('/Appointment/h')
        .set({ 'If-Match': etag, 'Content-Type': 'application/json-patch+json' })
        .send(JSON.stringify([{ op: 'add', path: '/comment', value: 'x' }]));
    expect((await confirm('W/"1"')).status).toBe(412);
    expect((await confirm('W/"2"')).status).toBe(200);
    expect((await server.get('/Appointment/h/_history/2')).body.status).toBe('cancelled');
    expect((await server.get('/Appointment/h')).body.meta?.versionId).toBe('3');
  });

  test('confirmed by PATCH in time, it stays; after its end it has to win its time', async () => {
    await hold(server, heldA, END);
    server.clock.ms = END_MS - 1;
    expect((await patch('Appointment/h', { status: 'booked' })).status).toBe(200);
    server.clock.ms = END_MS + 1;
    expect([await statusOf('Appointment/h'), await statusOf('Slot/A')]).toEqual(['booked', 'busy']);
    expect((await server.get('/Appointment/h')).body).not.toHaveProperty('extension');
  });

  test('a hold that stays pending by PUT keeps its end, whatever extension is sent', async () => {
    await hold(server, heldA, END);
    const url = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
    const later = [{ url, valueInstant: '2028-01-01T00:00:00Z' }];
    const { appointment } = await put({ ...heldA, status: 'pending' as const, extension: later });
    expect(appointment.extension).toEqual([{ url, valueInstant: END }]);
    server.clock.ms = END_MS;
    expect(await statusOf('Appointment/h')).toBe('cancelled');
  });

  test('moved, a hold takes its end along', async () => {
    await hold(server, heldA, END);
    const atB = { slot: [{ reference: 'Slot/B' }], start: '2027-03-15T13:30:00Z', end: '2027-03-15T14:00:00Z' };
    expect((await patch('Appointment/h', atB)).status).toBe(200);
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'busy-tentative']);
    server.clock.ms = END_MS;
    expect(await statusOf('Slot/B')).toBe('free');
  });

  test('H05, H09: what is held under a key is booked, changed and given up with that key alone', async () => {
    await hold(server, heldA, END, 'secret');
    const withKey = (key: string) => server.http.delete('/Appointment/h').set('X-Slot-Key', key);
    expect(await remove('Appointment/h')).toBe(409);
    expect((await withKey('guess')).status).toBe(403);
    expect((await book(bookA)).status).toBe(409);
    expect((await book(bookA, { 'X-Slot-Key': 'guess' })).status).toBe(403);
    expect((await book(bookA, { 'X-Slot-Key': 'secret' })).status).toBe(201);
    expect([await statusOf('Appointment/h'), await statusOf('Slot/A')]).toEqual(['cancelled', 'busy']);
  });

  test('a hold of two Slots that is opened for one of them gives up both', async () => {
    await hold(server, { ...booking(['A', 'B'], '13:00', '14:00'), id: 'h' }, END, 'secret');
    expect((await book(bookA, { 'X-Slot-Key': 'secret' })).status).toBe(201);
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['busy', 'free']);
  });

  test('computed times are held and free again in the same way', async () => {
    const extension = [rule(hours('09:00', '10:00'), minutes('duration', 30))];
    await server.put(scheduleOf('s9', 'Location/l1', { extension }));
    const [id = '', next = ''] = await free('s9');
    await hold(server, { ...booking([id], '09:00', '09:30'), id: 'h' }, END);
    expect([await statusOf(`Slot/${id}`), await free('s9')]).toEqual(['busy-tentative', [next]]);
    server.clock.ms = END_MS;
    expect([await statusOf(`Slot/${id}`), await free('s9')]).toEqual(['free', [id, next]]);
    expect((await book(booking([id], '09:00', '09:30'))).status).toBe(201);
  });

  const ROUNDS = store.overNetwork ? 5 : 50;
  test(`H07, H08: confirmed and booked by another at the instant of its end, ${ROUNDS} times: one has it`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const endMs = server.clock.ms + 60_000;
      const id = `h${round}`;
      await hold(server, { ...heldA, id }, new Date(endMs).toISOString());
      server.clock.ms = endMs - 1;
      const confirming = patch(`Appointment/${id}`, { status: 'booked' });
      const bookingIt = book(bookA);
      // The clock steps over the end while both are on their way.
      await new Promise((resolve) => setImmediate(resolve));
      server.clock.ms = endMs;
      const answers = await Promise.all([confirming, bookingIt, book(bookA)]);
      const won = [`Appointment/${id}`, ...answers.slice(1).map((one) => `Appointment/${'id' in one ? one.id : ''}`)];
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect(await statusOf('Slot/A')).toBe('busy');
      const at = answers.findIndex(({ status }) => status < 300);
      expect(await statusOf(won[at] ?? '')).toBe('booked');
      expect(await remove(won[at] ?? '')).toBe(204);
    }
  }, 60_000);
});
