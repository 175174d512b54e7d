/** Group C3 of `docs/scheduling-cases.md`, as far as plain FHIR goes: statuses, cancelling, moving. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { booking, counts, without, wordsFor } from './booking-words.js';
import { SCHEDULES, SLOTS } from './fixture.js';
import { journeyStores, startServer, type TestServer } from './server.js';

type Status = Appointment['status'];

const ALL: Status[] = [
  ...(['proposed', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow'] as const),
  ...(['entered-in-error', 'checked-in', 'waitlist'] as const),
];

/** The table of design §4. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  proposed: ['pending', 'booked', 'waitlist', 'cancelled'],
  waitlist: ['pending', 'booked', 'cancelled'],
  pending: ['booked', 'cancelled'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  arrived: ['booked', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  'checked-in': ['arrived', 'fulfilled', 'cancelled'],
  noshow: ['booked', 'arrived'],
  cancelled: ['pending', 'booked'],
  fulfilled: [],
  'entered-in-error': [],
};
const OCCUPYING: readonly Status[] = ['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'];

const slotStatus = (status: Status) => {
  if (status === 'pending') return 'busy-tentative';
  return OCCUPYING.includes(status) ? 'busy' : 'free';
};

describe.each(journeyStores)('C3, moving, on $name', (store) => {
  let server: TestServer;
  const { book, put, patch, remove, statusOf, versionOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS);
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const bookA = booking(['A'], '13:00', '13:30');
  const atB = { slot: [{ reference: 'Slot/B' }], start: '2027-03-15T13:30:00Z', end: '2027-03-15T14:00:00Z' };

  test.each(ALL)(
    'from %s: the changes of the table, by PUT and by PATCH; all others are refused',
    async (from) => {
      for (const to of ALL) {
        for (const way of ['PUT', 'PATCH']) {
          const { appointment, status: made } = await book({ ...bookA, status: from });
          expect(made).toBe(201);
          const { status } =
            way === 'PUT'
              ? await put({ ...appointment, status: to })
              : await patch(`Appointment/${appointment.id}`, { status: to });
          const isAllowed = to === from || to === 'entered-in-error' || NEXT[from].includes(to);
          expect({ to, way, status }).toEqual({ to, way, status: isAllowed ? 200 : 422 });
          expect(await statusOf('Slot/A')).toBe(slotStatus(isAllowed ? to : from));
          await remove(`Appointment/${appointment.id}`);
          expect(await statusOf('Slot/A')).toBe('free');
        }
      }
    },
    60_000,
  );

  test('X01, X02: cancelled, its time is free; again changes nothing; what is fulfilled is not cancelled', async () => {
    const { id } = await book(bookA);
    const cancelationReason = { text: 'ill' };
    expect((await patch(`Appointment/${id}`, { status: 'cancelled', cancelationReason })).status).toBe(200);
    expect((await server.get(`/Appointment/${id}`)).body).toMatchObject({ status: 'cancelled', cancelationReason });
    expect(await statusOf('Slot/A')).toBe('free');
    const version = await versionOf('Slot/A');
    expect((await patch(`Appointment/${id}`, { status: 'cancelled' })).status).toBe(200);
    expect(await versionOf('Slot/A')).toBe(version);
    const fulfilled = await book({ ...bookA, status: 'fulfilled' });
    expect((await patch(`Appointment/${fulfilled.id}`, { status: 'cancelled' })).status).toBe(422);
  });

  test('X03: what was cancelled comes back only by winning its time anew', async () => {
    const { id } = await book(bookA);
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    const other = await book(bookA);
    expect((await patch(`Appointment/${id}`, { status: 'booked' })).status).toBe(409);
    await patch(`Appointment/${other.id}`, { status: 'cancelled' });
    expect((await patch(`Appointment/${id}`, { status: 'booked' })).status).toBe(200);
    expect(await statusOf('Slot/A')).toBe('busy');
  });

  test('X06: an Appointment that is deleted frees its time', async () => {
    const { id } = await book(bookA);
    expect(await remove(`Appointment/${id}`)).toBe(204);
    expect((await book(bookA)).status).toBe(201);
  });

  test('R05: moved to another Slot, it leaves the old one to others, and keeps its id', async () => {
    const { id } = await book(bookA);
    expect((await patch(`Appointment/${id}`, atB)).status).toBe(200);
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'busy']);
    expect((await book(bookA)).status).toBe(201);
  });

  test('moved by start and end to where its participant has another Slot', async () => {
    const participant = ['Patient/q1', 'Practitioner/p1'].map((reference) => ({
      actor: { reference },
      status: 'accepted' as const,
    }));
    const { appointment } = await book({ ...bookA, participant });
    const moved = await put({ ...without(appointment, 'slot'), start: atB.start, end: atB.end });
    expect({ status: moved.status, slot: moved.appointment.slot }).toEqual({ status: 200, slot: atB.slot });
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'busy']);
  });

  test('longer by the next Slot, and shorter again', async () => {
    const { id } = await book(bookA);
    const both = { slot: [{ reference: 'Slot/A' }, { reference: 'Slot/B' }], end: '2027-03-15T14:00:00Z' };
    expect((await patch(`Appointment/${id}`, both)).status).toBe(200);
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['busy', 'busy']);
    expect((await patch(`Appointment/${id}`, atB)).status).toBe(200);
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'busy']);
  });

  test('an Appointment of two Slots that is cancelled frees both', async () => {
    const { id } = await book(booking(['A', 'B'], '13:00', '14:00'));
    await patch(`Appointment/${id}`, { status: 'cancelled' });
    expect([await statusOf('Slot/A'), await statusOf('Slot/B')]).toEqual(['free', 'free']);
  });

  test('R02: to a busy time it does not move, and nothing has changed', async () => {
    const { id } = await book(bookA);
    await book({ ...bookA, ...atB });
    const version = await versionOf(`Appointment/${id}`);
    expect((await patch(`Appointment/${id}`, atB)).status).toBe(409);
    expect([await statusOf('Slot/A'), await versionOf(`Appointment/${id}`)]).toEqual(['busy', version]);
  });

  test('R03: two that move to where the other is, one also to a third time, at once: nothing is lost', async () => {
    const first = await book(bookA);
    const second = await book({ ...bookA, ...atB });
    const atG = { slot: [{ reference: 'Slot/G' }], start: '2027-03-16T13:00:00Z', end: '2027-03-16T13:30:00Z' };
    const answers = await Promise.all([
      patch(`Appointment/${first.id}`, atB),
      patch(`Appointment/${second.id}`, { slot: bookA.slot, start: bookA.start, end: bookA.end }),
      patch(`Appointment/${second.id}`, atG),
    ]);
    expect(answers.every(({ status }) => [200, 409].includes(status))).toBe(true);
    const busy = await Promise.all(['A', 'B', 'G'].map((id) => statusOf(`Slot/${id}`)));
    expect(busy.filter((status) => status === 'busy')).toHaveLength(2);
  });

  test('R06: a patient may have two Appointments at a time', async () => {
    expect(counts([await book(bookA), await book(booking(['H'], '13:00', '13:30'))])).toEqual({ 201: 2 });
  });

  test('an Appointment is changed in other ways however late, and keeps its time', async () => {
    const { id } = await book(bookA);
    server.clock.ms = Date.parse('2027-03-15T13:10:00Z');
    expect((await patch(`Appointment/${id}`, { comment: 'late' })).status).toBe(200);
    expect((await patch(`Appointment/${id}`, { status: 'arrived' })).status).toBe(200);
    expect(await statusOf('Slot/A')).toBe('busy');
  });
});
