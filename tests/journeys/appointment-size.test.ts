/** How much time one Appointment, and one request, may take at most: README, "Limits". On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { makeApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import { APPOINTMENT_DAYS_MAX, APPOINTMENT_TIMES_MAX } from '../../server/booking/appointment-size.js';
import { Draft } from '../../server/booking/draft.js';
import { SERIES_WEEKS_MAX } from '../../server/booking/series.js';
import { UnitBook, UNITS_AT_ONCE_MAX } from '../../server/booking/unit-book.js';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { by, scheduleOf, slotOf, without, wordsFor } from './booking-words.js';
import { operationsOf, parameters, text, to } from './operation-words.js';
import { bodyOf, journeyStores, type AnswerBody, startServer, type TestServer } from './server.js';

const START = '2027-03-18T09:00:00.000Z';
const DAY_MS = 86_400_000;
const daysAfter = (days: number) => new Date(Date.parse(START) + days * DAY_MS).toISOString();
const lasting = (days: number, parts: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  status: 'booked',
  start: START,
  end: daysAfter(days),
  participant: [by('Practitioner/p1')],
  ...parts,
});
const times = (count: number) => Array.from({ length: count }, (_, at) => at);
const RECURRENCE = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
const weekly = (visits: number, weekInterval: number) =>
  nested(
    RECURRENCE,
    part('timezone', { valueCode: 'UTC' }),
    part('recurrenceType', { valueCodeableConcept: { coding: [{ code: 'wk' }] } }),
    part('occurrenceCount', { valuePositiveInt: visits }),
    nested('weeklyTemplate', part('weekInterval', { valuePositiveInt: weekInterval })),
  );

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post } = operationsOf(() => server);
  const { book, put, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put({ resourceType: 'Practitioner', id: 'p1' }, { resourceType: 'Patient', id: 'q1' });
    await server.put(scheduleWith([rule(hours('09:00', '17:00'), minutes('duration', 30))]));
    await server.put(scheduleOf('room', 'Location/none', { actor: [{ display: 'Room' }] }));
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const told = (body: Pick<AnswerBody, 'issue'>) => (body.issue ?? []).map(({ diagnostics }) => diagnostics).join(' ');
  const expectTooLong = (answer: { readonly status: number; readonly body: AnswerBody }) => {
    expect([answer.status, told(answer.body)]).toEqual([422, expect.stringContaining(`${APPOINTMENT_DAYS_MAX} days`)]);
  };

  describe(`APPOINTMENT_DAYS_MAX: an Appointment takes at most ${APPOINTMENT_DAYS_MAX} days`, () => {
    const tooLong = lasting(APPOINTMENT_DAYS_MAX + 1);

    test('by its start and end', async () => {
      expectTooLong(await book(tooLong));
      const longest = await book(lasting(APPOINTMENT_DAYS_MAX));
      expect(told(longest.body)).not.toContain(`${APPOINTMENT_DAYS_MAX} days`);
    });

    test('also against the rules', async () => {
      const keys = makeApiKeys({ store: server.store, clock: { nowMs: () => server.clock.ms }, newSecret });
      const { key } = await keys.create('front desk', ['override']);
      expectTooLong(await book(tooLong, { Authorization: `Bearer ${key}`, 'X-Override-Reason': 'Emergency' }));
    });

    test('where it claims nothing, and where it was over when it was loaded', async () => {
      expectTooLong(await book({ ...tooLong, participant: [by('Patient/q1')] }));
      const past = { ...tooLong, id: 'past', start: '1027-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' };
      await expect(server.put(past)).rejects.toThrow(`${APPOINTMENT_DAYS_MAX} days`);
    });

    test('what is proposed may last for ever, and cannot be booked', async () => {
      const { status, appointment } = await book({ ...tooLong, status: 'proposed', end: '9999-12-31T00:00:00Z' });
      expect(status).toBe(201);
      expectTooLong(await put({ ...appointment, status: 'booked' as const }));
      expectTooLong(await post(`Appointment/${appointment.id}/$book`, parameters()));
    });

    test.each([
      ['$hold', 'Schedule/s1'],
      ['$book', 'Schedule/s1'],
      ['$book', 'Schedule/room'],
    ])('by %s with %s and a key, too', async (operation, schedule) => {
      const resource = { ...without(tooLong, 'status'), status: 'proposed' as const };
      const asked = parameters(['appointment', { resource }], to('schedule', schedule), text('key', 'zebra'));
      expectTooLong(await post(`Appointment/${operation}`, asked));
    });

    test('by all of its Slots together', async () => {
      const half = APPOINTMENT_DAYS_MAX / 2 + 1;
      const long = { status: 'free' as const, start: START, end: daysAfter(half) };
      await server.put(
        slotOf('first', 'room', '', '', long),
        slotOf('second', 'room', '', '', { ...long, start: daysAfter(half), end: daysAfter(2 * half) }),
      );
      const slot = ['first', 'second'].map((id) => ({ reference: `Slot/${id}` }));
      expectTooLong(await book(lasting(2 * half, { slot, participant: [by('Patient/q1')] })));
      const proposed = { ...lasting(1, { slot, status: 'proposed' }), start: undefined, end: undefined };
      expectTooLong(await post('Appointment/$book', parameters(['appointment', { resource: proposed }])));
    });

    test('by Slots of several Schedules together, each of which it might have', async () => {
      const end = daysAfter(APPOINTMENT_DAYS_MAX - 1);
      await server.put(
        { resourceType: 'Schedule', id: 'lift', actor: [{ display: 'Lift' }] },
        slotOf('of-room', 'room', '', '', { start: START, end }),
        slotOf('of-lift', 'lift', '', '', { start: START, end }),
      );
      const slot = ['of-room', 'of-lift'].map((id) => ({ reference: `Slot/${id}` }));
      const both = lasting(APPOINTMENT_DAYS_MAX - 1, { slot, participant: [by('Patient/q1')] });
      expectTooLong(await book(both));
    });

    test('by all Schedules that it names together', async () => {
      const supportingInformation = ['s1', 'room'].map((id) => ({ reference: `Schedule/${id}` }));
      expectTooLong(await book(lasting(APPOINTMENT_DAYS_MAX - 1, { supportingInformation })));
    });
  });

  describe(`APPOINTMENT_TIMES_MAX: one takes times of at most ${APPOINTMENT_TIMES_MAX} Slots or Schedules`, () => {
    const tooMany = times(APPOINTMENT_TIMES_MAX + 1);
    const halfHour = { end: '2027-03-18T09:30:00.000Z' };
    const expectTooMany = async (parts: Partial<Appointment>) => {
      const { status, body } = await book(lasting(0, { ...halfHour, ...parts }));
      expect([status, told(body)]).toEqual([422, expect.stringContaining(`at most ${APPOINTMENT_TIMES_MAX}`)]);
    };

    test('Slots', () => expectTooMany({ slot: tooMany.map((at) => ({ reference: `Slot/x${at}` })) }));

    test('Schedules', () =>
      expectTooMany({ supportingInformation: tooMany.map((at) => ({ reference: `Schedule/x${at}` })) }));

    test('participants whose Schedules it may mean', async () => {
      const doctors = tooMany.map((at) => ({ resourceType: 'Practitioner' as const, id: `x${at}` }));
      await server.resources.load(
        doctors.map((one) => ({ body: { plain: one, exact: one } })),
        { base: 'http://127.0.0.1:8080', strict: false },
      );
      await expectTooMany({ participant: tooMany.map((at) => by(`Practitioner/x${at}`)) });
    });

    test('stored Slots that make up a time of a Schedule', async () => {
      const minute = (at: number) => new Date(Date.parse(START) + at * 60_000).toISOString();
      const slots = tooMany.map((at) => ({
        ...slotOf(`m${at}`, 'room', '', '', { start: minute(at), end: minute(at + 1) }),
      }));
      await server.resources.load(
        slots.map((one) => ({ body: { plain: one, exact: one } })),
        { base: 'http://127.0.0.1:8080', strict: false },
      );
      await expectTooMany({
        ...{ end: minute(tooMany.length), participant: [by('Patient/q1')] },
        supportingInformation: [{ reference: 'Schedule/room' }],
      });
    });
  });

  test(`UNITS_AT_ONCE_MAX: one change rests on at most ${UNITS_AT_ONCE_MAX} units`, async () => {
    const bookOf = () => UnitBook.of(new Draft(server.store), 0);
    await expect(bookOf().joined(['Schedule/room'], times(UNITS_AT_ONCE_MAX + 1))).rejects.toThrow(
      `${UNITS_AT_ONCE_MAX}`,
    );
    const book = bookOf();
    const half = times(UNITS_AT_ONCE_MAX / 2);
    await book.joined(['Schedule/room'], half);
    await book.joined(['Schedule/room'], half);
    await book.joined(['Schedule/other'], half);
    await expect(book.joined(['Schedule/third'], [1])).rejects.toThrow(`${UNITS_AT_ONCE_MAX}`);
  });

  describe('series', () => {
    const bookSeries = async (weekInterval: number, start = START) => {
      const end = new Date(Date.parse(start) + 30 * 60_000).toISOString();
      const resource = lasting(0, { start, end, status: 'proposed', extension: [weekly(3, weekInterval)] });
      const answer = await server.http
        .post('/Appointment/$book')
        .send(parameters(['appointment', { resource }], to('schedule', 'Schedule/s1')));
      return { status: answer.status, body: bodyOf(answer) };
    };

    test.each([SERIES_WEEKS_MAX + 1, 100_000, 2_147_483_647])(
      `SERIES_WEEKS_MAX: at most ${SERIES_WEEKS_MAX} weeks lie between two visits; %d are refused`,
      async (weeks) => {
        const { status, body } = await bookSeries(weeks);
        expect([status, told(body)]).toEqual([422, expect.stringContaining(`${SERIES_WEEKS_MAX} weeks`)]);
      },
    );

    test(`SERIES_WEEKS_MAX: ${SERIES_WEEKS_MAX} are booked`, async () => {
      expect((await bookSeries(SERIES_WEEKS_MAX)).status).toBe(201);
    });

    test('no visit lies beyond the year 9999', async () => {
      const { status, body } = await bookSeries(SERIES_WEEKS_MAX, '9998-03-18T09:00:00.000Z');
      expect([status, told(body)]).toEqual([400, expect.stringContaining('9999')]);
    });
  });
});
