import { Fault } from '../base/fault.js';
import type { DocumentKey, StoredDocument } from '../store/index.js';

/** @throws {Fault} `stale` where `If-Match` names another version than the one that stands */
export function checkVersion(
  found: StoredDocument | undefined,
  { type, id }: DocumentKey,
  ifMatch: string | undefined,
): void {
  checkVersionId(found && !found.deleted ? String(found.revision) : undefined, { type, id }, ifMatch);
}

/** @param versionId undefined: there is none @throws {Fault} `stale` as `checkVersion` */
export function checkVersionId(
  versionId: string | undefined,
  { type, id }: DocumentKey,
  ifMatch: string | undefined,
): void {
  if (ifMatch === undefined || ifMatch === versionId) return;
  throw new Fault({
    kind: 'stale',
    message: `If-Match names ${type}/${id} version ${ifMatch}, current is ${versionId ?? 'none'}; read it again.`,
  });
}
