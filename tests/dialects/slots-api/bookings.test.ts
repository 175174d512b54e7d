/** Bookings of the Overbooked API: reference §7, behaviours 10, 11, 15, 16, 18 to 21, 24 and 25. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  METADATA_KEY_CHARACTERS_MAX,
  METADATA_VALUE_CHARACTERS_MAX,
} from '../../../server/dialects/slots-api/metadata.js';
import { journeyStores } from '../../journeys/server.js';
import {
  FIRST_SLOT,
  refusalIn,
  SECOND_SLOT,
  startOverbooked,
  thingIn,
  type Caller,
  type OverbookedServer,
  type Thing,
} from './client.js';

describe.each(journeyStores)('bookings on $name', (store) => {
  let server: OverbookedServer;
  let resource: Thing;
  let slot: Thing;
  let open: Caller;
  beforeEach(async () => {
    server = await startOverbooked(store);
    resource = await server.resource();
    slot = await server.slot(resource);
    open = server.open;
  });
  afterEach(() => server.close());

  const book = async (fields: object = {}) => refusalIn(await open.post('/bookings', { slot_id: slot.id, ...fields }));

  test('a booking takes a seat and says where', async () => {
    const booking = thingIn(await open.post('/bookings', { slot_id: slot.id, metadata: { party: 1 } }));
    expect(booking).toEqual({
      _object: 'booking',
      id: booking.id,
      resource_id: resource.id,
      slot_id: slot.id,
      status: 'active',
      metadata: { party: 1 },
      created_at: '2031-06-09T12:00:00.000Z',
      updated_at: '2031-06-09T12:00:00.000Z',
    });
    expect(thingIn(await open.get(`/bookings/${booking.id}`))).toEqual(booking);
    expect(await server.now(slot)).toMatchObject({ num_bookings: 1, num_active_bookings: 1, available: false });
    expect(await server.now(resource)).toMatchObject({ num_bookings: 1, num_available_slots: 0 });
  });

  test('of twenty at once for one seat, one wins', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => book()));
    expect(answers.sort()).toEqual(['200', ...Array.from({ length: 19 }, () => '422 E049')]);
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 1 });
  });

  test('a cancelled one gives its seat back, and takes one again where there is one', async () => {
    const first = await server.booking(slot);
    const cancel = async () => thingIn(await open.post(`/bookings/${first.id}/cancel`));
    expect(await cancel()).toMatchObject({ status: 'cancelled' });
    expect(await cancel()).toMatchObject({ status: 'cancelled' });
    expect(await server.now(slot)).toMatchObject({
      ...{ num_bookings: 1, num_active_bookings: 0, num_cancelled_bookings: 1, available: true },
    });
    const second = await server.booking(slot);
    expect(refusalIn(await open.post(`/bookings/${first.id}/enable`))).toBe('422 E049');
    await open.post(`/bookings/${second.id}/cancel`);
    expect(thingIn(await open.post(`/bookings/${first.id}/enable`))).toMatchObject({ status: 'active' });
    expect(refusalIn(await open.post(`/bookings/${first.id}/enable`))).toBe('200');
    const lock = { lock_until: '2031-06-09T12:05:00Z', lock_key: 'k' };
    await open.post(`/bookings/${first.id}/cancel`);
    await open.post(`/slots/${slot.id}/lock`, lock);
    expect(refusalIn(await open.post(`/bookings/${first.id}/enable`))).toBe('422 E050');
  });

  test('what is asked first answers first', async () => {
    const wrong = { slot_id: slot.id, metadata: { [`k${'x'.repeat(METADATA_KEY_CHARACTERS_MAX)}`]: 1 } };
    const resourceOf = (verb: string) => server.secret.post(`/resources/${resource.id}/${verb}`);
    await server.booking(slot);
    await server.secret.patch(`/resources/${resource.id}`, { booking_disabled_before: 3600 * 48 });
    await open.post(`/slots/${slot.id}/lock`, { lock_until: '2031-06-09T12:05:00Z', lock_key: 'k' });
    await server.secret.post(`/slots/${slot.id}/disable`);
    await resourceOf('convert-draft');
    expect(refusalIn(await open.post('/bookings', { ...wrong, slot_id: 'nowhere' }))).toBe('422 E042');
    expect(await book({ slot_id: 'nowhere' })).toBe('404 E025');
    expect(await book()).toBe('422 E061');
    await resourceOf('publish');
    expect(await book()).toBe('422 E051');
    await server.secret.post(`/slots/${slot.id}/enable`);
    expect(await book()).toBe('422 E050');
    await open.post(`/slots/${slot.id}/unlock`, { lock_key: 'k' });
    expect(await book()).toBe('422 E051');
    await server.secret.patch(`/resources/${resource.id}`, { booking_disabled_before: 0 });
    expect(await book()).toBe('422 E049');
  });

  test('closes some time before the slot, as its resource says', async () => {
    await server.secret.patch(`/resources/${resource.id}`, { booking_disabled_before: 3600 });
    server.clock.ms = Date.parse(FIRST_SLOT.start_date) - 3_600_000;
    expect(await server.now(slot)).toMatchObject({ available: true });
    server.clock.ms += 1;
    expect(await server.now(slot)).toMatchObject({ available: false });
    expect(await server.now(resource)).toMatchObject({ num_available_slots: 0, num_slots: 1 });
    expect(await book()).toBe('422 E051');
  });

  test('takes slots whose time is over', async () => {
    server.clock.ms = Date.parse('2031-07-01T00:00:00Z');
    expect(await server.now(slot)).toMatchObject({ available: true });
    const booking = await server.booking(slot);
    expect(thingIn(await open.post(`/bookings/${booking.id}/cancel`))).toMatchObject({ status: 'cancelled' });
    expect(thingIn(await open.post(`/bookings/${booking.id}/enable`))).toMatchObject({ status: 'active' });
  });

  test('moves to another slot, also of another resource, or not at all', async () => {
    const booking = await server.booking(slot);
    const elsewhere = await server.resource();
    const target = await server.slot(elsewhere, SECOND_SLOT);
    const full = await server.slot(resource, SECOND_SLOT);
    await server.booking(full);
    const move = (id: string | undefined) => open.post(`/bookings/${booking.id}/reschedule`, { target_slot_id: id });
    expect(refusalIn(await move(full.id))).toBe('422 E049');
    expect(refusalIn(await move('nowhere'))).toBe('404 E025');
    expect(refusalIn(await move(undefined))).toBe('400 E013');
    expect(thingIn(await move(slot.id))).toEqual(booking);
    expect(await server.now(slot)).toMatchObject({ num_active_bookings: 1 });
    expect(thingIn(await move(target.id))).toMatchObject({ slot_id: target.id, resource_id: elsewhere.id });
    expect(await server.now(slot)).toMatchObject({ num_bookings: 0 });
    expect(await server.now(target)).toMatchObject({ num_active_bookings: 1 });
    await open.post(`/bookings/${booking.id}/cancel`);
    expect(thingIn(await move(full.id))).toMatchObject({ slot_id: full.id, status: 'cancelled' });
  });

  test('has metadata within limits', async () => {
    const booking = await server.booking(slot, { metadata: { a: 1, b: { c: [true, null, 1.5] } } });
    const patch = async (metadata: unknown) => refusalIn(await open.patch(`/bookings/${booking.id}`, { metadata }));
    const [key, value] = ['k'.repeat(METADATA_KEY_CHARACTERS_MAX), 'v'.repeat(METADATA_VALUE_CHARACTERS_MAX)];
    expect(await patch({ [`${key}k`]: 1 })).toBe('422 E042');
    expect(await patch({ a: `${value}v` })).toBe('422 E042');
    expect(await patch({ a: [value] })).toBe('422 E042');
    for (const none of ['text', 1, null, ['a']]) expect(await patch(none)).toBe('422 E043');
    expect(await server.now(booking)).toMatchObject({ metadata: { a: 1, b: { c: [true, null, 1.5] } } });
    expect(await patch({ [key]: value, space: '\u00a0\u2028\u0000"' })).toBe('200');
    expect(await server.now(booking)).toMatchObject({ metadata: { [key]: value, space: '\u00a0\u2028\u0000"' } });
    expect(await patch({})).toBe('200');
    expect(await server.now(booking)).toMatchObject({ metadata: {}, status: 'active' });
    expect(await patch(undefined)).toBe('200');
  });

  test('is listed in order of creation, by status, slot and resource', async () => {
    const second = await server.slot(resource, SECOND_SLOT);
    const other = await server.slot(await server.resource());
    const made: Thing[] = [];
    for (const one of [other, second, slot]) {
      server.clock.ms += 1_000;
      made.push(await server.booking(one));
    }
    const [first, , last] = made;
    server.clock.ms += 1_000;
    await open.post(`/bookings/${first?.id ?? ''}/cancel`);
    // Its id comes before theirs in every order of ids.
    const late = { ...(await server.get(`/Appointment/${made[0]?.id ?? ''}`)).body, id: 'a', status: 'cancelled' };
    const byFhir = await server.http.put('/Appointment/a').send({ ...late, created: '2031-06-09T13:00:00Z' });
    expect(byFhir.status).toBe(201);
    expect((await open.get('/bookings')).body.data?.map(({ id }) => id)).toEqual([...made.map(({ id }) => id), 'a']);
    await server.http.delete('/Appointment/a');
    const list = async (query: string) => (await open.get(`/bookings?${query}`)).body;
    const idsOf = async (query: string) => (await list(query)).data?.map(({ id }) => id);
    expect(await idsOf('')).toEqual(made.map(({ id }) => id));
    expect(await list('page=2&limit=2')).toMatchObject({ data: [last], meta: { limit: 2, page: 2, total: 3 } });
    expect(await idsOf('status=cancelled')).toEqual([first?.id]);
    expect(await idsOf(`resource_id=${resource.id}`)).toEqual(made.slice(1).map(({ id }) => id));
    expect(await idsOf(`resource_id=${resource.id}&slot_id=${slot.id}&status=active`)).toEqual([last?.id]);
    expect(await idsOf('slot_id=no/id')).toEqual([]);
    expect(refusalIn(await open.get('/bookings?status=booked'))).toBe('400 E013');
  });

  test('is deleted by a secret key alone, and then counts nowhere', async () => {
    const booking = await server.booking(slot);
    expect(refusalIn(await open.delete(`/bookings/${booking.id}`))).toBe('401 E057');
    expect((await server.secret.delete(`/bookings/${booking.id}`)).body).toEqual({ data: {}, meta: {}, success: true });
    for (const verb of ['cancel', 'enable']) {
      expect(refusalIn(await open.post(`/bookings/${booking.id}/${verb}`))).toBe('404 E048');
    }
    expect(refusalIn(await server.secret.delete(`/bookings/${booking.id}`))).toBe('404 E048');
    expect(await server.now(slot)).toMatchObject({ num_bookings: 0, available: true });
  });
});
