import type { IncomingHttpHeaders } from 'node:http';
import { fault } from '../base/fault.js';
import type { Expected, ResourceVersion } from '../booking/index.js';

/** `W/"3"` as FHIR has it; `"3"` and `3` as older clients send it. */
const VERSION_TAG = /^(?:W\/)?"([A-Za-z0-9\-.]{1,64})"$|^([A-Za-z0-9\-.]{1,64})$/;

/** The ETag of a version: weak, since two media types share it. https://hl7.org/fhir/R4/http.html#versioning */
export function entityTag(versionId: string): string {
  return `W/"${versionId}"`;
}

/**
 * The version that `If-Match` names. `*` and lists are refused: a change rests on one version.
 * @throws {Fault} `malformed`
 */
export function ifMatchOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const version = versionOf(header.trim());
  if (version === undefined) {
    throw fault('malformed', 'If-Match must name one version, like W/"3": the ETag of the version you have read.');
  }
  return version;
}

/**
 * Whether the caller has this version already. `If-None-Match` counts before `If-Modified-Since` (RFC 9110 §13.2.2);
 * a date or tag that cannot be read is no match, so the caller gets the resource.
 */
export function isNotModified(
  version: ResourceVersion,
  ifNoneMatch: string | undefined,
  ifModifiedSince: string | undefined,
): boolean {
  if (ifNoneMatch !== undefined) {
    return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || versionOf(tag.trim()) === version.versionId);
  }
  if (ifModifiedSince === undefined) return false;
  // HTTP dates know whole seconds only.
  if (version.updatedMs === undefined) return false;
  return Math.floor(version.updatedMs / 1000) * 1000 <= Date.parse(ifModifiedSince);
}

/**
 * What an update expects to stand there: the version of `If-Match`, or nothing, which `If-None-Match: *` says.
 * @throws {Fault} `malformed`, `not-supported`
 */
export function expectedOf(headers: IncomingHttpHeaders): Expected | undefined {
  const ifMatch = ifMatchOf(headers['if-match']);
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch === undefined) return ifMatch;
  if (ifNoneMatch.trim() !== '*') {
    throw fault('not-supported', 'With PUT, If-None-Match is *: write only if nothing is there.', 'If-None-Match');
  }
  if (ifMatch !== undefined) throw fault('malformed', 'If-Match and If-None-Match: * exclude each other.');
  return null;
}

/** `If-None-Match` is for reading and for PUT. @throws {Fault} `not-supported` */
export function refuseIfNoneMatch(header: string | undefined): void {
  if (header === undefined) return;
  const advice = 'To create once, PUT with If-None-Match: *, or POST with If-None-Exist.';
  throw fault('not-supported', `If-None-Match is for reading, and for PUT. ${advice}`, 'If-None-Match');
}

function versionOf(tag: string): string | undefined {
  const match = VERSION_TAG.exec(tag);
  return match?.[1] ?? match?.[2];
}
