import type { Reason } from '../base/fault.js';
import { judgeContained } from './contained.js';
import { judgeByElements } from './element-pass.js';
import { Findings } from './findings.js';
import { judgeIntegers } from './integer-pass.js';
import { isObject } from './json-object.js';
import { containedTypes } from './reference-faults.js';
import { judgeBySchema } from './schema-pass.js';
import { isServedType } from './served-types.js';

/**
 * What is wrong with a resource: by the official schema, by the tables of its elements, by FHIR's invariants, and by
 * our rule that an end comes after its start. One reason for each fault, naming the element. What concerns other
 * resources (does the Schedule exist?) and the availability rules is judged where resources are written.
 *
 * @param resource the `plain` tree of `parseJson`
 * @param ownBases base URLs of this server, without a slash at the end: references that begin so are local
 * @param exact the other tree of `parseJson`; without it, integers written as `1.0` pass
 * @returns empty for a valid resource
 */
export function validateResource(
  resource: unknown,
  type: string,
  ownBases: readonly string[] = [],
  exact: unknown = resource,
): readonly Reason[] {
  if (!isServedType(type)) return [{ kind: 'not-supported', message: `${type} is not served here.` }];
  if (!isObject(resource)) return [{ kind: 'malformed', message: `A ${type} is a JSON object.`, expression: type }];
  const found = resource['resourceType'];
  if (found !== type) {
    const message =
      found === undefined ? `resourceType is needed: "${type}".` : `This is no ${type}: see its resourceType.`;
    return [{ kind: found === undefined ? 'required' : 'invalid', message, expression: `${type}.resourceType` }];
  }
  const findings = new Findings();
  const context = { ownBases, rootType: type, contained: containedTypes(resource) };
  judgeBySchema(resource, type, type, findings);
  judgeByElements(resource, type, type, findings, context);
  for (const inner of judgeContained(resource, type, findings)) {
    judgeBySchema(inner.resource, inner.type, inner.path, findings);
    judgeByElements(inner.resource, inner.type, inner.path, findings, context);
  }
  // A tree of its own is there only where some number is written in an odd way.
  if (exact !== resource) judgeIntegers(exact, type, type, findings);
  return findings.reasons();
}
