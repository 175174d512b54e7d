/** One request does one thing to an Appointment: on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Parameters } from 'fhir/r4.js';
import { booking, scheduleOf, slotOf, wordsFor } from './booking-words.js';
import { asking, operationsOf, parameters, to, whole } from './operation-words.js';
import { journeyStores, startServer, type TestServer } from './server.js';

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { book, statusOf, expectSound } = wordsFor(() => server);
  const { post, everything } = operationsOf(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(
      { resourceType: 'Patient', id: 'q1' },
      scheduleOf('s', 'Location/l'),
      ...[slotOf('a', 's', '09:00', '09:30'), slotOf('b', 's', '09:30', '10:00'), slotOf('c', 's', '11:00', '11:30')],
    );
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const moved = (id: string, slot: string, start: string, end: string) =>
    whole('appt-resource', { ...booking([slot], start, end), id });

  /** A refused request leaves all as it was. */
  async function expectRefused(request: Parameters, headers = {}) {
    const before = await everything();
    const { status, body } = await post('Appointment/$book', request, headers);
    expect([status, body.issue?.[0]?.diagnostics]).toEqual([400, expect.stringMatching(/twice|itself/)]);
    expect(await everything()).toEqual(before);
  }

  test('one that is moved twice is refused', async () => {
    const { id = '' } = await book(booking(['a'], '09:00', '09:30'));
    await expectRefused(parameters(moved(id, 'b', '09:30', '10:00'), moved(id, 'c', '11:00', '11:30')));
  });

  test('one that is booked already and comes twice as it is is refused', async () => {
    const { id = '', appointment } = await book(booking(['a'], '09:00', '09:30'));
    const same = whole('appt-resource', appointment);
    await expectRefused(parameters(same, same));
    await expectRefused(parameters(['appt-id', { valueUri: id }], ['appt-id', { valueUri: id }]));
  });

  test('one that is cancelled twice is refused', async () => {
    const { appointment } = await book(booking(['a'], '09:00', '09:30'));
    const cancelled = whole('appt-resource', { ...appointment, status: 'cancelled' });
    await expectRefused(parameters(cancelled, cancelled));
  });

  test('one that replaces itself is refused, be it booked as it stands', async () => {
    const { id = '' } = await book(booking(['a'], '09:00', '09:30'));
    await expectRefused(parameters(['appt-id', { valueUri: id }], to('cancelled-appt-id', `Appointment/${id}`)));
    await expectRefused(parameters(moved(id, 'b', '09:30', '10:00'), to('cancelled-appt-id', `Appointment/${id}`)));
  });

  describe('a hold that its key opens', () => {
    const key = { 'X-Slot-Key': 'k' };
    const held = async (slot: string, start: string, end: string) =>
      (await post('Appointment/$hold', asking(slot, start, end), key)).id;
    const both = whole('appt-resource', {
      ...asking(undefined, '09:00', '10:00'),
      slot: [{ reference: 'Slot/a' }, { reference: 'Slot/b' }],
    });

    test('is booked with the key, and so cannot be given up by the same request', async () => {
      const id = await held('a', '09:00', '09:30');
      const asked = whole('appt-resource', asking('a', '09:00', '09:30'));
      await expectRefused(parameters(asked, to('cancelled-appt-id', `Appointment/${id}`)), key);
    });

    test('is given up for another of the same key that takes its time, and may be named to be', async () => {
      const first = await held('a', '09:00', '09:30');
      const second = await held('b', '09:30', '10:00');
      const asked = parameters(both, to('cancelled-appt-id', `Appointment/${second}`));
      expect((await post('Appointment/$book', asked, key)).status).toBe(200);
      expect([await statusOf(`Appointment/${first}`), await statusOf(`Appointment/${second}`)]).toEqual([
        'booked',
        'cancelled',
      ]);
      expect([await statusOf('Slot/a'), await statusOf('Slot/b')]).toEqual(['busy', 'busy']);
    });

    test('is given up for one Appointment, and cannot become another besides', async () => {
      await held('a', '09:00', '09:30');
      const second = await held('b', '09:30', '10:00');
      await expectRefused(parameters(both, moved(second, 'c', '11:00', '11:30')), key);
    });
  });

  test('two Appointments are booked, moved and replaced as ever', async () => {
    const { id: first = '' } = await book(booking(['a'], '09:00', '09:30'));
    const { id: second = '' } = await book(booking(['c'], '11:00', '11:30'));
    const { status } = await post(
      'Appointment/$book',
      parameters(moved(second, 'b', '09:30', '10:00'), to('cancelled-appt-id', `Appointment/${first}`)),
    );
    expect(status).toBe(200);
    expect([await statusOf('Slot/a'), await statusOf('Slot/b'), await statusOf('Slot/c')]).toEqual([
      'free',
      'busy',
      'free',
    ]);
  });
});
