/**
 * What every store promises about being copied as a whole: `scan` tells every version once, `restore` makes them
 * again in another store. Runs unchanged on each store in ./stores.ts.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EVERYTHING } from '../../server/search/index.js';
import type { RestoredVersion, Store, StoredVersion } from '../../server/store/index.js';
import { key, put, slotIndex } from './documents.js';
import { stores, type Place } from './stores.js';

const NOTHING_SEEN = { index: {}, order: { timeMs: null, text: '' } } as const;

function version(name: string, revision: number, options: Partial<RestoredVersion> = {}): RestoredVersion {
  const text = `{"id":"${key(name).id}","v":${String(revision)}}`;
  return {
    ...key(name),
    revision,
    updatedMs: revision * 10,
    deleted: false,
    current: true,
    text,
    ...NOTHING_SEEN,
    ...options,
  };
}

const told = ({ type, id, revision, updatedMs, deleted, current, text }: StoredVersion): StoredVersion => ({
  ...{ type, id, revision, updatedMs, deleted, current, text },
});

/** All versions of a store, read in pages of a size, in an order of the test's. */
async function versionsOf(store: Store, limit = 3): Promise<readonly StoredVersion[]> {
  const versions: StoredVersion[] = [];
  let next: string | undefined;
  do {
    const page = await store.scan(next, limit);
    expect(page.versions.length).toBeLessThanOrEqual(limit);
    versions.push(...page.versions);
    next = page.next;
  } while (next !== undefined);
  return inOrder(versions);
}

function inOrder(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  const name = ({ type, id, revision }: StoredVersion) => `${type}/${id}/${String(revision).padStart(9, '0')}`;
  return versions.map(told).sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

for (const { name, newPlace, lasting, skip } of stores) {
  (skip ? describe.skip : describe)(`${name}: copies of a store${skip ? ` (skipped: ${skip})` : ''}`, () => {
    let place: Place;
    let store: Store;
    beforeEach(async () => {
      place = await newPlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    test('an empty store tells nothing', async () => {
      expect(await versionsOf(store)).toEqual([]);
    });

    test.each([1, 2, 3, 7, 100])('every version of every document is told once, in pages of %d', async (limit) => {
      await store.commit([put('Slot/a', { text: 'a1', updatedMs: 1 }), put('Slot/b', { text: 'b1' })]);
      await store.commit([put('Slot/a', { expectedRevision: 1, text: 'a2', updatedMs: 2 })]);
      await store.commit([put('Slot/a', { expectedRevision: 2, text: '', deleted: true, updatedMs: 3 })]);
      await store.commit([put('Unit/u', { keepHistory: false, text: 'u1' })]);
      await store.commit([put('Unit/u', { expectedRevision: 1, keepHistory: false, text: 'u2' })]);
      const common = { updatedMs: 1_000, deleted: false };
      expect(await versionsOf(store, limit)).toEqual([
        { ...key('Slot/a'), revision: 1, updatedMs: 1, deleted: false, current: false, text: 'a1' },
        { ...key('Slot/a'), revision: 2, updatedMs: 2, deleted: false, current: false, text: 'a2' },
        { ...key('Slot/a'), revision: 3, updatedMs: 3, deleted: true, current: true, text: '' },
        { ...key('Slot/b'), revision: 1, ...common, current: true, text: 'b1' },
        { ...key('Unit/u'), revision: 2, ...common, current: true, text: 'u2' },
      ]);
    });

    test('what was taken away is not told', async () => {
      await store.commit([put('Unit/u', { keepHistory: false })]);
      await store.commit([{ kind: 'remove', ...key('Unit/u'), expectedRevision: 1 }]);
      expect(await versionsOf(store)).toEqual([]);
    });

    test('a commit that was refused has left nothing that is told', async () => {
      await store.commit([put('Slot/a'), put('Slot/b')]);
      const before = await versionsOf(store);
      for (const expectedRevision of [0, 2]) {
        await store.commit([put('Slot/a', { expectedRevision: 1 }), put('Slot/b', { expectedRevision })]);
        await store.commit([put('Slot/a', { expectedRevision })]);
      }
      expect(await versionsOf(store)).toEqual(before);
    });

    test('what is restored is told again as it was, character for character, history or not', async () => {
      const versions = [
        version('Slot/a', 1, { current: false, text: '{"a": 1.50,\n"b":"ü 😀 \\u0000"}' }),
        version('Slot/a', 2, { current: false, deleted: true, text: '' }),
        version('Slot/a', 3),
        version('Slot/gone', 2, { deleted: true, text: '' }),
        version('Unit/u', 57),
        { ...version('Unit/u', 9), id: 'Schedule/s.1/20527' },
      ];
      await store.restore(versions);
      expect(await versionsOf(store)).toEqual(inOrder(versions));
    });

    test('restored versions are read as if they had been written here, and written on from there', async () => {
      await store.restore([version('Slot/a', 4), version('Slot/a', 3, { current: false }), version('Unit/u', 57)]);
      expect(await store.revisions(['Slot/a', 'Unit/u'].map(key))).toEqual([4, 57]);
      expect((await store.read(key('Slot/a')))?.updatedMs).toBe(40);
      expect((await store.version(key('Slot/a'), 3))?.text).toBe('{"id":"a","v":3}');
      expect((await store.version(key('Slot/a'), 4))?.text).toBe('{"id":"a","v":4}');
      expect(await store.version(key('Slot/a'), 2)).toBeUndefined();
      expect(await store.commit([put('Unit/u', { expectedRevision: 56 })])).toMatchObject({ committed: false });
      const writes = [put('Unit/u', { expectedRevision: 57 }), put('Slot/a', { expectedRevision: 4 })];
      expect(await store.commit(writes)).toEqual({ committed: true });
      expect((await store.version(key('Slot/a'), 4))?.text).toBe('{"id":"a","v":4}');
      expect(await store.revisions(['Slot/a', 'Unit/u'].map(key))).toEqual([5, 58]);
    });

    test('restored documents are found by their index values and in their order, but none deleted or old', async () => {
      const at = (startMs: number) => {
        const index = slotIndex('s1', startMs);
        return { index, order: { timeMs: startMs, text: 'Schedule/s1' } };
      };
      await store.restore([
        version('Slot/late', 1, at(5_000)),
        version('Slot/early', 1, at(1_000)),
        version('Slot/deleted', 2, { ...at(2_000), deleted: true, text: '' }),
        version('Slot/busy', 1, { ...at(3_000), current: false }),
        version('Slot/busy', 2, { ...at(3_000), index: slotIndex('s1', 3_000, 'busy') }),
      ]);
      const found = await store.search({ type: 'Slot', filter: EVERYTHING, sort: [], limit: 9 });
      expect(found.map(({ document }) => document.id)).toEqual(['early', 'busy', 'late']);
      expect(await store.count('Slot', { kind: 'token', param: 'status', code: 'free', atMs: 0 })).toBe(2);
    });

    test('what holds for a time is found in its time, and no more when another version takes its place', async () => {
      const free = async (atMs: number) => {
        const filter = { kind: 'token', param: 'status', code: 'free', atMs } as const;
        return store.count('Slot', filter);
      };
      const index = { status: [{ kind: 'token', code: 'free', fromMs: 5, untilMs: 9 }] } as const;
      await store.restore([version('Slot/a', 2, { index })]);
      await store.restore([version('Slot/a', 2, { index })]);
      expect([await free(4), await free(5), await free(8), await free(9)]).toEqual([0, 1, 1, 0]);
      await store.restore([version('Slot/a', 3)]);
      expect(await free(5)).toBe(0);
      await store.commit([put('Slot/b', { index })]);
      expect(await free(5)).toBe(1);
      await store.commit([put('Slot/b', { index: {}, expectedRevision: 1 })]);
      expect(await free(5)).toBe(0);
    });

    test('history may come long before the current version, and after it', async () => {
      const first = [version('Slot/a', 1, { current: false }), version('Slot/b', 2)];
      await store.restore(first);
      expect(await versionsOf(store)).toEqual(inOrder(first));
      await store.restore([version('Slot/b', 1, { current: false })]);
      await store.restore([version('Slot/a', 2)]);
      const whole = ['Slot/a', 'Slot/b'].flatMap((one) => [version(one, 1, { current: false }), version(one, 2)]);
      expect(await versionsOf(store)).toEqual(inOrder(whole));
      expect((await store.read(key('Slot/a')))?.revision).toBe(2);
    });

    test('doing it again changes nothing, found by search once', async () => {
      const versions = [
        version('Slot/a', 1, { current: false }),
        version('Slot/a', 2, { index: slotIndex('s1', 0), order: { timeMs: 0, text: 'Schedule/s1' } }),
        version('Unit/u', 57),
      ];
      for (let times = 0; times < 3; times++) await store.restore(versions);
      expect(await versionsOf(store)).toEqual(inOrder(versions));
      expect(await store.count('Slot', { kind: 'reference', param: 'schedule', target: 'Schedule/s1' })).toBe(1);
    });

    test('again with other index values, it is found by these alone', async () => {
      const at = (schedule: string) => ({
        index: slotIndex(schedule, 0),
        order: { timeMs: 0, text: `Schedule/${schedule}` },
      });
      for (const schedule of ['s1', 's2']) await store.restore([version('Slot/a', 1, at(schedule))]);
      const on = (target: string) => store.count('Slot', { kind: 'reference', param: 'schedule', target });
      expect([await on('Schedule/s1'), await on('Schedule/s2')]).toEqual([0, 1]);
    });

    test('what this store has read before is not remembered', async () => {
      expect(await store.revisions([key('Unit/u')])).toEqual([0]);
      await store.restore([version('Unit/u', 57)]);
      expect(await store.revisions([key('Unit/u')])).toEqual([57]);
    });

    (lasting ? test : test.skip)(
      'the place in a scan, and what was restored, are good when it is opened again',
      async () => {
        const versions = ['a', 'b', 'c', 'd'].map((id) => version(`Slot/${id}`, 1));
        await store.restore(versions);
        const first = await store.scan(undefined, 3);
        await store.close();
        store = await place.open();
        const second = await store.scan(first.next, 3);
        expect(inOrder([...first.versions, ...second.versions])).toEqual(inOrder(versions));
      },
    );
  });
}
