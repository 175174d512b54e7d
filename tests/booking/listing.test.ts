/** Lists with numbered pages look at so many resources, and at no more. */
import { expect, test } from '@jest/globals';
import { makeListing } from '../../server/booking/index.js';
import { LISTED_MAX } from '../../server/booking/listing.js';
import { ScheduleReader } from '../../server/booking/schedule-reader.js';
import type { Store } from '../../server/store/index.js';

const CONTEXT = { base: 'http://localhost', strict: true };

/** A store that says how many it has, and has none. */
const storeOf = (count: number) => ({
  count: () => Promise.resolve(count),
  search: () => Promise.resolve([]),
});

const listingOf = (count: number) => {
  const store = storeOf(count) as unknown as Store;
  return makeListing({
    store,
    clock: { nowMs: () => 0 },
    defaultZone: 'UTC',
    schedules: new ScheduleReader(store, 'UTC'),
  });
};

test('a list that has to look at each resource is refused beyond the limit', async () => {
  const pick = (count: number) =>
    listingOf(count).pick({ type: 'Slot', order: 'start', params: [] }, () => true, { offset: 0, limit: 1 }, CONTEXT);
  await expect(pick(LISTED_MAX + 1)).rejects.toMatchObject({ kind: 'too-costly' });
  await expect(pick(LISTED_MAX)).resolves.toEqual({ total: 0, versions: [] });
});
