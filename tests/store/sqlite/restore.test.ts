/** What only the SQLite store promises about `restore`: the versions of one call stand or fall together. */
import { expect, test } from '@jest/globals';
import type { RestoredVersion } from '../../../server/store/index.js';
import { openSqlite } from '../../../server/store/sqlite/index.js';
import { put, slotIndex } from '../documents.js';

const version = (id: string, revision: number): RestoredVersion => ({
  ...{ type: 'Slot', id, revision, updatedMs: 1, deleted: false, current: true, text: '{}' },
  ...{ index: slotIndex('s1', 0), order: { timeMs: 0, text: 'Schedule/s1' } },
});

test('a version that came as history too, as stores may keep it, does not bar the way of the next', async () => {
  const store = openSqlite(':memory:');
  await store.restore([version('a', 1), { ...version('a', 1), current: false }]);
  expect(await store.commit([put('Slot/a', { expectedRevision: 1 })])).toEqual({ committed: true });
  expect((await store.version({ type: 'Slot', id: 'a' }, 1))?.text).toBe('{}');
  await store.close();
});

test('a version that cannot be written leaves nothing of its call, and the store goes on', async () => {
  const store = openSqlite(':memory:');
  await expect(store.restore([version('a', 1), version('b', NaN)])).rejects.toThrow();
  expect(await store.scan(undefined, 9)).toEqual({ versions: [] });
  // The numbers of the search parameters were given in the call that was undone.
  await store.commit([put('Slot/c', { index: slotIndex('s1', 0) })]);
  expect(await store.count('Slot', { kind: 'token', param: 'status', code: 'free', atMs: 0 })).toBe(1);
  await store.close();
});
