/** What an Appointment has is named in it, so that it can be moved, freed and told: on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { at, booking, by, scheduleOf, slotOf, without, wordsFor } from './booking-words.js';
import { operationsOf, parameters, time, whole } from './operation-words.js';
import { journeyStores, startServer, type TestServer } from './server.js';

/** What `slot` may hold beside the id of a Slot of this server. */
const ELSEWHERE: readonly (readonly [string, Partial<Appointment>])[] = [
  ['a Slot of another server', { slot: [{ reference: 'https://other.example/fhir/Slot/1' }] }],
  ['words', { slot: [{ display: 'Monday at nine' }] }],
  ['an identifier', { slot: [{ identifier: { system: 'http://ex.org/slots', value: '1' } }] }],
  ['a urn', { slot: [{ reference: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' }] }],
  ['what it contains', { slot: [{ reference: '#s1' }], contained: [slotOf('s1', 's', '09:00', '09:30')] }],
];

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { book, put, patch, remove, statusOf, expectSound } = wordsFor(() => server);
  const { post, get } = operationsOf(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      { resourceType: 'Practitioner', id: 'p' },
      { resourceType: 'Patient', id: 'q1' },
      scheduleOf('s', 'Practitioner/p'),
      ...[slotOf('a', 's', '09:00', '09:30'), slotOf('b', 's', '10:00', '10:30'), slotOf('c', 's', '11:00', '11:30')],
    );
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const withDoctor = (parts: Partial<Appointment> = {}) =>
    booking([], '09:00', '09:30', { participant: [by('Patient/q1'), by('Practitioner/p')], ...parts });
  const statuses = async () => [await statusOf('Slot/a'), await statusOf('Slot/b'), await statusOf('Slot/c')];

  describe.each(ELSEWHERE)('an Appointment whose slot is %s', (_, named) => {
    test('names beside it the Slot that it takes', async () => {
      const { status, appointment } = await book(withDoctor(named));
      expect({ status, slot: appointment.slot }).toEqual({
        status: 201,
        slot: [...(named.slot ?? []), { reference: 'Slot/a' }],
      });
    });

    test('frees its time when it is cancelled, and leaves the Schedule free to go', async () => {
      const { id } = await book(withDoctor(named));
      expect((await post(`Appointment/${id}/$cancel`, undefined)).status).toBe(200);
      expect(await statuses()).toEqual(['free', 'free', 'free']);
      for (const slot of ['a', 'b', 'c']) expect(await remove(`Slot/${slot}`)).toBe(204);
      expect(await remove('Schedule/s')).toBe(204);
    });

    test('is cancelled by a PUT of what was sent, without what was added', async () => {
      const { id } = await book(withDoctor(named));
      expect((await put({ ...withDoctor(named), id, status: 'cancelled' })).status).toBe(200);
      expect(await statuses()).toEqual(['free', 'free', 'free']);
      const { id: other } = await book(withDoctor(named));
      const elsewhere = withDoctor({ slot: [{ reference: 'Slot/b' }] });
      expect((await put({ ...elsewhere, id: other, status: 'cancelled' })).status).toBe(422);
    });

    test('has one time after two PUTs to others, and none once it is deleted', async () => {
      const { id } = await book(withDoctor(named));
      for (const [start, end] of [
        ['10:00', '10:30'],
        ['11:00', '11:30'],
      ] as const) {
        expect((await put({ ...withDoctor({ ...named, start: at(start), end: at(end) }), id })).status).toBe(200);
      }
      expect(await statuses()).toEqual(['free', 'free', 'busy']);
      expect(await remove(`Appointment/${id}`)).toBe(204);
      expect(await statuses()).toEqual(['free', 'free', 'free']);
    });

    test('is moved by $reschedule, and frees its time after $book', async () => {
      const booked = await post('Appointment/$book', parameters(whole('appt-resource', withDoctor(named))));
      const moved = await post(`Appointment/${booked.id}/$reschedule`, parameters(time('start', at('10:00'))));
      expect([booked.status, moved.status, await statuses()]).toEqual([201, 200, ['free', 'busy', 'free']]);
      await post(`Appointment/${booked.id}/$cancel`, undefined);
      expect(await statuses()).toEqual(['free', 'free', 'free']);
    });
  });

  describe('one that has a time keeps one', () => {
    const told = expect.stringMatching(/^An Appointment that is \w+ keeps a time: name a Slot, or start and end with/);

    test.each([
      ['booked', 'booked'],
      ['pending', 'booked'],
      ['booked', 'fulfilled'],
    ] as const)('%s, a PUT as %s that names none is refused', async (from, to) => {
      const { appointment } = await book(booking(['a'], '09:00', '09:30', { status: from }));
      const { status, body } = await put({ ...without(appointment, 'slot'), status: to });
      expect([status, body.issue]).toEqual([422, [expect.objectContaining({ diagnostics: told })]]);
      expect(await statusOf('Slot/a')).toBe(from === 'pending' ? 'busy-tentative' : 'busy');
    });

    test('a PATCH that takes its Slot and tells another time is refused', async () => {
      const { id } = await book(booking(['a'], '09:00', '09:30'));
      const later = { slot: [{ display: 'later' }], start: at('10:00'), end: at('10:30') };
      expect((await patch(`Appointment/${id}`, later)).status).toBe(422);
    });

    test('without its Slot, the time of a participant is one; cancelled it needs none', async () => {
      const { appointment } = await book(booking(['a'], '09:00', '09:30'));
      const doctors = withDoctor({ id: appointment.id ?? '', start: at('10:00'), end: at('10:30') });
      expect((await put(doctors)).status).toBe(200);
      expect(await statuses()).toEqual(['free', 'busy', 'free']);
      expect((await patch(`Appointment/${appointment.id}`, { status: 'cancelled' })).status).toBe(200);
      expect(await statuses()).toEqual(['free', 'free', 'free']);
    });

    test('a load writes what has been agreed elsewhere, that it has no time any more', async () => {
      const { appointment } = await book(booking(['a'], '09:00', '09:30'));
      await server.put(without(appointment, 'slot'));
      expect(await statusOf('Slot/a')).toBe('free');
      // `check` lists it; here it is meant.
      await remove(`Appointment/${appointment.id}`);
    });

    test('one that never had a time needs none', async () => {
      const { appointment } = await book(booking([], '09:00', '09:30'));
      expect((await put({ ...appointment, status: 'arrived' })).status).toBe(200);
      expect((await get(`Appointment/${appointment.id}`)).appointment.slot).toBeUndefined();
      // `check` lists it; here it is meant.
      await remove(`Appointment/${appointment.id}`);
    });
  });
});
