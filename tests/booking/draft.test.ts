/** Changes are decided on what was read, and decided anew when a race was lost. */
import { expect, test } from '@jest/globals';
import { fault } from '../../server/base/fault.js';
import { decideAndCommit, type Draft } from '../../server/booking/draft.js';
import type { Store, StoredDocument, Write } from '../../server/store/index.js';
import { stores } from '../store/stores.js';

const KEY = { type: 'Unit', id: 'u' };
const put = (text: string) => ({
  ...KEY,
  text,
  updatedMs: 0,
  deleted: false,
  index: {},
  order: { timeMs: null, text: '' },
  keepHistory: false,
});

/** A store in memory, whose commits are seen. */
async function watchedStore(): Promise<{ store: Store; commits: (readonly Write[])[] }> {
  const place = await stores.find(({ name }) => name === 'sqlite, in memory')?.newPlace();
  const store = (await place?.open()) as Store;
  const commits: (readonly Write[])[] = [];
  const commit = store.commit.bind(store);
  store.commit = (writes) => {
    commits.push(writes);
    return commit(writes);
  };
  return { store, commits };
}

test('40 who add to one document at once all find their place', async () => {
  const { store } = await watchedStore();
  const add = async (draft: Draft) => {
    const before = await draft.original(KEY);
    draft.put(put(`${before?.text ?? ''}x`));
  };
  await Promise.all(Array.from({ length: 40 }, () => decideAndCommit(store, add)));
  expect(await store.read(KEY)).toMatchObject({ revision: 40, text: 'x'.repeat(40) });
  await store.close();
});

test('of those who take turns nobody loses a race', async () => {
  const { store, commits } = await watchedStore();
  const add = async (draft: Draft) => {
    await draft.takeTurn([KEY]);
    const before = await draft.original(KEY);
    draft.put(put(`${before?.text ?? ''}x`));
  };
  await Promise.all(Array.from({ length: 40 }, () => decideAndCommit(store, add)));
  expect(commits).toHaveLength(40);
  await store.close();
});

test('who is refused ends the turn that was taken', async () => {
  const { store } = await watchedStore();
  const refused = decideAndCommit(store, async (draft) => {
    await draft.takeTurn([KEY]);
    throw fault('rule', 'No.');
  });
  await expect(refused).rejects.toMatchObject({ kind: 'rule' });
  const startedMs = performance.now();
  await decideAndCommit(store, (draft) => draft.takeTurn([KEY]));
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  await store.close();
});

test('COMMIT_TRIES_MAX: who loses every race is told to come back', async () => {
  const { store, commits } = await watchedStore();
  store.commit = (writes) => {
    commits.push(writes);
    return Promise.resolve({ committed: false, stale: [KEY] });
  };
  const change = async (draft: Draft) => {
    await draft.prepare([KEY]);
    draft.put(put('x'));
  };
  await expect(decideAndCommit(store, change)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(commits).toHaveLength(100);
  await store.close();
});

test('a decision that writes nothing commits nothing, whatever it checked', async () => {
  const { store, commits } = await watchedStore();
  await decideAndCommit(store, async (draft) => {
    await draft.prepare([KEY]);
    draft.check(KEY);
  });
  expect(commits).toEqual([]);
  await store.close();
});

test('what was checked must still be so: a change of it meanwhile makes the decision anew', async () => {
  const { store } = await watchedStore();
  let tries = 0;
  await decideAndCommit(store, async (draft) => {
    tries += 1;
    await draft.prepare([KEY, { type: 'Unit', id: 'other' }]);
    if (tries === 1) await store.commit([{ ...put('changed'), kind: 'put', expectedRevision: 0 }]);
    draft.check(KEY);
    draft.put({ ...put('x'), id: 'other' });
  });
  expect(tries).toBe(2);
  await store.close();
});

test('writing what was not read is a fault of ours', async () => {
  const { store } = await watchedStore();
  const blind = (draft: Draft) => Promise.resolve(draft.put(put('x')));
  await expect(decideAndCommit(store, blind)).rejects.toMatchObject({ kind: 'bug' });
  await store.close();
});

test('a refusal that rests on what has changed meanwhile is decided again', async () => {
  const { store } = await watchedStore();
  let tries = 0;
  const decide = async (draft: Draft) => {
    const before = await draft.original(KEY);
    draft.rely(KEY);
    tries += 1;
    if (before) return before.text;
    await store.commit([{ ...put('found'), kind: 'put', expectedRevision: 0 }]);
    throw fault('conflict', 'taken');
  };
  expect(await decideAndCommit(store, decide)).toBe('found');
  expect(tries).toBe(2);
  await store.close();
});

test('a document whose text is made at the end and is as it was is only checked', async () => {
  const { store, commits } = await watchedStore();
  const write = (id: string, text: string) => async (draft: Draft) => {
    await draft.prepare([KEY, { ...KEY, id }]);
    draft.put({ ...put(''), text: () => 'same' });
    draft.put({ ...put(text), id });
  };
  await decideAndCommit(store, write('v', 'x'));
  await decideAndCommit(store, write('w', 'x'));
  expect(commits[1]?.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['check u', 'put w']);
  await store.close();
});

test('versions that documents have got by themselves are stored before they are read, of however many', async () => {
  const { store, commits } = await watchedStore();
  const keys = Array.from({ length: 101 }, (_, n) => ({ ...KEY, id: `u${n}` }));
  await store.commit(keys.map((key) => ({ ...put('held'), ...key, kind: 'put', expectedRevision: 0 })));
  const ended = ({ type, id, text }: StoredDocument) =>
    text === 'held' ? ['ending', 'ended'].map((one) => ({ ...put(one), type, id })) : [];
  const readEach = async (draft: Draft) => {
    for (const key of keys.slice(1)) expect(await draft.original(key)).toMatchObject({ revision: 3, text: 'ended' });
    await draft.prepare(keys);
  };
  commits.length = 0;
  await decideAndCommit(store, readEach, ended);
  expect(commits).toHaveLength(2 * keys.length);
  await store.close();
});

test('those that are read together are stored together', async () => {
  const { store, commits } = await watchedStore();
  const keys = ['a', 'b', 'c'].map((id) => ({ ...KEY, id }));
  await store.commit(keys.map((key) => ({ ...put('held'), ...key, kind: 'put', expectedRevision: 0 })));
  const ended = ({ type, id, text }: StoredDocument) => (text === 'held' ? [{ ...put('ended'), type, id }] : []);
  await decideAndCommit(store, (draft) => draft.prepare(keys), ended);
  expect(commits.map((writes) => writes.length)).toEqual([3, 3]);
  await store.close();
});
