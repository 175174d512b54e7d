/** What FHIR or ReserveKit made, as clients of Overbooked meet it, and what of Overbooked's they find. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, HealthcareService, Schedule } from 'fhir/r4.js';
import { bodyOf, journeyStores } from '../../journeys/server.js';
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

const KEY = 'zebra-41';

describe.each(journeyStores)('made by others, on $name', (store) => {
  let server: OverbookedServer;
  beforeEach(async () => {
    server = await startOverbooked(store);
    await server.put({ resourceType: 'Practitioner', id: 'p1' }, { resourceType: 'Patient', id: 'q1' });
  });
  afterEach(() => server.close());

  const healthcareService = async (id: string) =>
    (await server.get(`/HealthcareService/${id}`)).body as unknown as HealthcareService;
  const schedule = async (id: string) => (await server.get(`/Schedule/${id}`)).body as unknown as Schedule;
  /** A service of ReserveKit, by the id that it has here. */
  const madeService = async (name: string) => {
    const { status, body } = await server.secret.post('/v1/services', { name, timezone: 'Europe/Lisbon' });
    expect(status).toBe(201);
    return `rk-service-${String(body.data?.id)}`;
  };
  const booked = (...slots: readonly Thing[]): Appointment => ({
    ...{ resourceType: 'Appointment', status: 'booked' },
    slot: slots.map(({ id }) => ({ reference: `Slot/${id}` })),
    ...{ start: FIRST_SLOT.start_date, end: FIRST_SLOT.end_date },
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
  });
  const bookByFhir = async (appointment: Appointment): Promise<string> => {
    const answer = await server.http.post('/Appointment').send(appointment);
    expect(answer.status).toBe(201);
    return bodyOf(answer).id ?? '';
  };

  describe('a deleted resource', () => {
    test('that ReserveKit made takes its HealthcareService with it', async () => {
      const id = await madeService('Blood donation');
      expect(refusalIn(await server.secret.delete(`/resources/${id}`))).toBe('200');
      expect((await server.get(`/HealthcareService/${id}`)).status).toBe(410);
      expect((await server.secret.get('/v1/services')).status).toBe(200);
    });

    test.each<Schedule | { readonly resourceType: 'PractitionerRole' }>([
      { resourceType: 'Schedule', actor: [] },
      { resourceType: 'PractitionerRole' },
    ])('leaves its HealthcareService to another $resourceType that names it', async (other) => {
      const { id } = await server.resource();
      const named = { reference: `HealthcareService/${id}` };
      const whole =
        other.resourceType === 'Schedule' ? { ...other, actor: [named] } : { ...other, healthcareService: [named] };
      await server.put({ ...whole, id: 'other' });
      expect(refusalIn(await server.secret.delete(`/resources/${id}`))).toBe('200');
      expect((await server.get(`/HealthcareService/${id}`)).status).toBe(200);
    });

    test('leaves a HealthcareService of its id that FHIR made', async () => {
      await server.put(
        { resourceType: 'HealthcareService', id: 's1', name: 'Theirs' },
        { resourceType: 'Schedule', id: 's1', actor: [{ reference: 'HealthcareService/s1', display: 'Theirs' }] },
      );
      await server.secret.patch('/resources/s1', { name: 'Ours' });
      expect((await healthcareService('s1')).name).toBe('Theirs');
      expect(refusalIn(await server.secret.delete('/resources/s1'))).toBe('200');
      expect((await server.get('/HealthcareService/s1')).status).toBe(200);
    });
  });

  describe('another name', () => {
    test('is that of the HealthcareService too', async () => {
      const { id } = await server.resource();
      expect(thingIn(await server.secret.patch(`/resources/${id}`, { name: 'Room 3' }))).toMatchObject({
        name: 'Room 3',
      });
      expect((await healthcareService(id)).name).toBe('Room 3');
      expect(await schedule(id)).toMatchObject({ comment: 'Room 3', actor: [{ display: 'Room 3' }] });
    });

    test('of a service of ReserveKit is told by its API too', async () => {
      const id = await madeService('Blood donation');
      expect(thingIn(await server.secret.patch(`/resources/${id}`, { name: 'Plasma' }))).toMatchObject({
        name: 'Plasma',
      });
      const { body } = await server.secret.get(`/v1/services/${id.slice('rk-service-'.length)}`);
      expect(body.data).toMatchObject({ name: 'Plasma' });
      expect(await schedule(id)).not.toHaveProperty('comment');
    });
  });

  test('created_at stays through changes, of whatever does not tell it', async () => {
    await server.put({ resourceType: 'Schedule', id: 's1', actor: [{ reference: 'Practitioner/p1' }] });
    const times = { start: FIRST_SLOT.start_date, end: FIRST_SLOT.end_date };
    await server.put({
      resourceType: 'Slot',
      id: 'a1',
      schedule: { reference: 'Schedule/s1' },
      status: 'free',
      ...times,
    });
    const booking = await bookByFhir(booked({ id: 'a1' }));
    const metadata = { a: 1 };
    for (const path of ['/resources/s1', '/slots/a1', `/bookings/${booking}`]) {
      server.clock.ms += 1_000;
      const updated_at = new Date(server.clock.ms).toISOString();
      await server.secret.patch(path, { metadata: {} });
      const changed = thingIn(await server.secret.patch(path, { metadata }));
      expect(changed).toMatchObject({ created_at: new Date(NOW).toISOString(), updated_at, metadata });
    }
    const [listed] = (await server.secret.get('/bookings')).body.data ?? [];
    expect(listed).toMatchObject({ id: booking, created_at: new Date(NOW).toISOString() });
  });

  test('a hold of FHIR with a key is changed here by nobody', async () => {
    const resource = await server.resource();
    const [slot, free] = [await server.slot(resource), await server.slot(resource, SECOND_SLOT)];
    const parameter = [
      { name: 'appointment', resource: { ...booked(slot), status: 'proposed' } },
      { name: 'key', valueString: KEY },
      { name: 'until', valueInstant: later(NOW, TEN_MINUTES_MS) },
    ];
    const held = await server.http.post('/Appointment/$hold').send({ resourceType: 'Parameters', parameter });
    expect(held.status).toBe(201);
    const path = `/bookings/${(await server.secret.get('/bookings')).body.data?.[0]?.id ?? ''}`;
    expect(refusalIn(await server.open.post(`${path}/cancel`))).toBe('422 E050');
    expect(refusalIn(await server.open.patch(path, { metadata: { a: 1 } }))).toBe('422 E050');
    expect(refusalIn(await server.open.post(`${path}/reschedule`, { target_slot_id: free.id }))).toBe('422 E050');
    expect(refusalIn(await server.secret.delete(path))).toBe('422 E050');
    const other = await server.booking(free);
    const move = await server.open.post(`/bookings/${other.id}/reschedule`, { target_slot_id: slot.id });
    expect(refusalIn(move)).toBe('422 E049');
  });

  test('a visit that has been is not cancelled, nor is one that never was enabled', async () => {
    const resource = await server.resource();
    const slot = await server.slot(resource, { capacity: 2 });
    for (const [status, verb] of [
      ['fulfilled', 'cancel'],
      ['entered-in-error', 'enable'],
    ] as const) {
      const id = await bookByFhir(booked(slot));
      await server.http.put(`/Appointment/${id}`).send({ ...(await server.get(`/Appointment/${id}`)).body, status });
      expect(refusalIn(await server.open.post(`/bookings/${id}/${verb}`))).toBe('422 E060');
    }
  });

  test('an Appointment in two Slots is a booking of each', async () => {
    const [one, other] = [await server.resource(), await server.resource()];
    const [first, second] = [await server.slot(one), await server.slot(other)];
    const id = await bookByFhir(booked(first, second));
    const cases = [
      { slot_id: first.id, resource_id: one.id },
      { slot_id: second.id, resource_id: other.id },
    ];
    for (const place of cases) {
      for (const [name, value] of Object.entries(place)) {
        const { body } = await server.open.get(`/bookings?${name}=${value}`);
        expect(body.data).toMatchObject([{ id, ...place }]);
      }
    }
    expect(thingIn(await server.open.get(`/bookings/${id}`))).toMatchObject({ slot_id: first.id });
    expect(refusalIn(await server.secret.patch(`/slots/${first.id}`, { start_date: '2031-06-10T12:50:00Z' }))).toBe(
      '400 E013',
    );
    const target = await server.slot(await server.resource());
    await server.open.post(`/bookings/${id}/reschedule`, { target_slot_id: target.id });
    for (const slot of [first, second]) expect(await server.now(slot)).toMatchObject({ num_bookings: 0 });
    expect(await server.now(target)).toMatchObject({ num_active_bookings: 1 });
  });

  test('a slot outside the planningHorizon of its Schedule can be available, and is not booked', async () => {
    const planningHorizon = { start: '2031-01-01', end: '2031-02-01' };
    const actor = [{ reference: 'Practitioner/p1' }];
    await server.put({ resourceType: 'Schedule', id: 's1', planningHorizon, actor });
    const slot = await server.slot({ id: 's1' });
    expect(slot).toMatchObject({ available: true });
    expect(refusalIn(await server.open.post('/bookings', { slot_id: slot.id }))).toBe('422 E051');
  });

  test.each([
    ['2031-01-01T00:00:00Z', '2032-01-03T00:00:00Z'],
    ['0000-12-31T00:00:00Z', '0000-12-31T01:00:00Z'],
    ['9999-12-31T22:30:00-01:00', '9999-12-31T23:30:00-01:00'],
  ])('a slot from %s to %s is refused', async (start_date, end_date) => {
    const { id } = await server.resource();
    const refused = await server.secret.post('/slots', { resource_id: id, start_date, end_date, capacity: 1 });
    expect(refusalIn(refused)).toBe('400 E013');
  });

  test.each(['a\u0000b', 'a\u007fb\u0001', 'bell\u0007', 'half \ud83d'])(
    'a name that FHIR cannot keep is refused in words of the API: %j',
    async (name) => {
      const answer = await server.secret.post('/resources', { name, timezone: 'UTC' });
      expect(refusalIn(answer)).toBe('400 E013');
      expect(answer.body.error?.message).toMatch(/^name /);
    },
  );
});
