/** A leap second, :60, is the second before it wherever a time is read, as in Temporal. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { operationsOf, parameters, PATIENTS, text, time } from './operation-words.js';
import { idsOf, journeyStores, startServer, type TestServer } from './server.js';

const LEAP = '2027-03-15T13:29:60Z';
const BEFORE_IT = '2027-03-15T13:29:59Z';
const END = '2027-03-15T14:00:00Z';

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post } = operationsOf(() => server);
  const { book, put, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...PATIENTS, scheduleOf('room', 'Location/none', { actor: [{ display: 'Room' }] }));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const leapSlot = slotOf('L', 'room', '', '', { start: LEAP, end: END });

  test('a Slot is written, found and booked from the second before', async () => {
    await server.put(leapSlot);
    expect(idsOf(await server.get(`/Slot?schedule=room&start=${BEFORE_IT}&end=${END}`))).toEqual(['L']);
    expect((await put(slotOf('M', 'room', '', '', { start: '2027-03-15T13:00:00Z', end: BEFORE_IT }))).status).toBe(
      201,
    );
    expect((await put(slotOf('N', 'room', '', '', { start: BEFORE_IT, end: END }))).status).toBe(409);
    const { status } = await book(booking(['L'], '', '', { start: BEFORE_IT, end: END }));
    expect([status, await statusOf('Slot/L')]).toEqual([201, 'busy']);
  });

  test('an Appointment is booked, moved and cancelled by such a time', async () => {
    await server.put(
      leapSlot,
      slotOf('K', 'room', '', '', { start: '2027-03-16T13:29:59Z', end: '2027-03-16T14:00:00Z' }),
    );
    const { status, id } = await book(booking(['L'], '', '', { start: LEAP, end: END }));
    expect(status).toBe(201);
    const moved = await post(`Appointment/${id}/$reschedule`, parameters(time('start', '2027-03-16T13:29:60Z')));
    expect([moved.status, await statusOf('Slot/K'), await statusOf('Slot/L')]).toEqual([200, 'busy', 'free']);
    expect((await put({ ...moved.appointment, status: 'cancelled' as const })).status).toBe(200);
  });

  test('a lock, a hold and a planned closing', async () => {
    await server.put(slotOf('A', 'room', '13:00', '13:30'));
    server.clock.ms = Date.parse('2027-03-15T13:00:00Z') - 60_000;
    const lock = await post('Slot/A/$lock', parameters(time('until', '2027-03-15T13:05:60Z'), text('key', 'zebra')));
    expect([lock.status, lock.headers['expires']]).toEqual([200, 'Mon, 15 Mar 2027 13:05:59 GMT']);
    expect((await server.get(`/Schedule/room/$conflicts?start=${LEAP}&end=${END}`)).status).toBe(200);
  });
});
