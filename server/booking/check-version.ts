import { fault } from '../base/fault.js';
import type { DocumentKey, StoredDocument } from '../store/index.js';
import type { Expected } from './types.js';

/** @throws {Fault} `stale` where another version stands than the one that is expected, or one where none is */
export function checkVersion(
  found: StoredDocument | undefined,
  { type, id }: DocumentKey,
  expected: Expected | undefined,
): void {
  checkVersionId(found && !found.deleted ? String(found.revision) : undefined, { type, id }, expected);
}

/** @param versionId undefined: there is none @throws {Fault} `stale` as `checkVersion` */
export function checkVersionId(
  versionId: string | undefined,
  { type, id }: DocumentKey,
  expected: Expected | undefined,
): void {
  if (expected === undefined || expected === (versionId ?? null)) return;
  if (expected === null) {
    const advice = 'With If-None-Match: * only what is not there is written; to change it, send If-Match.';
    throw fault('stale', `${type}/${id} is there, at version ${versionId}. ${advice}`);
  }
  const current = versionId ?? 'none';
  throw fault('stale', `If-Match names ${type}/${id} version ${expected}, current is ${current}; read it again.`);
}
