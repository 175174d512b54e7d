/** One engine: what a client of the Overbooked API does counts for clients of FHIR, and the other way round. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Slot } from 'fhir/r4.js';
import { bodyOf, idsOf, journeyStores } from '../../journeys/server.js';
import {
  FIRST_SLOT,
  later,
  NOW,
  refusalIn,
  SECOND_SLOT,
  startOverbooked,
  TEN_MINUTES_MS,
  thingIn,
  type OverbookedServer,
  type Thing,
} from './client.js';

const UNTIL = later(NOW, TEN_MINUTES_MS);
const KEY = 'zebra-41';

describe.each(journeyStores)('Overbooked and FHIR on $name', (store) => {
  let server: OverbookedServer;
  let resource: Thing;
  let slot: Thing;
  beforeEach(async () => {
    server = await startOverbooked(store);
    resource = await server.resource();
    slot = await server.slot(resource, { capacity: 2 });
    await server.put({ resourceType: 'Patient', id: 'q1' });
  });
  afterEach(() => server.close());

  const operation = async (path: string, ...parameter: object[]) => {
    const answer = await server.http.post(path).send({ resourceType: 'Parameters', parameter });
    return { status: answer.status, body: bodyOf(answer) };
  };
  const key = { name: 'key', valueString: KEY };
  const until = { name: 'until', valueInstant: UNTIL };
  const lockByFhir = () => operation(`/Slot/${slot.id}/$lock`, key, until);
  const lockByOverbooked = () => server.open.post(`/slots/${slot.id}/lock`, { lock_until: UNTIL, lock_key: KEY });
  const wanted = (status: Appointment['status'] = 'booked'): Appointment => ({
    ...{ resourceType: 'Appointment', status, slot: [{ reference: `Slot/${slot.id}` }] },
    ...{ start: FIRST_SLOT.start_date, end: FIRST_SLOT.end_date },
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
  });
  const bookByFhir = async (more: Record<string, string> = {}) => {
    const answer = await server.http.post('/Appointment').set(more).send(wanted());
    return { status: answer.status, id: bodyOf(answer).id ?? '' };
  };
  const bookByOverbooked = async (fields: object = {}) =>
    refusalIn(await server.open.post('/bookings', { slot_id: slot.id, ...fields }));
  const statusInFhir = async () => (await server.get(`/Slot/${slot.id}`)).body.status;

  test('a slot is a Slot, with its capacity, and GET /Slot offers it', async () => {
    const { body } = await server.get(`/Slot/${slot.id}`);
    expect(body as unknown as Slot).toMatchObject({
      ...{ status: 'free', schedule: { reference: `Schedule/${resource.id}` } },
      ...{ start: FIRST_SLOT.start_date, end: FIRST_SLOT.end_date },
    });
    const question = `/Slot?schedule=Schedule/${resource.id}&start=2031-06-10&end=2031-06-10`;
    expect(idsOf(await server.get(question))).toEqual([slot.id]);
    await server.secret.post(`/resources/${resource.id}/convert-draft`);
    expect(idsOf(await server.get(question))).toEqual([]);
  });

  test('a lock of Overbooked blocks $book, until its key comes', async () => {
    await lockByOverbooked();
    expect(await statusInFhir()).toBe('busy-tentative');
    expect((await bookByFhir()).status).toBe(409);
    expect((await bookByFhir({ 'X-Slot-Key': 'other' })).status).toBe(403);
    expect((await operation(`/Slot/${slot.id}/$unlock`, { name: 'key', valueString: 'other' })).status).toBe(403);
    expect((await bookByFhir({ 'X-Slot-Key': KEY })).status).toBe(201);
    expect(await server.now(slot)).toMatchObject({ locked_until: null, num_active_bookings: 1 });
  });

  test('a lock of FHIR blocks bookings of Overbooked, until its key comes', async () => {
    expect((await lockByFhir()).status).toBe(200);
    expect(await server.now(slot)).toMatchObject({ locked_until: UNTIL });
    expect(refusalIn(await lockByOverbooked())).toBe('422 E045');
    expect(await bookByOverbooked()).toBe('422 E050');
    expect(refusalIn(await server.open.post(`/slots/${slot.id}/unlock`, { lock_key: 'other' }))).toBe('403 E059');
    expect(await bookByOverbooked({ lock_key: KEY })).toBe('200');
  });

  test('bookings of both fill the same seats', async () => {
    const { id } = await bookByFhir();
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 1, available: true });
    expect(thingIn(await server.secret.get(`/bookings/${id}`))).toMatchObject({ slot_id: slot.id, status: 'active' });
    expect(await bookByOverbooked()).toBe('200');
    expect(await statusInFhir()).toBe('busy');
    expect((await bookByFhir()).status).toBe(409);
    expect(await bookByOverbooked()).toBe('422 E049');
    expect((await server.get(`/Appointment?slot=Slot/${slot.id}`)).body.total).toBe(2);
  });

  test('a cancel by either frees the seat for the other', async () => {
    const byFhir = await bookByFhir();
    const booking = await server.booking(slot);
    expect((await operation(`/Appointment/${booking.id}/$cancel`)).status).toBe(200);
    expect(thingIn(await server.secret.get(`/bookings/${booking.id}`))).toMatchObject({ status: 'cancelled' });
    expect(await bookByOverbooked()).toBe('200');
    await server.open.post(`/bookings/${byFhir.id}/cancel`);
    expect((await server.get(`/Appointment/${byFhir.id}`)).body.status).toBe('cancelled');
    expect((await bookByFhir()).status).toBe(201);
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 2, num_cancelled_bookings: 2 });
  });

  test('a hold of FHIR takes a seat for as long as it lasts', async () => {
    await server.booking(slot);
    const held = await operation(
      '/Appointment/$hold',
      { name: 'appointment', resource: wanted('proposed') },
      key,
      until,
    );
    expect(held.status).toBe(201);
    expect(await bookByOverbooked()).toBe('422 E049');
    expect(refusalIn(await lockByOverbooked())).toBe('422 E045');
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 2, available: false });
    server.clock.ms = Date.parse(UNTIL);
    expect(await server.now(slot)).toMatchObject({
      num_active_bookings: 1,
      num_cancelled_bookings: 1,
      available: true,
    });
    expect(await bookByOverbooked()).toBe('200');
  });

  test('a held slot is deleted with its hold, for whose key nobody asks', async () => {
    await operation('/Appointment/$hold', { name: 'appointment', resource: wanted('proposed') }, key, until);
    expect(refusalIn(await server.secret.delete(`/slots/${slot.id}`))).toBe('200');
    expect((await server.get(`/Appointment?status=cancelled`)).body.total).toBe(1);
  });

  test('what FHIR cancelled with a reason, or whose hold ended, is enabled, and the reason goes', async () => {
    const { id } = await bookByFhir();
    const reason = { name: 'reason', valueCodeableConcept: { text: 'moved house' } };
    expect((await operation(`/Appointment/${id}/$cancel`, reason)).status).toBe(200);
    await operation('/Appointment/$hold', { name: 'appointment', resource: wanted('proposed') }, until);
    server.clock.ms = Date.parse(UNTIL);
    const cancelled = idsOf(await server.get('/Appointment?status=cancelled'));
    expect(cancelled).toHaveLength(2);
    for (const one of cancelled) {
      expect((await server.get(`/Appointment/${one}`)).body).toHaveProperty('cancelationReason');
      expect(refusalIn(await server.open.post(`/bookings/${one}/enable`))).toBe('200');
      const enabled = (await server.get(`/Appointment/${one}`)).body;
      expect(enabled).toMatchObject({ status: 'booked' });
      expect(enabled).not.toHaveProperty('cancelationReason');
    }
  });

  test('a disabled slot is disabled for both, whoever disabled it', async () => {
    await operation(`/Slot/${slot.id}/$disable`);
    expect(await server.now(slot)).toMatchObject({ status: 'disabled' });
    await server.secret.post(`/slots/${slot.id}/enable`);
    expect(await statusInFhir()).toBe('free');
    await server.secret.post(`/slots/${slot.id}/disable`);
    expect(await statusInFhir()).toBe('busy-unavailable');
    expect((await bookByFhir()).status).toBe(409);
  });

  test('a visit that has been is not undone by deleting its slot', async () => {
    const { id } = await bookByFhir();
    const visit = (await server.get(`/Appointment/${id}`)).body;
    const answer = await server.http.put(`/Appointment/${id}`).send({ ...visit, status: 'fulfilled' });
    expect(answer.status).toBe(200);
    expect(refusalIn(await server.secret.delete(`/slots/${slot.id}`))).toBe('422 E060');
    expect(refusalIn(await server.secret.delete(`/resources/${resource.id}`))).toBe('422 E060');
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 1 });
  });

  test('the rules of FHIR are not loosened: a past slot is booked here alone, and says why', async () => {
    server.clock.ms = Date.parse('2031-06-11T00:00:00Z');
    expect((await bookByFhir()).status).toBe(422);
    const { id } = await server.booking(slot);
    const { body } = await server.get(`/Appointment/${id}`);
    expect(JSON.stringify(body)).toContain('Booked through the Overbooked API');
    expect((await server.get('/AuditEvent')).body.total).toBe(1);
  });

  test('a doctor with two calendars is not booked twice, by either', async () => {
    await server.put(
      { resourceType: 'Practitioner', id: 'p1' },
      { resourceType: 'Schedule', id: 's1', actor: [{ reference: 'Practitioner/p1' }] },
      { resourceType: 'Schedule', id: 's2', actor: [{ reference: 'Practitioner/p1' }] },
    );
    const first = await server.slot({ ...resource, id: 's1' });
    const second = await server.slot({ ...resource, id: 's2' });
    await server.booking(first);
    expect(await server.now(second)).toMatchObject({ available: false, status: 'active', num_active_bookings: 0 });
    expect(refusalIn(await server.open.post('/bookings', { slot_id: second.id }))).toBe('422 E049');
    const elsewhere = await server.slot({ ...resource, id: 's2' }, SECOND_SLOT);
    expect(refusalIn(await server.open.post('/bookings', { slot_id: elsewhere.id }))).toBe('200');
  });

  test('twenty clients of both at once fill two seats', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? bookByOverbooked() : bookByFhir().then(({ status }) => status),
      ),
    );
    expect(answers.filter((one) => one === '200' || one === 201)).toHaveLength(2);
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 2, available: false });
  });
});
