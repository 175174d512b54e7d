/** Locks of the Overbooked API: reference §7, behaviours 9 to 14. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OVERRIDDEN_LOCK_HOURS_MAX } from '../../../server/booking/slot-transactions.js';
import { journeyStores } from '../../journeys/server.js';
import {
  later,
  NOW,
  refusalIn,
  startOverbooked,
  TEN_MINUTES_MS,
  thingIn,
  type Caller,
  type OverbookedServer,
  type Thing,
} from './client.js';

const UNTIL = later(NOW, TEN_MINUTES_MS);
const HOUR_MS = 3_600_000;
const KEY = 'zebra-41';

describe.each(journeyStores)('locks on $name', (store) => {
  let server: OverbookedServer;
  let slot: Thing;
  let open: Caller;
  beforeEach(async () => {
    server = await startOverbooked(store);
    slot = await server.slot(await server.resource());
    open = server.open;
  });
  afterEach(() => server.close());

  const lock = (fields: object = {}) =>
    open.post(`/slots/${slot.id}/lock`, { lock_until: UNTIL, lock_key: KEY, ...fields });
  const unlock = (key: unknown) => open.post(`/slots/${slot.id}/unlock`, { lock_key: key });
  const book = (fields: object = {}) => open.post('/bookings', { slot_id: slot.id, ...fields });

  test('a lock is shown, its key is not, and nobody locks the slot again', async () => {
    const answer = await lock();
    expect(thingIn(answer)).toMatchObject({ locked_until: UNTIL, available: true, status: 'active' });
    expect(JSON.stringify(answer.body)).not.toContain(KEY);
    expect(refusalIn(await lock())).toBe('422 E045');
    expect(refusalIn(await lock({ lock_key: 'other' }))).toBe('422 E045');
  });

  test('only its key opens it to a booking, which ends it', async () => {
    await lock();
    expect(refusalIn(await book())).toBe('422 E050');
    expect(refusalIn(await book({ lock_key: 'other' }))).toBe('422 E050');
    expect(thingIn(await book({ lock_key: KEY }))).toMatchObject({ _object: 'booking', status: 'active' });
    expect(await server.now(slot)).toMatchObject({ locked_until: null, num_active_bookings: 1 });
  });

  test('a key for a slot that is not locked is ignored', async () => {
    expect(refusalIn(await book({ lock_key: KEY }))).toBe('200');
  });

  test('only its key unlocks it; what is not locked stays as it is', async () => {
    await lock();
    expect(refusalIn(await unlock('other'))).toBe('403 E059');
    expect(refusalIn(await server.secret.post(`/slots/${slot.id}/unlock`, { lock_key: 'other' }))).toBe('403 E059');
    expect(thingIn(await unlock(KEY))).toMatchObject({ locked_until: null });
    expect(refusalIn(await unlock('other'))).toBe('200');
  });

  test('a slot may forbid it', async () => {
    await server.secret.patch(`/slots/${slot.id}`, { lockable: false });
    expect(refusalIn(await lock())).toBe('422 E044');
    await server.secret.patch(`/slots/${slot.id}`, { lockable: true });
    expect(refusalIn(await lock())).toBe('200');
    await server.secret.patch(`/slots/${slot.id}`, { lockable: false });
    expect(refusalIn(await book())).toBe('422 E050');
  });

  test('from its end on there is none', async () => {
    await lock();
    server.clock.ms = Date.parse(UNTIL);
    expect(await server.now(slot)).toMatchObject({ locked_until: null });
    expect(refusalIn(await lock({ lock_until: later(UNTIL, 1), lock_key: 'other' }))).toBe('200');
    server.clock.ms += 1;
    expect(refusalIn(await book())).toBe('200');
  });

  test('one of the past is told back and has no effect', async () => {
    const past = later(NOW, -1);
    expect(thingIn(await lock({ lock_until: past }))).toMatchObject({ locked_until: past });
    expect(await server.now(slot)).toEqual(slot);
    expect((await server.get(`/Slot/${slot.id}`)).body.meta?.versionId).toBe('1');
    expect(refusalIn(await book())).toBe('200');
  });

  test('one of hours is a lock too; one of days is refused', async () => {
    const most = later(NOW, 24 * HOUR_MS);
    expect(refusalIn(await lock({ lock_until: later(most, 1) }))).toBe('400 E013');
    expect(OVERRIDDEN_LOCK_HOURS_MAX).toBe(3);
    expect(thingIn(await lock({ lock_until: most }))).toMatchObject({ locked_until: most });
  });

  test('a full, disabled or past slot can be locked, and so can one of a draft', async () => {
    await book();
    await server.secret.post(`/slots/${slot.id}/disable`);
    await server.secret.post(`/resources/${String(slot['resource_id'])}/convert-draft`);
    server.clock.ms = Date.parse('2031-06-12T00:00:00Z');
    const until = later('2031-06-12T00:00:00Z', TEN_MINUTES_MS);
    expect(thingIn(await lock({ lock_until: until }))).toMatchObject({ locked_until: until, status: 'disabled' });
  });

  test('of twenty at once, one wins', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => lock({ lock_key: `key ${n}` })));
    expect(answers.map(refusalIn).sort()).toEqual(['200', ...Array.from({ length: 19 }, () => '422 E045')]);
  });

  test.each([
    [{ lock_until: 'tomorrow' }],
    [{ lock_until: '2031-06-09T12:10:00' }],
    [{ lock_until: undefined }],
    [{ lock_key: undefined }],
    [{ lock_key: '' }],
    [{ lock_key: 41 }],
    [{ lock_key: 'x'.repeat(257) }],
  ])('%j is malformed', async (fields) => {
    expect(refusalIn(await lock(fields))).toBe('400 E013');
  });

  test('a slot that is not there, and a key that is missing', async () => {
    expect(refusalIn(await open.post('/slots/nowhere/lock', { lock_until: UNTIL, lock_key: KEY }))).toBe('404 E025');
    expect(refusalIn(await open.post('/slots/nowhere/unlock', { lock_key: KEY }))).toBe('404 E025');
    expect(refusalIn(await unlock(undefined))).toBe('400 E013');
  });
});
