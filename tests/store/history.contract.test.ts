/** What every store promises about `history`: each version once, the newest first, in pages that meet. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryQuery, Store, StoredVersion, VersionPlace } from '../../server/store/index.js';
import { key, put } from './documents.js';
import { stores, type Place } from './stores.js';

for (const { name, newPlace, skip } of stores) {
  (skip ? describe.skip : describe)(`${name}: history${skip ? ` (skipped: ${skip})` : ''}`, () => {
    let place: Place;
    let store: Store;
    beforeEach(async () => {
      place = await newPlace();
      store = await place.open();
      // Slot/a: 1, 2, deleted; Slot/b and Slot/c were written in one millisecond; a Schedule is of another type.
      await store.commit([put('Slot/a', { updatedMs: 1_000, text: 'a1' })]);
      await store.commit([put('Slot/b', { updatedMs: 2_000 }), put('Slot/c', { updatedMs: 2_000 })]);
      await store.commit([put('Slot/a', { expectedRevision: 1, updatedMs: 2_000, text: 'a2' })]);
      await store.commit([put('Slot/a', { expectedRevision: 2, updatedMs: 3_000, text: '', deleted: true })]);
      await store.commit([put('Slot/b', { expectedRevision: 1, updatedMs: 4_000 })]);
      await store.commit([put('Schedule/a', { updatedMs: 2_500 })]);
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const ask = (query: Partial<HistoryQuery> = {}) => store.history({ type: 'Slot', limit: 100, ...query });
    const named = (versions: readonly StoredVersion[]) => versions.map(({ id, revision }) => `${id}${revision}`);
    const ALL = ['b2', 'a3', 'c1', 'b1', 'a2', 'a1'];

    test('of a type: the newest first, within a millisecond the greater id, deletions too', async () => {
      const versions = await ask();
      expect(named(versions)).toEqual(ALL);
      expect(versions.find(({ revision }) => revision === 3)).toEqual({
        ...key('Slot/a'),
        ...{ revision: 3, updatedMs: 3_000, deleted: true, text: '', current: true },
      });
      expect(versions.at(-1)).toEqual({
        ...key('Slot/a'),
        ...{ revision: 1, updatedMs: 1_000, deleted: false, text: 'a1', current: false },
      });
    });

    test.each<[string, Partial<HistoryQuery>, string[]]>([
      ['of one document', { id: 'a' }, ['a3', 'a2', 'a1']],
      ['of none', { id: 'x' }, []],
      ['since a moment, that included', { sinceMs: 3_000 }, ['b2', 'a3']],
      ['until a moment, that included', { untilMs: 2_000 }, ['c1', 'b1', 'a2', 'a1']],
      ['of one document between two', { id: 'a', sinceMs: 2_000, untilMs: 2_999 }, ['a2']],
      ['of one document after a place', { id: 'a', after: { updatedMs: 2_000, id: 'a', revision: 2 } }, ['a1']],
    ])('%s', async (_, query, found) => expect(named(await ask(query))).toEqual(found));

    test.each<[string, Partial<HistoryQuery>, string[]]>([
      [
        'before a place, what is nearest to it',
        { before: { updatedMs: 2_000, id: 'a', revision: 2 }, limit: 2 },
        ['c1', 'b1'],
      ],
      ['before a place of one document', { id: 'a', before: { updatedMs: 1_000, id: 'a', revision: 1 } }, ['a3', 'a2']],
      [
        'before a place, and since a moment',
        { before: { updatedMs: 1_000, id: 'a', revision: 1 }, sinceMs: 3_000 },
        ['b2', 'a3'],
      ],
    ])('%s', async (_, query, found) => expect(named(await ask(query))).toEqual(found));

    test.each([1, 2, 4])('pages of %i lead back without repetition or gap', async (limit) => {
      const found: StoredVersion[] = [];
      let before: VersionPlace = { updatedMs: 1_000, id: 'a', revision: 1 };
      for (;;) {
        const page = await ask({ limit, before });
        found.unshift(...page);
        if (page.length < limit) break;
        before = page[0]!;
      }
      expect(named(found)).toEqual(ALL.slice(0, -1));
    });

    test.each([1, 2, 4])('pages of %i follow each other without repetition or gap', async (limit) => {
      const found: StoredVersion[] = [];
      let after: VersionPlace | undefined;
      for (;;) {
        const page = await ask({ limit, ...(after && { after }) });
        found.push(...page);
        after = page.at(-1);
        if (page.length < limit) break;
      }
      expect(named(found)).toEqual(ALL);
    });
  });
}
