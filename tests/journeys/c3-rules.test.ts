/** Booking of computed slots: what is refused is what is not listed. One doctor with many Schedules. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Extension, Slot } from 'fhir/r4.js';
import { hours, minutes, nested, part, rule } from '../booking/rule-builder.js';
import { at, booking, by, counts, scheduleOf, slotOf, without, wordsFor } from './booking-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const NEW_YORK = part('timezone', { valueCode: 'America/New_York' });
const OFFICE = [NEW_YORK, hours('09:00', '12:00', 'mon', 'tue', 'wed', 'thu', 'fri'), minutes('duration', 30)];
/** Every quarter of an hour. */
const FINE = [...OFFICE, minutes('interval', 15)];

describe.each(journeyStores)('C3, rules, on $name', (store) => {
  let server: TestServer;
  const { book, patch, put, remove, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put({ resourceType: 'Practitioner', id: 'p1' }, { resourceType: 'Patient', id: 'q1' });
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const ruled = (id: string, ...rules: Extension[][]) =>
    scheduleOf(id, 'Practitioner/p1', { extension: rules.map((parts) => rule(...parts)) });
  const startsOn = async (schedule: string, day = '2027-03-15') =>
    matchesOf(await server.get(`/Slot?schedule=${schedule}&start=${day}&end=${day}`)).map((slot) =>
      new Date((slot as Slot).start).toISOString().slice(5, 16).replace('03-15T', ''),
    );
  /** Books a time of a Schedule, listed or not. */
  const bookAt = (schedule: string, start: string, end: string, parts: Partial<Appointment> = {}) =>
    book(booking([], start, end, { supportingInformation: [{ reference: `Schedule/${schedule}` }], ...parts }));

  test('a computed slot is booked by its id or by its time, once, and named in the Appointment', async () => {
    await server.put(ruled('s1', OFFICE));
    const [slot] = matchesOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15')) as Slot[];
    const id = slot?.id ?? '';
    const answers = [await book(booking([id], '13:00', '13:30')), await bookAt('s1', '13:00', '13:30')];
    expect(counts(answers)).toEqual({ 201: 1, 409: 1 });
    expect(answers[1]?.body.issue?.[0]?.diagnostics).toBe(`Slot/${id} is busy. Choose another time.`);
    expect(await statusOf(`Slot/${id}`)).toBe('busy');
    expect((await bookAt('s1', '13:30', '14:00')).appointment.slot).toHaveLength(1);
    await patch(`Appointment/${answers[0]?.id}`, { status: 'cancelled' });
    expect(await statusOf(`Slot/${id}`)).toBe('free');
  });

  test('B03, B04: of overlapping times one is had, of touching ones both', async () => {
    await server.put(ruled('s1', FINE));
    expect(counts(await Promise.all([bookAt('s1', '13:00', '13:30'), bookAt('s1', '13:15', '13:45')]))).toEqual({
      201: 1,
      409: 1,
    });
    expect(counts(await Promise.all([bookAt('s1', '14:00', '14:30'), bookAt('s1', '14:30', '15:00')]))).toEqual({
      201: 2,
    });
  });

  test('R01: moved by a quarter of an hour, over itself', async () => {
    await server.put(ruled('s1', FINE));
    const { appointment } = await bookAt('s1', '13:00', '13:30');
    const supportingInformation = [{ reference: 'Schedule/s1' }];
    const times = { start: at('13:15'), end: at('13:45'), supportingInformation };
    const moved = await put({ ...without(appointment, 'slot'), ...times });
    expect({ status: moved.status, id: moved.appointment.id }).toEqual({ status: 200, id: appointment.id });
    expect((await startsOn('s1')).slice(0, 2)).toEqual(['13:45', '14:00']);
  });

  test('B05: the capacity of a rule, and pools', async () => {
    const capacity = part('capacity', { valuePositiveInt: 2 });
    const other = [NEW_YORK, hours('09:00', '10:00'), minutes('duration', 30), part('pool', { valueString: 'other' })];
    await server.put(ruled('s1', [...OFFICE, capacity], other));
    const answers = await Promise.all(Array.from({ length: 6 }, () => bookAt('s1', '13:00', '13:30')));
    expect(counts(answers)).toEqual({ 201: 3, 409: 3 });
    expect((await startsOn('s1'))[0]).toBe('13:30');
    await remove(`Appointment/${answers.find(({ status }) => status === 201)?.id}`);
    expect((await startsOn('s1'))[0]).toBe('13:00');
  });

  test('G17, G18: a buffer keeps others off, when listing and when booking', async () => {
    await server.put(ruled('s1', [...FINE, minutes('bufferAfter', 15)]));
    await bookAt('s1', '14:00', '14:30');
    expect(await startsOn('s1')).toEqual(['13:00', '13:15', '14:45', '15:00', '15:15', '15:30']);
    expect((await bookAt('s1', '14:30', '15:00')).status).toBe(409);
    expect((await bookAt('s1', '13:30', '14:00')).status).toBe(409);
    expect((await bookAt('s1', '14:45', '15:15')).status).toBe(201);
  });

  test('adjacent computed slots are one visit: no buffer lies between them', async () => {
    await server.put(ruled('s1', [...OFFICE, minutes('bufferAfter', 30), part('capacity', { valuePositiveInt: 2 })]));
    const ids = matchesOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15')).map(
      ({ id }) => id ?? '',
    );
    expect((await book(booking(ids.slice(0, 2), '13:00', '14:00'))).status).toBe(201);
    expect((await bookAt('s1', '13:00', '13:30')).status).toBe(201);
  });

  test('G20: the minimum notice', async () => {
    server.clock.ms = Date.parse('2027-03-15T13:07:00Z');
    await server.put(ruled('s1', [...OFFICE, minutes('minimumNotice', 120)]));
    expect(await startsOn('s1')).toEqual(['15:30']);
    const { status, body } = await bookAt('s1', '15:00', '15:30');
    expect({ status, said: body.issue?.[0]?.diagnostics }).toEqual({
      status: 422,
      said: 'That is sooner than the minimum notice of Schedule/s1. (rule 1)',
    });
    expect((await bookAt('s1', '15:30', '16:00')).status).toBe(201);
  });

  test('G21: the booking window ends with the last of its local days', async () => {
    await server.put(ruled('s1', [...OFFICE, minutes('bookingWindow', 14, 'd')]));
    // 2027-02-28 19:00 in New York.
    expect((await startsOn('s1', '2027-03-12')).length).toBe(6);
    expect((await startsOn('s1', '2027-03-15')).length).toBe(0);
    expect((await bookAt('s1', '13:00', '13:30')).status).toBe(422);
    expect((await bookAt('s1', '03-12T14:00', '03-12T14:30')).status).toBe(201);
  });

  test('closed time, and time off the grid', async () => {
    const closed = nested(
      'notAvailableTime',
      part('during', { valuePeriod: { start: '2027-03-15', end: '2027-03-15' } }),
    );
    await server.put(ruled('s1', [...OFFICE, closed]));
    expect((await bookAt('s1', '13:00', '13:30')).status).toBe(422);
    expect((await bookAt('s1', '03-16T13:10', '03-16T13:40')).status).toBe(422);
    expect((await bookAt('s1', '03-16T12:30', '03-16T13:00')).status).toBe(422);
    expect((await bookAt('s1', '03-16T13:00', '03-16T13:30')).status).toBe(201);
  });

  test('G27: a limit counts in the local day, whatever UTC says', async () => {
    const limit = nested('limit', part('count', { valuePositiveInt: 2 }), part('per', { valueCode: 'day' }));
    await server.put(ruled('s1', [NEW_YORK, hours('20:00', '00:00'), minutes('duration', 30), limit]));
    expect(
      counts([await bookAt('s1', '03-16T03:00', '03-16T03:30'), await bookAt('s1', '03-16T03:30', '03-16T04:00')]),
    ).toEqual({
      201: 2,
    });
    expect((await bookAt('s1', '03-16T00:00', '03-16T00:30')).status).toBe(422);
    expect(await startsOn('s1', '2027-03-15')).toEqual([]);
    expect((await bookAt('s1', '03-17T00:00', '03-17T00:30')).status).toBe(201);
  });

  test('types of visit: a rule is for those that it names', async () => {
    const visits = (code: string) => ({ coding: [{ system: 'http://ex.org/v', code }] });
    await server.put(ruled('s1', [...OFFICE, part('serviceType', { valueCodeableConcept: visits('fu') })]));
    expect((await bookAt('s1', '13:00', '13:30', { serviceType: [visits('new')] })).status).toBe(422);
    expect((await bookAt('s1', '13:00', '13:30', { serviceType: [visits('fu')] })).status).toBe(201);
  });

  test('a stored Slot is not written over what is booked, nor a booking over it', async () => {
    await server.put(ruled('s1', OFFICE));
    await bookAt('s1', '13:00', '13:30');
    expect((await put(slotOf('x', 's1', '13:15', '13:45'))).status).toBe(409);
    await server.put(slotOf('y', 's1', '14:10', '14:40', { status: 'busy' }));
    expect((await bookAt('s1', '14:00', '14:30')).status).toBe(409);
  });

  describe('R07: one doctor, two Schedules', () => {
    beforeEach(async () => {
      await server.put(
        ruled('s1', OFFICE),
        scheduleOf('s3', 'Practitioner/p1'),
        slotOf('x', 's3', '13:00', '13:30'),
        slotOf('y', 's3', '13:30', '14:00'),
      );
    });

    test('booked on one, the time is neither listed nor booked on the other, until it is free again', async () => {
      const { id } = await bookAt('s1', '13:00', '13:30');
      expect(await statusOf('Slot/x')).toBe('busy-unavailable');
      const answer = await book(booking(['x'], '13:00', '13:30'));
      expect(answer.status).toBe(409);
      expect(answer.body.issue?.[0]?.diagnostics).toMatch(/^The time is taken: Slot\/.* lies there\.$/);
      await patch(`Appointment/${id}`, { status: 'cancelled' });
      expect(await statusOf('Slot/x')).toBe('free');
      expect((await book(booking(['x'], '13:00', '13:30'))).status).toBe(201);
      expect((await startsOn('s1'))[0]).toBe('13:30');
      expect((await bookAt('s1', '13:00', '13:30')).status).toBe(409);
    });

    test('both at once: exactly one', async () => {
      for (let round = 0; round < 10; round += 1) {
        const answers = await Promise.all([bookAt('s1', '13:00', '13:30'), book(booking(['x'], '13:00', '13:30'))]);
        expect(counts(answers)).toEqual({ 201: 1, 409: 1 });
        await remove(`Appointment/${answers.find(({ status }) => status === 201)?.id}`);
      }
    });

    test('a buffer of one reaches into the other', async () => {
      await server.put(ruled('s1', [...OFFICE, minutes('bufferAfter', 10)]));
      const { id } = await bookAt('s1', '13:00', '13:30');
      expect(await statusOf('Slot/y')).toBe('busy-unavailable');
      expect((await book(booking(['y'], '13:30', '14:00'))).status).toBe(409);
      await patch(`Appointment/${id}`, { status: 'cancelled' });
      expect(await statusOf('Slot/y')).toBe('free');
    });

    test('a Slot of one that is written busy takes the time of the other, and gives it back', async () => {
      expect((await patch('Slot/x', { status: 'busy' })).status).toBe(200);
      expect((await startsOn('s1'))[0]).toBe('13:30');
      expect((await bookAt('s1', '13:00', '13:30')).status).toBe(409);
      expect((await patch('Slot/x', { status: 'free' })).status).toBe(200);
      expect((await bookAt('s1', '13:00', '13:30')).status).toBe(201);
    });

    test('an Appointment does not take both at once', async () => {
      const [slot] = matchesOf(await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15'));
      expect((await book(booking(['x', slot?.id ?? ''], '13:00', '13:30'))).status).toBe(422);
    });

    test('a doctor in a role is the same doctor; a Device cannot be in two places either', async () => {
      await server.put(
        { resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/p1' } },
        { resourceType: 'Device', id: 'd1' },
        {
          ...scheduleOf('s4', 'PractitionerRole/r1'),
          actor: ['PractitionerRole/r1', 'Device/d1'].map((reference) => ({ reference })),
        },
        scheduleOf('s5', 'Device/d1'),
        slotOf('inRole', 's4', '13:00', '13:30'),
        slotOf('onDevice', 's5', '13:00', '13:30'),
      );
      const { id } = await bookAt('s1', '13:00', '13:30');
      expect([await statusOf('Slot/inRole'), await statusOf('Slot/onDevice')]).toEqual(['busy-unavailable', 'free']);
      await patch(`Appointment/${id}`, { status: 'cancelled' });
      await book(booking(['inRole'], '13:00', '13:30', { participant: [by('Patient/q1')] }));
      expect([await statusOf('Slot/x'), await statusOf('Slot/onDevice')]).toEqual([
        'busy-unavailable',
        'busy-unavailable',
      ]);
    });
  });
});
