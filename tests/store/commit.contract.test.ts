/**
 * What every store promises about writing and reading single documents. Runs unchanged on each store in ./stores.ts.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Store } from '../../server/store/index.js';
import { key, put } from './documents.js';
import { stores, type Place } from './stores.js';

const COMMITTED = { committed: true };

for (const { name, newPlace, lasting, skip } of stores) {
  const testIfLasting = lasting ? test : test.skip;
  (skip ? describe.skip : describe)(`${name}: commit${skip ? ` (skipped: ${skip})` : ''}`, () => {
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

    test('a first version has revision 1 and comes back character for character', async () => {
      const text = '{"a": 1.50,\n"b":"ü 😀 \\u0000"}';
      expect(await store.commit([put('Slot/a', { text, updatedMs: 17 })])).toEqual(COMMITTED);
      expect(await store.read(key('Slot/a'))).toEqual({
        type: 'Slot',
        id: 'a',
        revision: 1,
        updatedMs: 17,
        deleted: false,
        text,
      });
    });

    test('what never was is undefined and has revision 0; the same id under two types is two documents', async () => {
      await store.commit([put('Slot/a'), put('Schedule/a', { text: 'other' })]);
      expect(await store.read(key('Slot/b'))).toBeUndefined();
      expect(await store.revisions([key('Slot/b'), key('Slot/a')])).toEqual([0, 1]);
      expect((await store.read(key('Schedule/a')))?.text).toBe('other');
    });

    test('readMany answers each key at its place, the same one twice too', async () => {
      await store.commit([put('Slot/a'), put('Slot/b')]);
      const found = await store.readMany([key('Slot/b'), key('Slot/x'), key('Slot/a'), key('Slot/b')]);
      expect(found.map((document) => document?.id)).toEqual(['b', undefined, 'a', 'b']);
      expect(await store.readMany([])).toEqual([]);
    });

    test('another revision than the expected one refuses the whole commit and names each that is stale', async () => {
      await store.commit([put('Slot/a'), put('Slot/b')]);
      const result = await store.commit([
        put('Slot/c'),
        put('Slot/a', { expectedRevision: 0 }),
        put('Slot/b', { expectedRevision: 2 }),
        put('Slot/d', { expectedRevision: 1 }),
      ]);
      expect(result).toEqual({ committed: false, stale: [key('Slot/a'), key('Slot/b'), key('Slot/d')] });
      expect(await store.revisions(['Slot/a', 'Slot/b', 'Slot/c', 'Slot/d'].map(key))).toEqual([1, 1, 0, 0]);
    });

    test('a check changes nothing, and refuses the commit when the document has moved on', async () => {
      await store.commit([put('Schedule/s')]);
      const check = (expectedRevision: number) => ({ kind: 'check', ...key('Schedule/s'), expectedRevision }) as const;
      expect(await store.commit([check(1), put('Slot/a')])).toEqual(COMMITTED);
      await store.commit([put('Schedule/s', { expectedRevision: 1 })]);
      expect(await store.commit([check(1), put('Slot/b')])).toEqual({ committed: false, stale: [key('Schedule/s')] });
      expect(await store.revisions(['Schedule/s', 'Slot/a', 'Slot/b'].map(key))).toEqual([2, 1, 0]);
    });

    test('a check for absence holds only while nothing is there', async () => {
      const absent = { kind: 'check', ...key('Slot/a'), expectedRevision: 0 } as const;
      expect(await store.commit([absent])).toEqual(COMMITTED);
      await store.commit([put('Slot/a')]);
      expect(await store.commit([absent])).toEqual({ committed: false, stale: [key('Slot/a')] });
    });

    test('remove takes a document away without a trace, if it has the expected revision', async () => {
      await store.commit([put('Unit/u', { keepHistory: false })]);
      const remove = (expectedRevision: number) => ({ kind: 'remove', ...key('Unit/u'), expectedRevision }) as const;
      expect(await store.commit([remove(2)])).toEqual({ committed: false, stale: [key('Unit/u')] });
      expect(await store.commit([remove(1)])).toEqual(COMMITTED);
      expect(await store.read(key('Unit/u'))).toBeUndefined();
      expect(await store.commit([put('Unit/u', { keepHistory: false })])).toEqual(COMMITTED);
      expect(await store.revisions([key('Unit/u')])).toEqual([1]);
    });

    test('of 50 concurrent commits on one document one wins, and only its other writes stand', async () => {
      await store.commit([put('Unit/u')]);
      const racers = Array.from({ length: 50 }, (_, at) =>
        store.commit([put('Unit/u', { expectedRevision: 1, text: String(at) }), put(`Appointment/${String(at)}`)]),
      );
      const results = await Promise.all(racers);
      const winners = results.flatMap((result, at) => (result.committed ? [at] : []));
      expect(winners).toHaveLength(1);
      const stored = await store.search({
        type: 'Appointment',
        filter: { kind: 'all', of: [] },
        sort: [],
        limit: 50,
      });
      expect(stored.map(({ document }) => document.id)).toEqual(winners.map(String));
      expect(await store.read(key('Unit/u'))).toMatchObject({ revision: 2, text: String(winners[0]) });
    });

    test('a commit that cannot be made at all takes no other down with it', async () => {
      const broken = put('Slot/broken', { text: undefined as unknown as string });
      const results = await Promise.allSettled([
        store.commit([put('Slot/a')]),
        store.commit([put('Slot/half', { index: { fresh: [{ kind: 'token', code: 'x' }] } }), broken]),
        store.commit([put('Slot/b', { index: { fresh: [{ kind: 'token', code: 'x' }] } })]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await store.revisions(['Slot/a', 'Slot/half', 'Slot/broken', 'Slot/b'].map(key))).toEqual([1, 0, 0, 1]);
      expect(await store.count('Slot', { kind: 'token', param: 'fresh', code: 'x' })).toBe(1);
    });

    test('a document may stand in a commit once', async () => {
      await expect(store.commit([put('Slot/a'), put('Slot/a')])).rejects.toMatchObject({ kind: 'bug' });
      expect(await store.read(key('Slot/a'))).toBeUndefined();
      expect(await store.commit([])).toEqual(COMMITTED);
    });

    test('older versions stay readable, each as it was, a deletion among them', async () => {
      await store.commit([put('Slot/a', { text: 'one', updatedMs: 1 })]);
      await store.commit([put('Slot/a', { expectedRevision: 1, text: '', deleted: true, updatedMs: 2 })]);
      await store.commit([put('Slot/a', { expectedRevision: 2, text: 'three', updatedMs: 3 })]);
      const versions = await Promise.all([1, 2, 3, 4].map((revision) => store.version(key('Slot/a'), revision)));
      expect(versions.map((version) => version && [version.text, version.deleted, version.updatedMs])).toEqual([
        ['one', false, 1],
        ['', true, 2],
        ['three', false, 3],
        undefined,
      ]);
      expect(await store.version(key('Slot/b'), 1)).toBeUndefined();
    });

    test('without history only the current version is readable', async () => {
      await store.commit([put('Unit/u', { keepHistory: false })]);
      await store.commit([put('Unit/u', { keepHistory: false, expectedRevision: 1 })]);
      expect(await store.version(key('Unit/u'), 1)).toBeUndefined();
      expect((await store.version(key('Unit/u'), 2))?.revision).toBe(2);
    });

    test('a deleted document keeps its place, is found by no search, and its revisions go on', async () => {
      const filter = { kind: 'token', param: 'status', code: 'free', atMs: 0 } as const;
      const index = { status: [{ kind: 'token', code: 'free' }] } as const;
      await store.commit([put('Slot/a', { index })]);
      expect(await store.count('Slot', filter)).toBe(1);
      await store.commit([put('Slot/a', { expectedRevision: 1, deleted: true, text: '', index })]);
      expect(await store.read(key('Slot/a'))).toMatchObject({ revision: 2, deleted: true });
      expect(await store.count('Slot', filter)).toBe(0);
      expect(await store.count('Slot', { kind: 'token', param: '_id', code: 'a' })).toBe(0);
      expect(await store.search({ type: 'Slot', filter: { kind: 'all', of: [] }, sort: [], limit: 5 })).toEqual([]);
      await store.commit([put('Slot/a', { expectedRevision: 2, index })]);
      expect(await store.revisions([key('Slot/a')])).toEqual([3]);
      expect(await store.count('Slot', filter)).toBe(1);
    });

    test('a search sees the new index values and no longer the old ones', async () => {
      const status = (code: string) => ({ status: [{ kind: 'token', code }] }) as const;
      await store.commit([put('Slot/a', { index: status('free') })]);
      await store.commit([put('Slot/a', { expectedRevision: 1, index: status('busy') })]);
      expect(await store.count('Slot', { kind: 'token', param: 'status', code: 'free', atMs: 0 })).toBe(0);
      expect(await store.count('Slot', { kind: 'token', param: 'status', code: 'busy', atMs: 0 })).toBe(1);
    });

    testIfLasting(
      'what was acknowledged is there after closing and opening, and commits that waited at closing too',
      async () => {
        const waiting = store.commit([put('Slot/a')]);
        await store.close();
        expect(await waiting).toEqual(COMMITTED);
        store = await place.open();
        expect((await store.read(key('Slot/a')))?.revision).toBe(1);
      },
    );

    test('a closed store says that it is unavailable', async () => {
      await store.ping();
      await store.close();
      await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(store.commit([put('Slot/a')])).rejects.toMatchObject({ kind: 'unavailable' });
      store = await place.open();
    });

    testIfLasting('two that are open on one place see each other at once, and one of them wins a race', async () => {
      const other = await place.open();
      try {
        const revisions = () => Promise.all([store.revisions([key('Slot/a')]), other.revisions([key('Slot/a')])]);
        expect(await revisions()).toEqual([[0], [0]]);
        await store.commit([put('Slot/a', { index: { status: [{ kind: 'token', code: 'free' }] } })]);
        expect(await revisions()).toEqual([[1], [1]]);
        expect(await other.count('Slot', { kind: 'token', param: 'status', code: 'free', atMs: 0 })).toBe(1);
        const change = put('Slot/a', { expectedRevision: 1, index: { added: [{ kind: 'token', code: 'x' }] } });
        const results = await Promise.all([store.commit([change]), other.commit([change])]);
        expect(results.filter(({ committed }) => committed)).toHaveLength(1);
        expect(await revisions()).toEqual([[2], [2]]);
        expect(await store.count('Slot', { kind: 'token', param: 'added', code: 'x' })).toBe(1);
        expect(await other.count('Slot', { kind: 'token', param: 'added', code: 'x' })).toBe(1);
      } finally {
        await other.close();
      }
    });
  });
}
