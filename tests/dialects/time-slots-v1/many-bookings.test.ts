/** What very many bookings of a service make of changes: in memory, since the number is what matters. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RULES_PER_SCHEDULE_MAX } from '../../../server/booking/read-rules.js';
import { BOOKINGS_MOVED_MAX } from '../../../server/dialects/time-slots-v1/move-bookings.js';
import { journeyStores } from '../../journeys/server.js';
import { bookingInput, madeService, refusalOf, slotInput, startReserveKit, type ReserveKit } from './fixture.js';

const TEST_MS = 60_000;
const BOOKINGS = BOOKINGS_MOVED_MAX + 1;
const AT_ONCE = 20;

let kit: ReserveKit;
beforeEach(async () => {
  const [memory] = journeyStores;
  if (!memory) throw new Error('There is no store in memory.');
  kit = await startReserveKit(memory);
});
afterEach(() => kit.close());

test(
  'a time slot whose bookings to come are too many stays where it is; its service can be deleted all the same',
  async () => {
    const { slot, service } = await madeService(kit, [slotInput({ max_bookings: 1_000 })]);
    for (let day = 0; day * AT_ONCE < BOOKINGS; day++) {
      const date = new Date(Date.UTC(2031, 2, 3 + day)).toISOString().slice(0, 10);
      const inputs = Array.from({ length: AT_ONCE }, () => bookingInput(slot, date));
      await Promise.all(inputs.map((input) => kit.call('POST /bookings', input)));
    }
    const entries = [{ id: slot, start_time: '2031-01-01 13:00:00' }];
    const refused = await kit.call('PATCH /time-slots', { service_id: service, time_slots: entries });
    expect(refusalOf(refused)).toBe('400 invalid_request');
    expect((await kit.call(`DELETE /services/${service}`)).body).toEqual({ data: 'ok' });
    await kit.expectSound();
  },
  TEST_MS,
);

test('a service has as many time slots as a Schedule has rules', async () => {
  const slots = Array.from({ length: RULES_PER_SCHEDULE_MAX }, () => slotInput());
  const { service } = await madeService(kit, slots);
  const refused = await kit.call('PATCH /time-slots', { service_id: service, time_slots: [slotInput()] });
  expect(refusalOf(refused)).toBe('400 invalid_request');
});
