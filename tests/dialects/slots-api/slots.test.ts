/** Slots of the Overbooked API: reference §7, behaviours 6 to 8, 13, 17, 18, 22, 23 and 25. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { journeyStores } from '../../journeys/server.js';
import { FIRST_SLOT, refusalIn, SECOND_SLOT, startOverbooked, thingIn, type OverbookedServer } from './client.js';

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
});
