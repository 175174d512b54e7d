import { LosslessNumber } from 'lossless-json';
import { fault } from '../base/fault.js';
import { FhirPathGuard } from './fhirpath-guard.js';
import { applyFhirPathPatch } from './fhirpath-patch.js';
import { applyJsonPatch } from './json-patch.js';
import { withMetaPatch } from './meta-patch.js';
import { isObject, type JsonObject } from './json-object.js';
import type { ParsedJson } from './parsed-json.js';

/**
 * A change of a resource: a JSON Patch (RFC 6902), a merge patch (RFC 7396), a FHIRPath Patch, or a Meta whose sets are
 * added to that of the resource or taken from it.
 */
export interface Patch {
  readonly kind: 'json' | 'merge' | 'fhirpath' | 'add-meta' | 'delete-meta';
  readonly body: ParsedJson;
}

/**
 * Applies a patch to an exact JSON tree, whose digits it keeps.
 *
 * @param guard of the request, for the paths of FHIRPath Patches
 * @returns the patched tree; the one handed in stays as it is
 * @throws {Fault} `malformed`, `invalid`, `too-large`, `too-costly` for what is no patch; `rule` for one that does not
 *   apply
 */
export function applyPatch(exact: unknown, { kind, body }: Patch, guard = new FhirPathGuard()): unknown {
  if (kind === 'json') return applyJsonPatch(exact, body.exact);
  if (kind === 'fhirpath') return applyFhirPathPatch(exact, body.exact, guard);
  if (kind === 'add-meta') return withMetaPatch(exact, 'add', body.exact);
  if (kind === 'delete-meta') return withMetaPatch(exact, 'delete', body.exact);
  if (!hasMembers(body.exact)) throw fault('malformed', 'A merge patch is an object (RFC 7396).');
  return merged(exact, body.exact);
}

/** Null takes an element away, an object goes into the one that is there, all else takes its place. */
function merged(exact: unknown, patch: unknown): unknown {
  if (!hasMembers(patch)) return patch;
  const result = new Map<string, unknown>(hasMembers(exact) ? Object.entries(exact) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merged(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** A number that is kept by its digits is an object only here. */
function hasMembers(value: unknown): value is JsonObject {
  return isObject(value) && !(value instanceof LosslessNumber);
}
