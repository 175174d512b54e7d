/** What is pending: holds that are given up, and what nobody holds. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { PATIENTS, operationsOf, parameters, text } from './operation-words.js';
import { BOOKING_SETTINGS, journeyStores, startServer, type TestServer } from './server.js';

const HOLDS = BOOKING_SETTINGS.holdsPerCallerMax;

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post } = operationsOf(() => server);
  const { book, put, patch, remove, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...PATIENTS, scheduleOf('room', 'Location/none', { actor: [{ display: 'Room' }] }));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  test('a hold of two Slots whose key books one of them is cancelled, says why, and is held no more', async () => {
    await server.put(slotOf('A', 'room', '13:00', '13:30'), slotOf('B', 'room', '13:30', '14:00'));
    const resource = { ...booking(['A', 'B'], '13:00', '14:00'), status: 'proposed' as const };
    const note = { url: 'http://example.org/note', valueString: 'both' };
    const withNote: Appointment = { ...resource, extension: [note] };
    const asked = parameters(['appointment', { resource: withNote }], text('key', 'zebra'));
    const { id } = await post('Appointment/$hold', asked);
    expect((await book(booking(['A'], '13:00', '13:30'), { 'X-Slot-Key': 'zebra' })).status).toBe(201);
    const held = (await server.get(`/Appointment/${id}`)).body as unknown as Appointment;
    expect(held).toMatchObject({
      ...{ status: 'cancelled', extension: [note] },
      cancelationReason: { coding: [{ code: 'hold-given-up', display: 'Hold given up' }] },
    });
    expect(held.extension).toHaveLength(1);
    expect(await statusOf('Slot/B')).toBe('free');
  });

  describe(`a pending Appointment that nobody holds counts as a hold, ${HOLDS} at most`, () => {
    const minute = (at: number) => new Date(Date.parse('2027-03-15T09:00:00Z') + at * 60_000).toISOString();
    const slots = Array.from({ length: HOLDS + 2 }, (_, at) => ({
      ...slotOf(`x${at}`, 'room', '', '', { start: minute(at), end: minute(at + 1) }),
    }));
    const pending = (at: number): Appointment => ({
      ...booking([`x${at}`], '', '', { start: minute(at), end: minute(at + 1) }),
      status: 'pending',
    });

    beforeEach(async () => {
      await server.resources.load(
        slots.map((one) => ({ body: { plain: one, exact: one } })),
        { base: 'http://127.0.0.1:8080', strict: false },
      );
    });
    const fill = async () => {
      const ids: string[] = [];
      for (let at = 0; at < HOLDS; at++) ids.push((await book(pending(at))).id ?? '');
      return ids;
    };

    test('one more is refused, 429, however late; booked or deleted ones count no more', async () => {
      const ids = await fill();
      server.clock.ms += 7 * 86_400_000;
      const late = [
        await book(pending(HOLDS)),
        await put({ ...pending(HOLDS), id: 'put' }),
        await post('Appointment/$hold', { ...pending(HOLDS), status: 'proposed' }),
      ];
      expect(late.map(({ status }) => status)).toEqual([429, 429, 429]);
      expect((await patch(`Appointment/${ids[0]}`, { status: 'booked' })).status).toBe(200);
      expect((await book(pending(HOLDS))).status).toBe(201);
      expect((await book(pending(HOLDS + 1))).status).toBe(429);
      expect(await remove(`Appointment/${ids[1]}`)).toBe(204);
      expect((await book(pending(HOLDS + 1))).status).toBe(201);
    });

    test('what is pending already, claims nothing, or is booked is not counted', async () => {
      const ids = await fill();
      expect((await patch(`Appointment/${ids[0]}`, { comment: 'waiting' })).status).toBe(200);
      const claiming = { ...pending(HOLDS), slot: undefined };
      const { status, id } = await book(claiming);
      expect(status).toBe(201);
      await remove(`Appointment/${id}`);
      expect((await book({ ...pending(HOLDS), status: 'booked' })).status).toBe(201);
    });

    test('a load of pending ones is of no caller', async () => {
      const loaded = slots.slice(0, HOLDS + 1).map((_, at) => ({ ...pending(at), id: `p${at}` }));
      await server.put(...loaded);
      expect((await book(pending(HOLDS + 1))).status).toBe(201);
    });
  });
});
