/** Stores that break one promise each, now and then, over a sound one. */
import { fault } from '../../server/base/fault.js';
import type { CommitResult, DocumentKey, Store, StoredDocument, Write } from '../../server/store/index.js';

export type Break = (sound: Store, now: () => boolean) => Partial<Store>;

const DONE: CommitResult = { committed: true };
const keyOf = ({ type, id }: DocumentKey) => `${type}/${id}`;

/** The store with some of its verbs replaced. */
export function replacing(sound: Store, verbs: Partial<Store>): Store {
  return new Proxy(sound, {
    get: (target, name) => {
      const own = Reflect.get(verbs, name) as unknown;
      if (own !== undefined) return own;
      const verb = Reflect.get(target, name) as unknown;
      return typeof verb === 'function' ? (verb.bind(target) as unknown) : verb;
    },
  });
}

/** Answers as if the commit stood, and makes only some of its writes. */
export const half: Break = (sound, now) => ({
  commit: async (writes) => sound.commit(now() ? writes.slice(0, -1) : writes),
});

/** Stops in the middle of a commit and says that the answer is lost. */
export const halfUnanswered: Break = (sound, now) => ({
  commit: async (writes) => {
    if (!now()) return sound.commit(writes);
    await sound.commit(writes.slice(0, 1));
    throw fault('unavailable', 'The store went away.');
  },
});

export const acknowledgesAndForgets: Break = (sound, now) => ({
  commit: async (writes) => (now() ? DONE : sound.commit(writes)),
});

export const refusesAndWrites: Break = (sound, now) => ({
  commit: async (writes) => {
    const result = await sound.commit(writes);
    return now() && result.committed ? { committed: false, stale: writes.slice(0, 1) } : result;
  },
});

/** The last writer wins: every revision is taken for the expected one. */
export const ignoresRevisions: Break = (sound, now) => ({
  commit: async (writes) => {
    const result = await sound.commit(writes);
    if (result.committed || !now()) return result;
    const revisions = await sound.revisions(writes);
    return sound.commit(writes.map((write, at) => ({ ...write, expectedRevision: revisions[at] ?? 0 })));
  },
});

export const ignoresChecks: Break = (sound) => ({
  commit: async (writes) => sound.commit(writes.filter(({ kind }) => kind !== 'check')),
});

/** Shows what a commit is about to write, and refuses that commit. */
export const showsUncommitted: Break = (sound, now) => {
  const shown = new Map<string, StoredDocument>();
  const seen = (key: DocumentKey, document: StoredDocument | undefined) => shown.get(keyOf(key)) ?? document;
  return {
    commit: async (writes) => {
      if (!now()) return sound.commit(writes);
      const puts = writes.filter((write) => write.kind === 'put' && write.type === 'Account');
      for (const put of puts as Extract<Write, { kind: 'put' }>[]) {
        shown.set(keyOf(put), { ...put, revision: put.expectedRevision + 1 });
      }
      await new Promise(setImmediate);
      shown.clear();
      return { committed: false, stale: writes.slice(0, 1) };
    },
    readMany: async (keys) => (await sound.readMany(keys)).map((document, at) => seen(keys[at]!, document)),
  };
};

export const keepsNoHistory: Break = (sound, now) => ({
  commit: async (writes) => sound.commit(now() ? writes.map((write) => ({ ...write, keepHistory: false })) : writes),
});

/** Searches come too early for what was written. */
export const findsNothing: Break = (sound, now) => ({
  search: async (query) => (now() ? [] : sound.search(query)),
});

export const countsWrong: Break = (sound) => ({
  count: async (type, filter) => (await sound.count(type, filter)) + 1,
});

/** Leaves what a commit takes away. */
export const removesNothing: Break = (sound) => ({
  commit: async (writes) => sound.commit(writes.filter(({ kind }) => kind !== 'remove')),
});

/** Refuses, and names a document that the commit does not. */
export const namesOthers: Break = (sound, now) => ({
  commit: async (writes) =>
    now() ? { committed: false, stale: [{ type: 'Account', id: 'other' }] } : sound.commit(writes),
});

/** Fails with something else than `unavailable`. */
export const fails: Break = (sound, now) => ({
  commit: async (writes) => {
    if (now()) throw new TypeError('undefined is not a store');
    return sound.commit(writes);
  },
});
