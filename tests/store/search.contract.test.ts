/** What every store promises about paging while others write. What a filter finds is in search.property.test.ts. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EVERYTHING, type Filter, type Query } from '../../server/search/index.js';
import type { Found, Store } from '../../server/store/index.js';
import { put, slotIndex } from './documents.js';
import { stores, type Place } from './stores.js';

const SORTS: readonly Query['sort'][] = [
  [],
  [{ param: 'start', descending: false }],
  [
    { param: 'status', descending: true, atMs: 0 },
    { param: 'start', descending: false },
  ],
  [{ param: 'schedule', descending: true }],
  [{ param: '_id', descending: true }],
  [{ param: '_lastUpdated', descending: false }],
  [{ param: 'nothing', descending: false }],
];

for (const { name, newPlace, skip } of stores) {
  (skip ? describe.skip : describe)(`${name}: paging${skip ? ` (skipped: ${skip})` : ''}`, () => {
    let place: Place;
    let store: Store;
    beforeEach(async () => {
      place = await newPlace();
      store = await place.open();
      const at = Array.from({ length: 20 }, (_, number) => number);
      await store.commit(at.map((number) => slot(`first-${String(number)}`, number * 10)));
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const slot = (id: string, startMs: number) =>
      put(`Slot/${id}`, { index: slotIndex(startMs % 20 ? 's1' : 's2', startMs, startMs % 30 ? 'free' : 'busy') });

    test.each(SORTS)('an insert between two pages neither repeats nor loses an entry: %j', async (...sort) => {
      const found: Found[] = [];
      for (let page = 0; page < 7; page++) {
        const after = found.at(-1)?.position;
        found.push(
          ...(await store.search({ type: 'Slot', filter: EVERYTHING, sort, limit: 3, ...(after && { after }) })),
        );
        await store.commit([slot(`early-${String(page)}`, page), slot(`late-${String(page)}`, 50 + page)]);
      }
      const ids = found.map(({ document }) => document.id);
      expect(new Set(ids).size).toBe(ids.length);
      const end = await store.search({ type: 'Slot', filter: EVERYTHING, sort, limit: 100 });
      const allIds = end.map(({ document }) => document.id);
      const seenUpTo = allIds.indexOf(ids.at(-1) ?? '');
      const firsts = allIds.slice(0, seenUpTo).filter((id) => id.startsWith('first-'));
      expect(ids).toEqual(expect.arrayContaining(firsts));
      expect(ids.map((id) => allIds.indexOf(id))).toEqual(ids.map((id) => allIds.indexOf(id)).sort((a, b) => a - b));
    });

    test('a page carries the documents themselves, and no more than its limit', async () => {
      const page = await store.search({ type: 'Slot', filter: EVERYTHING, sort: [], limit: 2 });
      expect(page.map(({ document }) => document)).toEqual([
        { type: 'Slot', id: 'first-0', revision: 1, updatedMs: 1_000, deleted: false, text: '{"id":"first-0"}' },
        { type: 'Slot', id: 'first-1', revision: 1, updatedMs: 1_000, deleted: false, text: '{"id":"first-1"}' },
      ]);
      expect(page[1]?.position).toEqual({ keys: [10, 'Schedule/s1'], id: 'first-1' });
      expect(await store.search({ type: 'Slot', filter: EVERYTHING, sort: [], limit: 0 })).toEqual([]);
    });

    test('a Slot is found by an instant within the second in which it begins', async () => {
      await store.commit([slot('second', 9_000)]);
      const later: Filter = { kind: 'date', param: 'start', prefix: 'ge', range: { startMs: 9_500, endMs: 9_501 } };
      const inSchedule: Filter = { kind: 'reference', param: 'schedule', target: 'Schedule/s2' };
      expect(await store.count('Slot', later)).toBe(1);
      expect(await store.count('Slot', { kind: 'all', of: [inSchedule, later] })).toBe(1);
    });
  });
}
