/** Statuses that are set late, wrongly, or with more than a status (design §4, cases X05 and B10). On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { NOSHOW_VERSIONS_MAX } from '../../server/booking/resumed-time.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { at, booking, scheduleOf, without, wordsFor } from './booking-words.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { journeyStores, startServer, type TestServer } from './server.js';

describe.each(journeyStores)('C3, statuses, on $name', (store) => {
  let server: TestServer;
  const { book, patch, put, statusOf, versionOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS);
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const bookA = booking(['A'], '13:00', '13:30');
  const atB = { slot: [{ reference: 'Slot/B' }], start: at('13:30'), end: at('14:00') };
  const setClock = (time: string) => (server.clock.ms = Date.parse(at(time)));

  describe('X05: cancelling changes nothing besides', () => {
    test.each<[string, Partial<Appointment>]>([
      ['another time', atB],
      ['another end', { end: at('13:20') }],
      ['a comment', { comment: 'too late' }],
      ['another patient', { participant: [{ actor: { reference: 'Patient/q2' }, status: 'accepted' }] }],
    ])('with %s, by PUT and by PATCH: 422 naming the element, nothing changed', async (_, changes) => {
      const { id, appointment } = await book(bookA);
      const answers = [
        await put({ ...appointment, ...changes, status: 'cancelled' as const }),
        await patch(`Appointment/${id}`, { ...changes, status: 'cancelled' }),
      ];
      const named = Object.keys(changes).map((name) => [`Appointment.${name}`]);
      for (const { status, body } of answers) {
        expect(status).toBe(422);
        expect(body.issue?.map(({ expression }) => expression)).toEqual(expect.arrayContaining(named));
        expect(body.issue).toHaveLength(named.length);
      }
      expect([await versionOf(`Appointment/${id}`), await statusOf('Slot/A')]).toEqual(['1', 'busy']);
    });

    test('an element that is taken out: 422', async () => {
      const { appointment } = await book({ ...bookA, comment: 'first visit' });
      expect((await put({ ...without(appointment, 'comment'), status: 'cancelled' as const })).status).toBe(422);
    });

    test('with a reason, declined participants and the same times written in another way: 200', async () => {
      const { appointment } = await book(bookA);
      const participant = appointment.participant.map((one) => ({ ...one, status: 'declined' as const }));
      const times = { start: '2027-03-15T14:00:00+01:00', end: '2027-03-15T14:30:00+01:00' };
      const extension = [{ url: 'http://example.org/reason', valueString: 'ill' }];
      const told = { cancelationReason: { text: 'ill' }, extension, participant, ...times };
      expect((await put({ ...appointment, ...told, status: 'cancelled' as const })).status).toBe(200);
    });

    test('as it was sent, without what the server has put into it: 200', async () => {
      const participant = ['Patient/q1', 'Practitioner/p1'].map((reference) => ({
        ...{ actor: { reference }, status: 'accepted' as const },
      }));
      const sent = { ...without(bookA, 'slot'), participant };
      const { id, appointment } = await book(sent);
      expect(appointment.slot).toEqual([{ reference: 'Slot/A' }]);
      expect((await put({ ...sent, id, status: 'cancelled' as const })).status).toBe(200);
      expect(await statusOf('Slot/A')).toBe('free');
    });
  });

  test.each(['arrived', 'noshow', 'fulfilled'])(
    'a PATCH that the table refuses is told so, 422, though the reason of the cancellation would not fit %s',
    async (status) => {
      const { id } = await book(bookA);
      await patch(`Appointment/${id}`, { status: 'cancelled', cancelationReason: { text: 'ill' } });
      const { status: answered, body } = await patch(`Appointment/${id}`, { status });
      expect([answered, body.issue?.[0]?.diagnostics]).toEqual([
        ...[422, `An Appointment that is cancelled cannot become ${status}.`],
      ]);
    },
  );

  test('a PATCH to no status of FHIR is 400', async () => {
    const { id } = await book(bookA);
    expect((await patch(`Appointment/${id}`, { status: 'canceled' })).status).toBe(400);
  });

  describe('a noshow that was none', () => {
    const isNoshowAt = async (time: string, appointment: object = bookA) => {
      const { id } = await book(appointment);
      setClock(time);
      expect((await patch(`Appointment/${id}`, { status: 'noshow' })).status).toBe(200);
      return `Appointment/${id}`;
    };

    test.each([
      ['arrived', '13:10'],
      ['booked', '13:10'],
      ['arrived', '18:00'],
    ])('becomes %s at %s, and has its time again', async (status, time) => {
      const path = await isNoshowAt(time);
      expect(await statusOf('Slot/A')).toBe('free');
      await patch(path, { comment: 'called' });
      expect((await patch(path, { status })).status).toBe(200);
      expect([await statusOf(path), await statusOf('Slot/A')]).toEqual([status, 'busy']);
    });

    test('a computed time with a minimum notice too', async () => {
      const extension = [rule(hours('09:00', '10:00'), minutes('duration', 30), minutes('minimumNotice', 60))];
      await server.put(scheduleOf('ruled', 'Location/l1', { extension }));
      const supportingInformation = [{ reference: 'Schedule/ruled' }];
      const path = await isNoshowAt('09:10', booking([], '09:00', '09:30', { supportingInformation }));
      expect((await patch(path, { status: 'arrived' })).status).toBe(200);
    });

    test('not where somebody else has the time: 409', async () => {
      const path = await isNoshowAt('12:00');
      expect((await book(bookA)).status).toBe(201);
      setClock('13:10');
      expect((await patch(path, { status: 'arrived' })).status).toBe(409);
    });

    test('not where the Schedule is closed: 422', async () => {
      const path = await isNoshowAt('13:10');
      const { body } = await server.get('/Schedule/s1');
      await put({ ...body, active: false });
      expect((await patch(path, { status: 'arrived' })).status).toBe(422);
    });

    test.each<[string, readonly object[]]>([
      ['with the change of status', [{ status: 'arrived', ...atB }]],
      ['before it', [atB, { status: 'arrived' }]],
    ])('not at a time that it never had, moved there %s: 422', async (_, changes) => {
      const path = await isNoshowAt('13:40');
      const answers = [];
      for (const change of changes) answers.push(await patch(path, change as Record<string, unknown>));
      expect(answers.at(-1)?.status).toBe(422);
      expect(await statusOf('Slot/B')).toBe('free');
    });

    test('not one that was a noshow from the start: 422', async () => {
      setClock('13:10');
      const { id } = await book({ ...bookA, status: 'noshow' });
      expect((await patch(`Appointment/${id}`, { status: 'arrived' })).status).toBe(422);
    });

    test(`NOSHOW_VERSIONS_MAX: not after ${NOSHOW_VERSIONS_MAX} more versions as a noshow: 422`, async () => {
      const path = await isNoshowAt('13:10');
      for (let n = 0; n < NOSHOW_VERSIONS_MAX; n += 1) await patch(path, { comment: `called ${n} times` });
      expect((await patch(path, { status: 'arrived' })).status).toBe(422);
    });

    test('what was cancelled does not come back once its time has begun: 422', async () => {
      const { id } = await book(bookA);
      await patch(`Appointment/${id}`, { status: 'cancelled' });
      setClock('13:10');
      expect((await patch(`Appointment/${id}`, { status: 'booked' })).status).toBe(422);
    });
  });
});
