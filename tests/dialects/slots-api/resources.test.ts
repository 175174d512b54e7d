/** Resources of the Overbooked API: reference §7, behaviours 4, 5, 7, 19 and 20. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SLOTS_DELETED_TOGETHER_MAX } from '../../../server/dialects/slots-api/resources-delete.js';
import { journeyStores } from '../../journeys/server.js';
import { FIRST_SLOT, later, refusalIn, startOverbooked, thingIn, type OverbookedServer } from './client.js';

const FIELDS = { name: 'Travel clinic', timezone: 'Europe/Lisbon' };

describe.each(journeyStores)('resources on $name', (store) => {
  let server: OverbookedServer;
  beforeEach(async () => {
    server = await startOverbooked(store);
  });
  afterEach(() => server.close());

  test('a new one is a draft with nothing in it', async () => {
    const resource = thingIn(await server.secret.post('/resources', FIELDS));
    expect(resource).toEqual({
      _object: 'resource',
      id: resource.id,
      name: 'Travel clinic',
      status: 'draft',
      timezone: 'Europe/Lisbon',
      short_id: expect.stringMatching(/^[A-Za-z0-9]{11}$/) as unknown,
      metadata: {},
      booking_disabled_before: 0,
      public_scheduling_enabled: false,
      num_slots: 0,
      num_available_slots: 0,
      num_bookings: 0,
      num_active_bookings: 0,
      num_cancelled_bookings: 0,
      created_at: '2031-06-09T12:00:00.000Z',
      updated_at: '2031-06-09T12:00:00.000Z',
    });
    expect(thingIn(await server.secret.get(`/resources/${resource.id}`))).toEqual(resource);
  });

  test('is a Schedule of a HealthcareService for FHIR', async () => {
    const { id } = thingIn(await server.secret.post('/resources', FIELDS));
    expect((await server.get(`/Schedule/${id}`)).body).toMatchObject({
      ...{ resourceType: 'Schedule', active: false, comment: 'Travel clinic' },
      actor: [{ reference: `HealthcareService/${id}`, display: 'Travel clinic' }],
    });
    expect((await server.get(`/HealthcareService/${id}`)).body).toMatchObject({ name: 'Travel clinic', active: true });
  });

  test.each([
    [{ timezone: 'Lisbon' }, '422 E022'],
    [{ timezone: undefined }, '422 E022'],
    [{ public_scheduling_enabled: 'yes' }, '422 E066'],
    [{ name: undefined }, '400 E013'],
    [{ name: '' }, '400 E013'],
    [{ name: 'x'.repeat(256) }, '400 E013'],
    [{ metadata: [] }, '422 E043'],
  ])('%j is refused', async (fields, refusal) => {
    expect(refusalIn(await server.secret.post('/resources', { ...FIELDS, ...fields }))).toBe(refusal);
    expect((await server.secret.get('/resources')).body.meta?.total).toBe(0);
  });

  test('a patch changes what it names', async () => {
    const { id } = thingIn(await server.secret.post('/resources', { ...FIELDS, metadata: { floor: 2 } }));
    const patch = (fields: object) => server.secret.patch(`/resources/${id}`, fields);
    const changed = { booking_disabled_before: 1800, public_scheduling_enabled: true };
    expect(thingIn(await patch(changed))).toMatchObject({ ...FIELDS, ...changed, metadata: { floor: 2 } });
    const others = { name: 'Room 3', timezone: 'Asia/Kolkata', metadata: { a: { b: 1 } } };
    expect(thingIn(await patch(others))).toMatchObject({ ...changed, ...others, status: 'draft' });
    for (const seconds of [-1, 1.5, '60', null, 2 ** 31]) {
      expect(refusalIn(await patch({ booking_disabled_before: seconds }))).toBe('422 E058');
    }
    expect(thingIn(await patch({ booking_disabled_before: 0 }))).toMatchObject({ booking_disabled_before: 0 });
    expect(refusalIn(await server.secret.patch('/resources/nowhere', {}))).toBe('404 E052');
  });

  test('another zone prints the same instants otherwise', async () => {
    const resource = await server.resource();
    const slot = await server.slot(resource);
    await server.secret.patch(`/resources/${resource.id}`, { timezone: 'Asia/Kolkata' });
    expect(await server.now(slot)).toMatchObject({ start_date: '2031-06-10T18:30:00+05:30' });
  });

  test('a draft is not booked, and hidden from public keys with all its slots', async () => {
    const resource = await server.resource();
    const slot = await server.slot(resource);
    const convert = () => server.secret.post(`/resources/${resource.id}/convert-draft`);
    expect(thingIn(await convert())).toMatchObject({ status: 'draft', num_slots: 1, num_available_slots: 0 });
    const updated = (await server.now(resource))['updated_at'];
    server.clock.ms += 1_000;
    expect(thingIn(await convert())).toMatchObject({ status: 'draft', updated_at: updated });
    expect(refusalIn(await server.open.post('/bookings', { slot_id: slot.id }))).toBe('422 E061');
    expect(refusalIn(await server.open.get(`/resources/${resource.id}`))).toBe('404 E052');
    expect(refusalIn(await server.open.get(`/slots/${slot.id}`))).toBe('404 E025');
    for (const path of ['/resources', '/resources?status=draft', '/slots']) {
      expect((await server.open.get(path)).body).toMatchObject({ data: [], meta: { total: 0 } });
    }
    expect((await server.secret.get('/resources?status=draft')).body.meta?.total).toBe(1);
    expect((await server.secret.get('/resources?status=published')).body.meta?.total).toBe(0);
  });

  test('are listed in order of creation, and found by their whole name', async () => {
    const ids: string[] = [];
    for (const name of ['Room B', 'room a', 'Room a']) {
      server.clock.ms += 1_000;
      ids.push((await server.resource({ name })).id);
    }
    const list = async (query: string) => (await server.open.get(`/resources?${query}`)).body;
    expect((await list('')).data?.map(({ id }) => id)).toEqual(ids);
    expect(await list('page=2&limit=1&name=ROOM+A')).toMatchObject({
      data: [{ id: ids[2] }],
      meta: { limit: 1, page: 2, total: 2 },
    });
    expect((await list('name=room')).meta?.total).toBe(0);
    expect(refusalIn(await server.secret.get('/resources?status=new'))).toBe('400 E013');
  });

  test('every Schedule is one, whichever API it came by', async () => {
    await server.put(
      { resourceType: 'Practitioner', id: 'p1' },
      { resourceType: 'Schedule', id: 's1', actor: [{ reference: 'Practitioner/p1' }] },
    );
    expect((await server.secret.get('/resources')).body.data).toMatchObject([
      { id: 's1', name: 's1', status: 'published', timezone: 'UTC', metadata: {} },
    ]);
    const named = thingIn(await server.secret.patch('/resources/s1', { name: 'Dr. Haddad' }));
    expect(named).toMatchObject({ name: 'Dr. Haddad' });
    expect((await server.get('/Schedule/s1')).body).toMatchObject({ actor: [{ reference: 'Practitioner/p1' }] });
  });

  test('a deleted one takes its slots and their bookings with it', async () => {
    const resource = await server.resource();
    const slot = await server.slot(resource);
    const booking = await server.booking(slot);
    expect((await server.secret.delete(`/resources/${resource.id}`)).body).toEqual({
      data: {},
      meta: {},
      success: true,
    });
    expect(refusalIn(await server.secret.delete(`/resources/${resource.id}`))).toBe('404 E052');
    expect(refusalIn(await server.secret.get(`/slots/${slot.id}`))).toBe('404 E025');
    expect(refusalIn(await server.secret.get(`/bookings/${booking.id}`))).toBe('404 E048');
    expect((await server.get(`/Appointment/${booking.id}`)).body.status).toBe('cancelled');
    expect((await server.get(`/Schedule/${resource.id}`)).status).toBe(410);
    expect((await server.get(`/HealthcareService/${resource.id}`)).status).toBe(410);
  });

  test('so does a large one, in several steps', async () => {
    const resource = await server.resource();
    const slots = Array.from({ length: SLOTS_DELETED_TOGETHER_MAX + 1 }, (_, n) => ({
      start_date: later(FIRST_SLOT.start_date, n * 600_000),
      end_date: later(FIRST_SLOT.start_date, (n + 1) * 600_000),
      capacity: 1,
    }));
    expect(refusalIn(await server.secret.post('/slots', { resource_id: resource.id, slots }))).toBe('200');
    expect(refusalIn(await server.secret.delete(`/resources/${resource.id}`))).toBe('200');
    expect((await server.secret.get('/slots')).body.meta?.total).toBe(0);
  }, 120_000);
});
