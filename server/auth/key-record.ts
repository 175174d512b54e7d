import { createHash } from 'node:crypto';
import type { KeyKind, Right } from '../booking/index.js';
import { UNORDERED } from '../search/index.js';
import type { DocumentKey, Put, StoredDocument } from '../store/index.js';

/** The type of the documents that stand for keys. Their id is the hash of the key, so that one read finds a caller. */
export const KEY_TYPE = 'ApiKey';

/** What is kept of a key: nothing from which it could be told. */
export interface KeyRecord {
  readonly name: string;
  readonly rights: readonly Right[];
  /** Absent: a key for FHIR alone. */
  readonly kind?: KeyKind;
  readonly createdMs: number;
  /** The last characters of the key, by which its owner knows it again. */
  readonly tail: string;
  readonly revokedMs?: number;
}

/**
 * A key has 256 random bits, so that nobody finds it by trying, however fast one hash is made: the slow hashes for
 * passwords are for what people think up, and would cost each request what they cost an attacker.
 */
export function documentOfKey(key: string): DocumentKey {
  return { type: KEY_TYPE, id: createHash('sha256').update(key).digest('hex') };
}

/** The record in a document; undefined where there is none. */
export function recordOf(document: Pick<StoredDocument, 'text' | 'deleted'> | undefined): KeyRecord | undefined {
  return document && !document.deleted ? (JSON.parse(document.text) as KeyRecord) : undefined;
}

/** @param expectedRevision 0 for a new key */
export function putOf({ type, id }: DocumentKey, record: KeyRecord, expectedRevision: number, updatedMs: number): Put {
  return {
    ...{ kind: 'put', type, id, expectedRevision, updatedMs, deleted: false, text: JSON.stringify(record) },
    ...{ index: {}, order: UNORDERED, keepHistory: false },
  };
}
