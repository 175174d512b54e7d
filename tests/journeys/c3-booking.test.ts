/** Group C3 of `docs/scheduling-cases.md`, as far as plain FHIR goes: booking. Over HTTP, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Schedule } from 'fhir/r4.js';
import { SCHEDULES_OF_ACTOR_MAX } from '../../server/booking/appointment-schedules.js';
import { booking, by, counts, scheduleOf, seats, slotOf, wordsFor } from './booking-words.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { journeyStores, startServer, type TestServer } from './server.js';

describe.each(journeyStores)('C3, booking, on $name', (store) => {
  let server: TestServer;
  const { book, put, patch, remove, statusOf, free, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS);
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const bookA = booking(['A'], '13:00', '13:30');

  test('B01: what is booked is busy, and offered no more', async () => {
    const answer = await book(bookA);
    expect({ status: answer.status, is: answer.body.status }).toEqual({ status: 201, is: 'booked' });
    expect(await statusOf('Slot/A')).toBe('busy');
    expect(await free('s1')).toEqual(['B']);
  });

  test('B02: of 50 who book at once, one succeeds', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => book(bookA)));
    expect(counts(answers)).toEqual({ 201: 1, 409: 49 });
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.issue?.[0]).toMatchObject({
      code: 'conflict',
      diagnostics: 'Slot/A is busy. Choose another time.',
    });
    expect((await server.get('/Appointment?status=booked')).body.total).toBe(1);
  });

  test('B05: as many as the Slot takes', async () => {
    await server.put(slotOf('three', 's1', '03-17T13:00', '03-17T13:30', seats(3)));
    const bookThree = booking(['three'], '03-17T13:00', '03-17T13:30');
    expect(counts([await book(bookThree), await book(bookThree)])).toEqual({ 201: 2 });
    expect(await statusOf('Slot/three')).toBe('free');
    const answers = await Promise.all(Array.from({ length: 8 }, () => book(bookThree)));
    expect(counts(answers)).toEqual({ 201: 1, 409: 7 });
    expect(await statusOf('Slot/three')).toBe('busy');
  });

  test('X04: each seat that is given up is to be had again', async () => {
    await server.put(slotOf('two', 's1', '03-17T13:00', '03-17T13:30', seats(2)));
    const bookTwo = booking(['two'], '03-17T13:00', '03-17T13:30');
    const [first, second] = [await book(bookTwo), await book(bookTwo)];
    await patch(`Appointment/${first.id}`, { status: 'cancelled' });
    expect(await statusOf('Slot/two')).toBe('free');
    await patch(`Appointment/${second.id}`, { status: 'cancelled' });
    expect(await statusOf('Slot/two')).toBe('free');
  });

  test('a Slot does not get smaller than what is booked of it', async () => {
    const two = slotOf('two', 's1', '03-17T13:00', '03-17T13:30', seats(2));
    await server.put(two);
    const bookTwo = booking(['two'], '03-17T13:00', '03-17T13:30');
    await book(bookTwo);
    await book(bookTwo);
    expect((await put({ ...two, ...seats(1), status: 'busy' })).status).toBe(409);
    expect((await put({ ...two, ...seats(3) })).status).toBe(200);
    expect(await statusOf('Slot/two')).toBe('free');
  });

  test('B06: a doctor and a room: the room being busy, the doctor is not booked', async () => {
    await server.put(slotOf('room', 's2', '03-17T13:00', '03-17T13:30', { status: 'busy' }));
    await server.put(slotOf('doctor', 's1', '03-17T13:00', '03-17T13:30'));
    const answer = await book(booking(['doctor', 'room'], '03-17T13:00', '03-17T13:30'));
    expect(answer.status).toBe(409);
    expect(answer.body.issue?.map(({ diagnostics }) => diagnostics)).toEqual(['Slot/room was written busy.']);
    expect(await statusOf('Slot/doctor')).toBe('free');
  });

  const ROUNDS = store.overNetwork ? 10 : 100;
  test(`B07: two who want both Slots, in both orders, ${ROUNDS} times: one of them gets both`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all([
        book(booking(['A', 'H'], '13:00', '13:30')),
        book(booking(['H', 'A'], '13:00', '13:30')),
      ]);
      expect(counts(answers)).toEqual({ 201: 1, 409: 1 });
      const won = answers.find(({ status }) => status === 201);
      expect([await statusOf('Slot/A'), await statusOf('Slot/H')]).toEqual(['busy', 'busy']);
      expect(await remove(`Appointment/${won?.id}`)).toBe(204);
    }
    expect([await statusOf('Slot/A'), await statusOf('Slot/H')]).toEqual(['free', 'free']);
  }, 60_000);

  test('B08: a request that comes again under If-None-Exist books once', async () => {
    const identified = { ...bookA, identifier: [{ system: 's', value: '1' }] };
    const headers = { 'If-None-Exist': 'identifier=s|1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => book(identified, headers)));
    expect(counts(answers)).toEqual({ 200: 4, 201: 1 });
    expect((await server.get('/Appointment')).body.total).toBe(1);
  });

  test('B10: what has begun is not booked', async () => {
    server.clock.ms = Date.parse('2027-03-15T13:00:00Z');
    expect((await book(bookA)).status).toBe(201);
    server.clock.ms = Date.parse('2027-03-15T13:30:00.001Z');
    expect((await book(booking(['B'], '13:30', '14:00'))).status).toBe(422);
  });

  test('B11: outside the planningHorizon, or while Schedule or actor is inactive, nothing is booked', async () => {
    const s1 = SCHEDULES[5] as Schedule;
    await server.put({ ...s1, planningHorizon: { start: '2027-03-16', end: '2027-12-31' } });
    expect((await book(bookA)).status).toBe(422);
    await server.put({ ...s1, active: false });
    expect((await book(bookA)).status).toBe(422);
    await server.put(s1, { resourceType: 'Practitioner', id: 'p1', active: false });
    expect((await book(bookA)).status).toBe(422);
    expect(await free('s1')).toEqual([]);
    await server.put({ resourceType: 'Practitioner', id: 'p1', active: true });
    expect((await book(bookA)).status).toBe(201);
  });

  test('B12: the times of the Appointment must be those of the Slot', async () => {
    expect((await book(booking(['A'], '13:00', '13:45'))).status).toBe(422);
    expect((await book(booking(['A'], '13:15', '13:30'))).status).toBe(422);
    expect(await statusOf('Slot/A')).toBe('free');
  });

  test.each<[string, string[], string, string, number]>([
    ['adjacent', ['A', 'B'], '13:00', '14:00', 201],
    ['adjacent, the later one first', ['B', 'A'], '13:00', '14:00', 201],
    ['not adjacent', ['A', 'G'], '13:00', '03-16T13:30', 422],
    ['the same twice', ['A', 'A'], '13:00', '13:30', 422],
    ['of two Schedules at the same time', ['A', 'H'], '13:00', '13:30', 201],
    ['of two Schedules at different times', ['B', 'H'], '13:00', '14:00', 422],
    ['two of one Schedule and one of another', ['A', 'B', 'H'], '13:00', '14:00', 422],
    ['one that is not there', ['A', 'none'], '13:00', '13:30', 422],
    ['one of them busy', ['B', 'C'], '13:30', '14:30', 409],
  ])('B13: several Slots, %s', async (_, slots, start, end, status) => {
    const before = await Promise.all(slots.map((id) => statusOf(`Slot/${id}`)));
    expect((await book(booking(slots, start, end))).status).toBe(status);
    const after = await Promise.all(slots.map((id) => statusOf(`Slot/${id}`)));
    expect(after).toEqual(status === 201 ? slots.map(() => 'busy') : before);
  });

  test('H12: a pending Appointment without a hold has its time, and never lapses', async () => {
    const pending = { ...bookA, status: 'pending' as const };
    expect((await book(pending)).status).toBe(201);
    expect((await book(pending)).status).toBe(409);
    expect(await statusOf('Slot/A')).toBe('busy-tentative');
    server.clock.ms = Date.parse('2027-03-15T12:00:00Z');
    expect(await statusOf('Slot/A')).toBe('busy-tentative');
  });

  test('a hold that a client writes by itself is none', async () => {
    const url = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
    const other = { url: 'http://ex.org/x', valueString: 'stays' };
    const extension = [{ url, valueInstant: '2027-03-02T00:00:00Z' }, other];
    const { appointment } = await book({ ...bookA, status: 'pending', extension });
    expect(appointment.extension).toEqual([other]);
    server.clock.ms = Date.parse('2027-03-03T00:00:00Z');
    expect(await statusOf(`Appointment/${appointment.id}`)).toBe('pending');
    const then = {
      url: 'https://fhir-slots.dev/fhir/StructureDefinition/status-then',
      extension: [
        { url: 'from', valueInstant: '2027-03-04T00:00:00Z' },
        { url: 'status', valueCode: 'busy' },
      ],
    };
    await server.put({ ...SLOTS[1]!, extension: [then] }, { ...SLOTS[5]!, extension: [then] });
    server.clock.ms = Date.parse('2027-03-05T00:00:00Z');
    expect([await statusOf('Slot/B'), await statusOf('Slot/F')]).toEqual(['free', 'entered-in-error']);
  });

  test('V16: a Slot is not written free while somebody has it, and what it reads may be sent back', async () => {
    const { id } = await book(bookA);
    const read = (await server.get('/Slot/A')).body as object;
    expect((await put({ ...SLOTS[0]!, status: 'free' })).status).toBe(409);
    expect((await patch('Slot/A', { status: 'free' })).status).toBe(409);
    expect((await put({ ...(read as { resourceType: string }), id: 'A', comment: 'again' } as never)).status).toBe(200);
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    expect(await statusOf('Slot/A')).toBe('free');
  });

  test('a Slot that is disabled while it is booked stays so', async () => {
    const { id } = await book(bookA);
    expect((await patch('Slot/A', { status: 'busy-unavailable' })).status).toBe(200);
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    expect(await statusOf('Slot/A')).toBe('busy-unavailable');
    expect((await book(bookA)).status).toBe(409);
    expect((await patch('Slot/A', { status: 'free' })).status).toBe(200);
    expect((await book(bookA)).status).toBe(201);
  });

  test('a Slot that was written busy is not booked until it is written free', async () => {
    for (const [id, start, end] of [
      ['C', '14:00', '14:30'],
      ['D', '14:30', '15:00'],
      ['E', '15:00', '15:30'],
    ] as const) {
      expect((await book(booking([id], start, end))).status).toBe(409);
      expect((await patch(`Slot/${id}`, { status: 'free' })).status).toBe(200);
      expect((await book(booking([id], start, end))).status).toBe(201);
    }
  });

  test('V14: neither a Slot nor its Schedule goes while it is booked; both do when that is cancelled', async () => {
    await server.put(scheduleOf('s9', 'Location/l1'), slotOf('nine', 's9', '13:00', '13:30'));
    const { id } = await book(booking(['nine'], '13:00', '13:30'));
    expect([await remove('Slot/nine'), await remove('Schedule/s9')]).toEqual([409, 409]);
    expect((await put(slotOf('nine', 's9', '16:00', '16:30'))).status).toBe(409);
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    expect([await remove('Slot/nine'), await remove('Schedule/s9')]).toEqual([204, 204]);
  });

  test('actors of a Schedule stay while its time is booked', async () => {
    const s1 = SCHEDULES[5] as Schedule;
    const { id } = await book(bookA);
    expect((await put({ ...s1, actor: [{ reference: 'Practitioner/p2' }] })).status).toBe(409);
    await expectSound();
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    expect((await put({ ...s1, actor: [{ reference: 'Practitioner/p2' }] })).status).toBe(200);
    // H of s2 lies there too, of the same doctor now.
    await book(bookA);
    expect(await statusOf('Slot/H')).toBe('busy-unavailable');
  });

  describe('without slot', () => {
    const visit = (...actors: string[]) =>
      booking([], '13:00', '13:30', { participant: ['Patient/q1', ...actors].map(by) });

    test('the Schedule of the practitioner is claimed, and its Slot named', async () => {
      const { status, appointment } = await book(visit('Practitioner/p1'));
      expect({ status, slot: appointment.slot }).toEqual({ status: 201, slot: [{ reference: 'Slot/A' }] });
      expect(await statusOf('Slot/A')).toBe('busy');
      expect((await book(visit('Practitioner/p1'))).status).toBe(409);
    });

    test('several Slots that make up the time are', async () => {
      const { appointment } = await book({ ...visit('Practitioner/p1'), end: '2027-03-15T14:00:00Z' });
      expect(appointment.slot).toEqual([{ reference: 'Slot/A' }, { reference: 'Slot/B' }]);
    });

    test('a Schedule that supportingInformation names goes before those of the participants', async () => {
      const supportingInformation = [{ reference: 'Schedule/s2' }];
      const { appointment } = await book({ ...visit('Practitioner/p1'), supportingInformation });
      expect(appointment.slot).toEqual([{ reference: 'Slot/H' }]);
      expect((await book({ ...visit(), supportingInformation: [{ reference: 'Schedule/none' }] })).status).toBe(422);
    });

    test('of several Schedules, that at the Location, else that with the time, else none', async () => {
      await server.put({ resourceType: 'Location', id: 'l2' });
      await server.put({
        ...scheduleOf('s3', 'Practitioner/p1'),
        actor: ['Practitioner/p1', 'Location/l2'].map((reference) => ({ reference })),
      });
      expect((await book(visit('Practitioner/p1'))).appointment.slot).toEqual([{ reference: 'Slot/A' }]);
      expect((await book(visit('Practitioner/p1', 'Location/l2'))).status).toBe(422);
      const { status, body } = await book({
        ...visit('Practitioner/p1'),
        start: '2027-03-15T20:00:00Z',
        end: '2027-03-15T20:30:00Z',
      });
      expect(status).toBe(422);
      expect(body.issue?.[0]?.diagnostics).toContain('Schedule/s1, Schedule/s3');
    });

    test(`SCHEDULES_OF_ACTOR_MAX: of more than ${SCHEDULES_OF_ACTOR_MAX} Schedules, one has to be named`, async () => {
      const more = Array.from({ length: SCHEDULES_OF_ACTOR_MAX }, (_, n) => scheduleOf(`x${n}`, 'Practitioner/p1'));
      await server.put(...more);
      const { status, body } = await book(visit('Practitioner/p1'));
      expect({ status, code: body.issue?.[0]?.code }).toEqual({ status: 422, code: 'too-costly' });
      expect((await book(bookA)).status).toBe(201);
    });

    test('a room with a Schedule of its own is claimed along', async () => {
      await server.put(scheduleOf('room', 'Location/l1'), slotOf('inRoom', 'room', '13:00', '13:30'));
      const { appointment } = await book(visit('Practitioner/p1', 'Location/l1'));
      expect(appointment.slot).toEqual([{ reference: 'Slot/A' }, { reference: 'Slot/inRoom' }]);
      await patch(`Appointment/${appointment.id}`, { status: 'cancelled' });
      expect([await statusOf('Slot/A'), await statusOf('Slot/inRoom')]).toEqual(['free', 'free']);
    });

    test('a time that the Schedule does not have is refused', async () => {
      expect((await book({ ...visit('Practitioner/p1'), start: '2027-03-15T13:10:00Z' })).status).toBe(422);
    });
  });
});
