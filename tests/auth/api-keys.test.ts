/** API keys: shown once, kept hashed, found by one read, refused from the moment that they are revoked. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callerOfKey, makeApiKeys, type ApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import type { Store } from '../../server/store/index.js';
import { stores, type Place } from '../store/stores.js';

const STARTED_MS = Date.parse('2027-03-15T13:00:00Z');

describe.each(stores.filter(({ skip }) => skip === undefined))('keys on $name', ({ newPlace }) => {
  const clock = { ms: STARTED_MS, nowMs: () => clock.ms };
  let place: Place;
  let store: Store;
  let keys: ApiKeys;

  beforeEach(async () => {
    clock.ms = STARTED_MS;
    place = await newPlace();
    store = await place.open();
    keys = makeApiKeys({ store, clock, newSecret });
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  test('a key says what it is and has 256 random bits', async () => {
    const { key } = await keys.create('front desk', []);
    expect(key).toMatch(/^fsk_[A-Za-z0-9_-]{43}$/);
    expect((await keys.create('front desk', [])).key).not.toBe(key);
  });

  test.each([
    ['public', 'pk'],
    ['secret', 'sk'],
  ] as const)('a %s one begins as the clients of other APIs expect, and tells its kind', async (kind, prefix) => {
    const { key, made } = await keys.create('a site', [], kind);
    expect(key).toMatch(new RegExp(`^${prefix}_[0-9a-f]{64}$`));
    expect((await keys.create('a site', [], kind)).key).not.toBe(key);
    expect(made.kind).toBe(kind);
    expect(await callerOfKey(store, key)).toEqual({ name: 'a site', rights: [], kind });
  });

  test('it stands for its name and rights; no other key stands for anybody', async () => {
    const { key } = await keys.create('front desk', ['override', 'override']);
    expect(await callerOfKey(store, key)).toEqual({ name: 'front desk', rights: ['override'] });
    for (const other of [key.slice(4), `${key}x`, key.toLowerCase(), '', hashOf(key)]) {
      expect(await callerOfKey(store, other)).toBeUndefined();
    }
  });

  test('what is kept has its SHA-256 and four of its characters', async () => {
    const { key, made } = await keys.create('front desk', []);
    const { versions } = await store.scan(undefined, 10);
    expect(versions.map(({ type, id }) => ({ type, id }))).toEqual([{ type: 'ApiKey', id: hashOf(key) }]);
    const kept = JSON.stringify([versions, made]);
    expect(kept).toContain(`"tail":"${key.slice(-4)}"`);
    expect(kept).not.toContain(key.slice(-5));
  });

  test('the list is in order of age and tells the revoked', async () => {
    for (const name of ['c', 'a', 'b']) {
      await keys.create(name, name === 'a' ? ['override'] : []);
      clock.ms += 1000;
    }
    await keys.revoke('a');
    const list = await keys.list();
    expect(list.map(({ name, rights, createdMs, revokedMs }) => [name, rights, createdMs, revokedMs])).toEqual([
      ['c', [], STARTED_MS, undefined],
      ['a', ['override'], STARTED_MS + 1000, STARTED_MS + 3000],
      ['b', [], STARTED_MS + 2000, undefined],
    ]);
    expect(new Set(list.map(({ id }) => id)).size).toBe(3);
  });

  describe('revoking', () => {
    test('by name or by id ends a key at once, and no other', async () => {
      const [byName, byId, stays] = [
        await keys.create('a', []),
        await keys.create('b', []),
        await keys.create('c', []),
      ];
      expect((await keys.revoke('a')).name).toBe('a');
      expect((await keys.revoke(byId.made.id)).name).toBe('b');
      expect(await callerOfKey(store, byName.key)).toBeUndefined();
      expect(await callerOfKey(store, byId.key)).toBeUndefined();
      expect(await callerOfKey(store, stays.key)).toEqual({ name: 'c', rights: [] });
    });

    test('a second time changes nothing', async () => {
      await keys.create('a', []);
      const first = await keys.revoke('a');
      clock.ms += 1000;
      expect(await keys.revoke('a')).toEqual(first);
    });

    test('of two at the same moment one comes first, and both say when', async () => {
      await keys.create('a', []);
      const later = makeApiKeys({ store, clock: { nowMs: () => STARTED_MS + 1000 }, newSecret });
      const [one, other] = await Promise.all([keys.revoke('a'), later.revoke('a')]);
      expect(other).toEqual(one);
    });

    test('a name that two keys have is refused, naming their ids, until one is left', async () => {
      const [old, fresh] = [await keys.create('a', []), await keys.create('a', [])];
      await expect(keys.revoke('a')).rejects.toMatchObject({
        kind: 'ambiguous',
        message: expect.stringMatching(new RegExp(`(?=.*${old.made.id})(?=.*${fresh.made.id})`)) as unknown,
      });
      await keys.revoke(old.made.id);
      expect((await keys.revoke('a')).id).toBe(fresh.made.id);
    });

    test.each(['nobody', '', '0', '000000000000', 'fsk_'])("'%s' names no key", async (idOrName) => {
      await keys.create('a', []);
      await expect(keys.revoke(idOrName)).rejects.toMatchObject({ kind: 'not-found' });
    });
  });

  test('KEY_NAME_CHARACTERS_MAX: 64 are a name, 65 are none', async () => {
    await keys.create('n'.repeat(64), []);
    await expect(keys.create('n'.repeat(65), [])).rejects.toMatchObject({ kind: 'invalid' });
  });

  test.each(['', ' a', 'a ', 'a\nb', 'a\u0000', 'a\u202eb', 'address 10.0.0.1', 'Address'])(
    'the name %j is refused',
    async (name) => {
      await expect(keys.create(name, [])).rejects.toMatchObject({ kind: 'invalid' });
      expect(await keys.list()).toEqual([]);
    },
  );
});

test('more keys than one page are listed, each once', async () => {
  const place = await stores.find(({ name }) => name === 'sqlite, in memory')!.newPlace();
  const store = await place.open();
  const keys = makeApiKeys({ store, clock: { nowMs: () => 0 }, newSecret });
  for (let n = 0; n < 401; n++) await keys.create(`n${n}`, []);
  expect(new Set((await keys.list()).map(({ name }) => name)).size).toBe(401);
  await store.close();
});

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
