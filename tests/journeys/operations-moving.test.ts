/** `$confirm`, `$cancel` and `$reschedule`, line by line of docs/operations.md §1.5 to §1.7, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import { wordsFor } from './booking-words.js';
import { ADAMS, asking, EXAMPLE_NOW, operationsOf, parameters, PATIENTS, PRACTITIONER } from './operation-words.js';
import { storedSlot, time, to, uri } from './operation-words.js';
import { journeyStores, startServer, type TestServer } from './server.js';

const MINUTE_MS = 60_000;
const BUFFERED = scheduleWith(
  [rule(hours('13:00', '16:00'), minutes('duration', 30), minutes('interval', 15), minutes('bufferAfter', 15))],
  { id: 'buffered', actor: [{ reference: 'Device/scanner' }] },
);

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, get, patch, everything } = operationsOf(() => server);
  const { expectSound, put } = wordsFor(() => server);
  const statusOf = async (path: string) => (await get(path)).body.status;

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    const scanner = { resourceType: 'Device' as const, id: 'scanner' };
    await server.put(PRACTITIONER, ...PATIENTS, scanner, ADAMS, BUFFERED, room);
    await server.put(storedSlot('A'), storedSlot('B', '13:30', '14:00'));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  /** Books a time of a Schedule, or holds it. */
  const take = async (schedule: string, start: string, end: string, operation = '$book') => {
    const resource = asking(undefined, start, end);
    return post(
      `Appointment/${operation}`,
      parameters(['appointment', { resource }], to('schedule', `Schedule/${schedule}`)),
    );
  };
  const move = async (id: string, start: string, ...schedules: string[]) =>
    post(
      `Appointment/${id}/$reschedule`,
      parameters(
        time('start', `2027-03-15T${start}:00Z`),
        ...schedules.map((one) => to('schedule', `Schedule/${one}`)),
      ),
    );
  const withStatus = async (status: Appointment['status']) => {
    const { id, appointment } = await take('room', '13:00', '13:30');
    const answer = await put({ ...appointment, status });
    return { id, stored: answer.status };
  };

  describe('$confirm', () => {
    test('pending and proposed become booked, each with its Slot', async () => {
      const held = await take('room', '13:00', '13:30', '$hold');
      await put({ ...asking('B', '13:30', '14:00'), id: 'planned' });
      for (const id of [held.id, 'planned']) {
        const { status, body } = await post(`Appointment/${id}/$confirm`, undefined);
        expect(status).toBe(200);
        expect(body).toMatchObject({ type: 'transaction-response' });
      }
      expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['busy', 'busy']);
    });

    test('409 for another status, an ended hold, a time that is taken; 404 for none', async () => {
      const booked = await take('room', '13:00', '13:30');
      await put({ ...asking('A', '13:00', '13:30'), id: 'late' });
      const held = await take('room', '13:30', '14:00', '$hold');
      server.clock.ms += 5 * MINUTE_MS;
      const before = await everything();
      const asked = [booked.id, 'late', 'nobody'];
      const answers = await Promise.all(asked.map((id) => post(`Appointment/${id}/$confirm`, undefined)));
      expect(answers.map(({ status }) => status)).toEqual([409, 409, 404]);
      expect(await everything()).toEqual(before);
      expect((await post(`Appointment/${held.id}/$confirm`, undefined)).status).toBe(409);
    });
  });

  describe('$cancel', () => {
    test.each(['pending', 'booked', 'arrived'] as const)(
      '%s: cancelled with its reason, its time free at once',
      async (status) => {
        const { id } = status === 'pending' ? await take('room', '13:00', '13:30', '$hold') : await withStatus(status);
        const reason = {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason', code: 'pat' }],
        };
        const asked = parameters(uri('appt-id', `Appointment/${id}`), ['reason', { valueCodeableConcept: reason }]);
        const answer = await post('Appointment/$cancel', asked);
        expect(answer.status).toBe(200);
        expect(answer.body).toMatchObject({ type: 'searchset' });
        expect(answer.appointment).toMatchObject({ status: 'cancelled', cancelationReason: reason });
        expect(answer.appointment.slot).toEqual([{ reference: 'Slot/A' }]);
        expect(await statusOf('Slot/A')).toBe('free');
      },
    );

    test.each(['fulfilled', 'noshow', 'checked-in', 'entered-in-error'] as const)(
      '%s: 422, unchanged',
      async (status) => {
        const { id } = await withStatus(status);
        const before = await everything();
        expect((await post(`Appointment/${id}/$cancel`, undefined)).status).toBe(422);
        expect(await everything()).toEqual(before);
      },
    );

    test('again: 200, the same version; unknown 404; nothing named 400', async () => {
      const { id } = await take('room', '13:00', '13:30');
      const [first, again] = [
        await post(`Appointment/${id}/$cancel`, undefined),
        await post(`Appointment/${id}/$cancel`, undefined),
      ];
      expect([again.status, again.headers['etag']]).toEqual([200, first.headers['etag']]);
      expect((await post('Appointment/nobody/$cancel', undefined)).status).toBe(404);
      expect((await post('Appointment/$cancel', parameters())).status).toBe(400);
    });

    test("ISiK's example has canceled, which is no code of FHIR: 400", async () => {
      const { id } = await take('room', '13:00', '13:30');
      const answer = await patch(`Appointment/${id}`, [{ op: 'replace', path: '/status', value: 'canceled' }]);
      expect([answer.status, await statusOf(`Appointment/${id}`)]).toEqual([400, 'booked']);
    });
  });

  describe('$reschedule', () => {
    test('R01, R04: overlapping itself, with its own buffers; the old time is free', async () => {
      const { id } = await take('buffered', '13:00', '13:30');
      expect((await take('buffered', '13:30', '14:00')).status).toBe(409);
      const moved = await move(id, '13:15');
      expect([moved.status, moved.id]).toEqual([200, id]);
      expect(moved.appointment).toMatchObject({ start: '2027-03-15T13:15:00+00:00', end: '2027-03-15T13:45:00+00:00' });
      await move(id, '15:00');
      expect((await take('buffered', '13:15', '13:45')).status).toBe(201);
    });

    test.each([
      ['taken', '13:30', 409],
      ['off the grid', '14:20', 422],
      ['closed', '20:00', 422],
      ['past', '11:00', 422],
    ])('R02: to a time that is %s, the old one is kept', async (_, start, status) => {
      const { id } = await take('buffered', '15:00', '15:30');
      await take('buffered', '13:30', '14:00');
      const before = await everything();
      expect((await move(id, start)).status).toBe(status);
      expect(await everything()).toEqual(before);
    });

    test('to another Schedule: its actors come, those of the old one go, all others stay', async () => {
      const { id } = await post(
        'Appointment/$book',
        asking(undefined, '13:00', '13:30', {
          supportingInformation: [{ reference: 'Schedule/dr-adams' }, { display: 'letter' }],
          participant: ['Patient/q1', 'Practitioner/adams'].map((reference) => ({
            ...{ actor: { reference }, status: 'accepted' as const },
          })),
        }),
      );
      const { appointment } = await move(id, '13:00', 'buffered');
      expect(appointment.participant).toEqual([
        { actor: { reference: 'Patient/q1' }, status: 'accepted' },
        { actor: { reference: 'Device/scanner' }, status: 'accepted' },
      ]);
      expect(appointment.supportingInformation).toEqual([{ display: 'letter' }]);
      expect((await take('dr-adams', '13:00', '13:30')).status).toBe(201);
      expect((await take('buffered', '13:00', '13:30')).status).toBe(409);
    });

    test('several Schedules at once: all or none', async () => {
      const { id } = await take('dr-adams', '13:00', '13:30');
      await take('buffered', '14:30', '15:00');
      expect((await move(id, '14:30', 'dr-adams', 'buffered')).status).toBe(409);
      const moved = await move(id, '13:30', 'dr-adams', 'buffered');
      expect([moved.status, moved.appointment.slot?.length]).toEqual([200, 2]);
      expect((await take('buffered', '13:30', '14:00')).status).toBe(409);
    });

    test('a hold keeps its status and its end', async () => {
      const { id } = await take('buffered', '13:00', '13:30', '$hold');
      server.clock.ms += MINUTE_MS;
      const moved = await move(id, '14:00');
      expect([moved.status, moved.appointment.status]).toEqual([200, 'pending']);
      server.clock.ms += 4 * MINUTE_MS;
      expect(await statusOf(`Appointment/${id}`)).toBe('cancelled');
      expect((await take('buffered', '14:00', '14:30')).status).toBe(201);
    });

    test('R03: two who swap times at once: no double, no lost time', async () => {
      const [one, two] = [await take('dr-adams', '13:00', '13:30'), await take('dr-adams', '14:00', '14:30')];
      const answers = await Promise.all([move(one.id, '14:00'), move(two.id, '13:00')]);
      expect(answers.map(({ status }) => status)).toEqual([409, 409]);
    });

    test.each(['cancelled', 'fulfilled', 'arrived'] as const)('%s: 422', async (status) => {
      const { id } = await withStatus(status);
      expect((await move(id, '13:30')).status).toBe(422);
    });

    test('no start 400; an unknown Schedule 422; an unknown Appointment 404', async () => {
      const { id } = await take('buffered', '13:00', '13:30');
      const before = await everything();
      expect((await post(`Appointment/${id}/$reschedule`, parameters())).status).toBe(400);
      expect((await move(id, '14:00', 'nobody')).status).toBe(422);
      expect((await move('nobody', '14:00')).status).toBe(404);
      expect(await everything()).toEqual(before);
    });
  });
});
