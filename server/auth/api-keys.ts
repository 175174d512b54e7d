import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { NewSecret } from '../base/secret.js';
import type { KeyKind, Right } from '../booking/index.js';
import { EVERYTHING } from '../search/index.js';
import type { Store, StoredDocument } from '../store/index.js';
import { documentOfKey, KEY_TYPE, putOf, recordOf, type KeyRecord } from './key-record.js';

/** Tells people, and programs that look for leaked secrets, what it is. */
const KEY_PREFIX = 'fsk_';
/** Clients of other APIs expect these, and 64 hexadecimal digits after them. */
const PREFIX_OF_KIND: Readonly<Record<KeyKind, string>> = { public: 'pk_', secret: 'sk_' };
/** So much of a key is told again: 24 of its 256 bits. */
const TAIL_CHARACTERS = 4;
/** So much of a hash is an id that a person can type; keys that share it are told apart by more of it. */
const ID_CHARACTERS = 12;
const PAGE_KEYS = 200;

const KEY_NAME_CHARACTERS_MAX = 64;

/** What callers without a key are named by. */
const ADDRESS_WORD = /^address\b/i;

/** A key as it is told of later. */
export interface ApiKey extends KeyRecord {
  /** The first characters of its hash. */
  readonly id: string;
}

export interface ApiKeys {
  /**
   * @param kind absent: a key for FHIR alone
   * @throws {Fault} `invalid` for a name that cannot be one
   */
  create(
    name: string,
    rights: readonly Right[],
    kind?: KeyKind,
  ): Promise<{ readonly key: string; readonly made: ApiKey }>;
  /** All there ever were, the oldest first. */
  list(): Promise<readonly ApiKey[]>;
  /**
   * @param idOrName id as `list` tells it, or the name of a key
   * @throws {Fault} `not-found`; `ambiguous` where several that are not revoked have that name
   */
  revoke(idOrName: string): Promise<ApiKey>;
}

/** Makes, lists and revokes keys. Several may have one name: so a client gets its new key before the old one ends. */
export function makeApiKeys({ store, clock, newSecret }: KeysDeps): ApiKeys {
  async function create(name: string, rights: readonly Right[], kind?: KeyKind) {
    refuseName(name);
    const key = keyOf(newSecret(), kind);
    const createdMs = clock.nowMs();
    const tail = key.slice(-TAIL_CHARACTERS);
    const record: KeyRecord = { name, rights: [...new Set(rights)], ...(kind && { kind }), createdMs, tail };
    const place = documentOfKey(key);
    const { committed } = await store.commit([putOf(place, record, 0, createdMs)]);
    if (!committed) throw fault('bug', 'A new key is the same as an old one: the random numbers of this machine fail.');
    return { key, made: apiKeyOf({ hash: place.id, record }) };
  }

  async function kept(): Promise<readonly Kept[]> {
    const found: Kept[] = [];
    for (let after = {}; ;) {
      const page = await store.search({ type: KEY_TYPE, filter: EVERYTHING, sort: [], limit: PAGE_KEYS, ...after });
      found.push(...page.flatMap(({ document }) => keptIn(document)));
      const last = page.at(-1);
      if (!last) return found.sort(byAge);
      after = { after: last.position };
    }
  }

  async function revoke(hash: string): Promise<ApiKey> {
    const document = await store.read({ type: KEY_TYPE, id: hash });
    const [found] = keptIn(document);
    if (!document || !found) throw fault('not-found', 'That key is gone.');
    if (found.record.revokedMs !== undefined) return apiKeyOf(found);
    const revokedMs = clock.nowMs();
    const record = { ...found.record, revokedMs };
    // Where another came first, it can only have revoked it too.
    const { committed } = await store.commit([putOf(document, record, document.revision, revokedMs)]);
    return committed ? apiKeyOf({ hash, record }) : revoke(hash);
  }

  return {
    create,
    list: async () => (await kept()).map(apiKeyOf),
    revoke: async (idOrName) => revoke(theOne(await kept(), idOrName).hash),
  };
}

interface KeysDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newSecret: NewSecret;
}

interface Kept {
  readonly hash: string;
  readonly record: KeyRecord;
}

function keyOf(secret: string, kind: KeyKind | undefined): string {
  if (!kind) return `${KEY_PREFIX}${secret}`;
  return `${PREFIX_OF_KIND[kind]}${Buffer.from(secret, 'base64url').toString('hex')}`;
}

function keptIn(document: StoredDocument | undefined): Kept[] {
  const record = recordOf(document);
  return document && record ? [{ hash: document.id, record }] : [];
}

function apiKeyOf({ hash, record }: Kept): ApiKey {
  return { ...record, id: hash.slice(0, ID_CHARACTERS) };
}

function byAge(a: Kept, b: Kept): number {
  return a.record.createdMs - b.record.createdMs || (a.hash < b.hash ? -1 : 1);
}

/** An id goes before a name; of keys with one name, those that are not revoked before those that are. */
function theOne(kept: readonly Kept[], idOrName: string): Kept {
  const isId = idOrName.length >= ID_CHARACTERS;
  const byId = kept.filter(({ hash }) => isId && hash.startsWith(idOrName));
  const byName = kept.filter(({ record }) => record.name === idOrName);
  const living = byName.filter(({ record }) => record.revokedMs === undefined);
  const meant = [byId, living, byName.slice(0, 1)].find((keys) => keys.length > 0) ?? [];
  const [one, other] = meant;
  if (!one) throw fault('not-found', `No key has the id or the name '${idOrName}'; fhir-slots keys list tells them.`);
  if (other) {
    const ids = meant.map((key) => (byId.length > 0 ? key.hash : apiKeyOf(key).id)).join(', ');
    throw fault('ambiguous', `Several keys are called '${idOrName}': name one by its id, ${ids}.`);
  }
  return one;
}

/** A name stands in logs, lists and AuditEvents, beside those of callers who have no key. */
function refuseName(name: string): void {
  if (name.length < 1 || name.length > KEY_NAME_CHARACTERS_MAX || name.trim() !== name || /\p{C}/u.test(name)) {
    throw fault('invalid', `A name has 1 to ${KEY_NAME_CHARACTERS_MAX} visible characters, no space at either end.`);
  }
  if (ADDRESS_WORD.test(name)) throw fault('invalid', "A name cannot begin with 'address': callers without a key do.");
}
