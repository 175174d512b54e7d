/** Slots of the Overbooked API: reference §7, behaviours 6 to 8, 13, 17, 18, 22, 23 and 25. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { journeyStores } from '../../journeys/server.js';
import type { FhirResource } from 'fhir/r4.js';
import { AVAILABILITY_URL } from '../../../server/booking/index.js';
import { PAGE_LIMIT_MAX } from '../../../server/dialects/slots-api/paging.js';
import { SLOTS_CREATED_MAX } from '../../../server/dialects/slots-api/slots-write.js';
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

describe.each(journeyStores)('slots on $name', (store) => {
  let server: OverbookedServer;
  beforeEach(async () => {
    server = await startOverbooked(store);
  });
  afterEach(() => server.close());

  test('a slot of a draft is printed in the zone of its resource, and is not available', async () => {
    const { secret } = server;
    const resource = thingIn(await secret.post('/resources', { name: 'Room 2', timezone: 'Europe/Lisbon' }));
    const slot = await server.slot(resource);
    expect(slot).toEqual({
      _object: 'slot',
      id: slot.id,
      resource_id: resource.id,
      start_date: '2031-06-10T14:00:00+01:00',
      end_date: '2031-06-10T14:40:00+01:00',
      capacity: 1,
      status: 'active',
      available: false,
      lockable: true,
      locked_until: null,
      metadata: {},
      num_bookings: 0,
      num_active_bookings: 0,
      num_cancelled_bookings: 0,
      created_at: '2031-06-09T12:00:00.000Z',
      updated_at: '2031-06-09T12:00:00.000Z',
    });
    const published = thingIn(await secret.post(`/resources/${resource.id}/publish`));
    expect(published).toMatchObject({ status: 'published', num_slots: 1, num_available_slots: 1 });
    expect(await server.now(slot)).toMatchObject({ available: true });
  });

  test('a slot begins before it ends, lies over no other of its resource, and has a seat', async () => {
    const resource = await server.resource();
    const other = await server.resource();
    await server.slot(resource);
    const create = async (fields: object) =>
      refusalIn(await server.secret.post('/slots', { ...FIRST_SLOT, resource_id: resource.id, ...fields }));
    expect(await create({ end_date: FIRST_SLOT.start_date })).toBe('422 E023');
    expect(await create({ start_date: '2031-06-10T13:39:00Z', end_date: '2031-06-10T14:00:00Z' })).toBe('422 E024');
    expect(await create(SECOND_SLOT)).toBe('200');
    expect(await create({ resource_id: other.id })).toBe('200');
    for (const capacity of [0, 1.5, '1', undefined, 2 ** 31]) expect(await create({ capacity })).toBe('400 E047');
    expect(await create({ resource_id: 'nowhere' })).toBe('404 E052');
  });

  test('a disabled slot takes no bookings and is hidden from public keys', async () => {
    const slot = await server.slot(await server.resource());
    const disabled = thingIn(await server.secret.post(`/slots/${slot.id}/disable`));
    expect(disabled).toMatchObject({ status: 'disabled', available: false });
    expect(refusalIn(await server.open.post('/bookings', { slot_id: slot.id }))).toBe('422 E051');
    expect(refusalIn(await server.open.get(`/slots/${slot.id}`))).toBe('404 E025');
    expect(refusalIn(await server.secret.get(`/slots/${slot.id}`))).toBe('200');
    expect((await server.open.get('/slots')).body.meta?.total).toBe(0);
    expect((await server.secret.get('/slots')).body.meta?.total).toBe(1);
    const enabled = thingIn(await server.secret.post(`/slots/${slot.id}/enable`));
    expect(enabled).toMatchObject({ status: 'active', available: true });
  });

  test('a capacity is never below the active bookings; what a patch leaves out stays', async () => {
    const slot = await server.slot(await server.resource(), { capacity: 3 });
    await server.booking(slot);
    await server.booking(slot);
    expect(refusalIn(await server.secret.patch(`/slots/${slot.id}`, { capacity: 1 }))).toBe('422 E046');
    expect(thingIn(await server.secret.patch(`/slots/${slot.id}`, { capacity: 2 }))).toMatchObject({
      available: false,
    });
    const patched = thingIn(await server.secret.patch(`/slots/${slot.id}`, { metadata: { a: 1 } }));
    expect(patched).toMatchObject({
      ...{ metadata: { a: 1 }, capacity: 2, start_date: slot['start_date'], end_date: slot['end_date'] },
      ...{ num_active_bookings: 2, lockable: true },
    });
  });

  test('bookings, the lock and the state of a slot move along with its time', async () => {
    const resource = await server.resource();
    const slot = await server.slot(resource, { capacity: 2 });
    const booking = await server.booking(slot);
    await server.open.post(`/slots/${slot.id}/lock`, { lock_until: later(NOW, TEN_MINUTES_MS), lock_key: 'zebra-41' });
    const times = { start_date: '2031-06-11T08:00:00Z', end_date: '2031-06-11T09:00:00Z' };
    expect(thingIn(await server.secret.patch(`/slots/${slot.id}`, times))).toMatchObject({
      ...{ start_date: '2031-06-11T09:00:00+01:00', end_date: '2031-06-11T10:00:00+01:00' },
      ...{ num_active_bookings: 1, locked_until: later(NOW, TEN_MINUTES_MS) },
    });
    const { body } = await server.get(`/Appointment/${booking.id}`);
    expect(body).toMatchObject({
      status: 'booked',
      start: '2031-06-11T08:00:00.000Z',
      end: '2031-06-11T09:00:00.000Z',
    });
    expect(refusalIn(await server.open.post('/bookings', { slot_id: slot.id }))).toBe('422 E050');
    expect(await server.slot(resource)).toMatchObject({ available: true });
    expect(refusalIn(await server.secret.patch(`/slots/${slot.id}`, FIRST_SLOT))).toBe('422 E024');
    await server.secret.post(`/slots/${slot.id}/disable`);
    await server.secret.patch(`/slots/${slot.id}`, { start_date: '2031-06-11T08:30:00Z' });
    expect(await server.now(slot)).toMatchObject({ status: 'disabled', num_active_bookings: 1 });
    expect(refusalIn(await server.secret.patch(`/slots/${slot.id}`, { end_date: '2031-06-11T08:30:00Z' }))).toBe(
      '422 E023',
    );
  });

  test('a deleted slot takes its bookings with it: they are cancelled, and found no more', async () => {
    const slot = await server.slot(await server.resource());
    const booking = await server.booking(slot);
    await server.open.post(`/slots/${slot.id}/lock`, { lock_until: later(NOW, TEN_MINUTES_MS), lock_key: 'zebra-41' });
    const { status, body } = await server.secret.delete(`/slots/${slot.id}`);
    expect({ status, body }).toEqual({ status: 200, body: { data: {}, meta: {}, success: true } });
    expect(refusalIn(await server.secret.get(`/slots/${slot.id}`))).toBe('404 E025');
    expect(refusalIn(await server.secret.delete(`/slots/${slot.id}`))).toBe('404 E025');
    expect(refusalIn(await server.secret.get(`/bookings/${booking.id}`))).toBe('404 E048');
    expect(refusalIn(await server.secret.post(`/bookings/${booking.id}/enable`))).toBe('404 E048');
    expect((await server.secret.get('/bookings')).body.meta?.total).toBe(0);
    expect((await server.get(`/Appointment/${booking.id}`)).body.status).toBe('cancelled');
  });

  test('several slots are created, or none of them', async () => {
    const resource = await server.resource();
    const create = (...slots: object[]) => server.secret.post('/slots', { resource_id: resource.id, slots });
    expect(refusalIn(await create(FIRST_SLOT, { ...SECOND_SLOT, start_date: FIRST_SLOT.start_date }))).toBe('422 E024');
    expect((await server.secret.get('/slots')).body.meta?.total).toBe(0);
    const { data } = (await create(FIRST_SLOT, SECOND_SLOT)).body;
    expect(data?.map((slot) => slot['resource_id'])).toEqual([resource.id, resource.id]);
    expect(refusalIn(await create())).toBe('400 E013');
    expect(refusalIn(await create(...Array.from({ length: SLOTS_CREATED_MAX + 1 }, () => FIRST_SLOT)))).toBe(
      '400 E013',
    );
  });

  test('the last hour that can be written is printed in whatever zone can print it', async () => {
    const resource = await server.resource({ timezone: 'Asia/Kolkata' });
    const last = { start_date: '9999-12-31T23:00:00Z', end_date: '9999-12-31T23:59:59.999Z' };
    expect(await server.slot(resource, last)).toMatchObject({ start_date: '9999-12-31T23:00:00.000Z' });
    expect(await server.slot(resource, { end_date: '2031-06-10T13:40:00.250Z' })).toMatchObject({
      end_date: '2031-06-10T19:10:00.250+05:30',
    });
    expect((await server.secret.get('/slots')).body.meta?.total).toBe(2);
  });

  test('empty bodies under a JSON content type are none', async () => {
    const slot = await server.slot(await server.resource());
    const { status } = await server.http
      .post(`/slots/${slot.id}/enable`)
      .set('Authorization', `Bearer ${server.secretKey}`)
      .set('Content-Type', 'application/json')
      .set('Content-Length', '0');
    expect(status).toBe(200);
  });
});

describe.each(journeyStores)('lists of slots on $name', (store) => {
  let server: OverbookedServer;
  let [first, second, other] = [] as unknown as [Thing, Thing, Thing];
  beforeEach(async () => {
    server = await startOverbooked(store);
    const [resource, elsewhere] = [await server.resource(), await server.resource()];
    second = await server.slot(resource, SECOND_SLOT);
    first = await server.slot(resource);
    other = await server.slot(elsewhere, { ...SECOND_SLOT, capacity: 2 });
  });
  afterEach(() => server.close());

  const list = async (query: string) => {
    const { status, body } = await server.secret.get(`/slots?${query}`);
    return { status, ids: body.data?.map(({ id }) => id), meta: body.meta, code: body.error?.code };
  };

  test('are in order of starts, in pages', async () => {
    expect(await list('page=1&limit=2')).toMatchObject({ meta: { limit: 2, page: 1, total: 3 } });
    expect((await list('page=1&limit=2')).ids?.[0]).toBe(first.id);
    expect((await list('page=2&limit=2')).ids).toHaveLength(1);
    expect(await list('page=999')).toMatchObject({ status: 200, ids: [], meta: { limit: 20, page: 999, total: 3 } });
    expect(await list(`limit=${PAGE_LIMIT_MAX}`)).toMatchObject({
      status: 200,
      meta: { limit: 50, page: 1, total: 3 },
    });
  });

  test.each(['limit=51', 'limit=0', 'page=0', 'page=1.5', 'page=1&page=2', 'available=maybe', 'start_date=2031-06-10'])(
    '%s is refused',
    async (query) => expect(await list(query)).toMatchObject({ status: 400, code: 'E013' }),
  );

  test('are narrowed by resource, also misspelt, and by time', async () => {
    expect((await list(`resource_id=${String(other['resource_id'])}`)).ids).toEqual([other.id]);
    expect((await list(`resoure_id=${String(other['resource_id'])}`)).ids).toEqual([other.id]);
    expect((await list(`resoure_id=x&resource_id=${String(other['resource_id'])}`)).ids).toEqual([other.id]);
    for (const unknown of ['nothing', 'no/id', '%00']) expect((await list(`resource_id=${unknown}`)).ids).toEqual([]);
    expect((await list('start_date=2031-06-10T13:40:00.000Z')).ids?.sort()).toEqual([second.id, other.id].sort());
    expect((await list('end_date=2031-06-10T14:40:00+01:00')).ids).toEqual([first.id]);
  });

  test('are narrowed by availability, which locks do not change', async () => {
    await server.booking(first);
    await server.booking(other);
    await server.open.post(`/slots/${other.id}/lock`, { lock_until: later(NOW, TEN_MINUTES_MS), lock_key: 'k' });
    expect((await list('available=true')).ids?.sort()).toEqual([second.id, other.id].sort());
    expect(await list('available=false')).toMatchObject({ ids: [first.id], meta: { total: 1 } });
    expect(thingIn(await server.secret.get(`/resources/${String(other['resource_id'])}`))).toMatchObject({
      ...{ num_slots: 1, num_available_slots: 1, num_bookings: 1, num_active_bookings: 1 },
    });
  });

  test('have only what is stored, whoever stored it', async () => {
    await server.put(...RULE_SCHEDULE, {
      ...{ resourceType: 'Slot', id: 'by-hand', schedule: { reference: 'Schedule/rules' }, status: 'busy-unavailable' },
      ...{ start: '2031-06-10T07:00:00+02:00', end: '2031-06-10T08:00:00+02:00' },
    });
    expect(
      (await server.get('/Slot?schedule=Schedule/rules&start=2031-06-10&end=2031-06-10')).body.total,
    ).toBeGreaterThan(0);
    const { body } = await server.secret.get('/slots?resource_id=rules');
    expect(body.data).toMatchObject([
      { id: 'by-hand', status: 'disabled', capacity: 1, start_date: '2031-06-10T07:00:00+02:00', metadata: {} },
    ]);
    const resource = thingIn(await server.secret.get('/resources/rules'));
    expect(resource).toMatchObject({
      name: 'Dr. Haddad',
      status: 'published',
      timezone: 'Europe/Berlin',
      num_slots: 1,
    });
  });
});

const RULE_SCHEDULE: FhirResource[] = [
  { resourceType: 'Practitioner', id: 'p1' },
  {
    resourceType: 'Schedule',
    id: 'rules',
    actor: [{ reference: 'Practitioner/p1', display: 'Dr. Haddad' }],
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Europe/Berlin' },
      {
        url: AVAILABILITY_URL,
        extension: [
          {
            url: 'availableTime',
            extension: [
              { url: 'availableStartTime', valueTime: '09:00:00' },
              { url: 'availableEndTime', valueTime: '12:00:00' },
            ],
          },
        ],
      },
    ],
  },
];
