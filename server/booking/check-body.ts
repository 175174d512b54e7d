import type { FhirResource } from 'fhir/r4.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { isId, isServedType, validateResource, type ParsedJson } from '../fhir/index.js';
import { isZone } from '../zones/index.js';
import { readRules } from './read-rules.js';
import { TIMEZONE_URL } from './schedule-facts.js';

/**
 * Judges a body by itself: its type, FHIR's own rules, and the rules of the availability extension.
 *
 * @param base absolute references that begin so are ours
 *
 * @throws {Fault} with one reason a fault
 */
export function checkBody(type: string, body: ParsedJson, base: string): FhirResource {
  const plain = body.plain as Partial<FhirResource> | null;
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain) || plain.resourceType !== type) {
    const found = typeof plain?.resourceType === 'string' ? `a ${plain.resourceType}` : 'none';
    throw fault('invalid', `The body must be one ${type} resource; this is ${found}.`, 'resourceType');
  }
  const resource = plain as FhirResource;
  const reasons = validateResource(resource, type, [base], body.exact);
  if (reasons.length > 0) throw new Fault(reasons);
  // The zone only decides what rules without one mean; whether they can be read does not depend on it.
  const rules = resource.resourceType === 'Schedule' ? readRules(resource, 'UTC').refusals : [];
  const refusals = [...zoneRefusals(resource), ...rules];
  if (refusals.length > 0) throw new Fault(refusals);
  return resource;
}

/** The zone of a Schedule, or of an actor of one, must exist: its slots are offered in it. */
function zoneRefusals(resource: FhirResource): Reason[] {
  const extensions = 'extension' in resource ? (resource.extension ?? []) : [];
  return extensions.flatMap(({ url, valueCode }, index): Reason[] => {
    if (url !== TIMEZONE_URL || (valueCode !== undefined && isZone(valueCode))) return [];
    const message = 'It needs a valueCode that is a zone of the IANA database, such as America/New_York.';
    return [{ kind: 'rule', expression: `${resource.resourceType}.extension[${index}]`, message }];
  });
}

/** @throws {Fault} `invalid` where the id of the body is another than that of the address */
export function checkId(resource: FhirResource, id: string): void {
  if (!isId(id)) throw fault('invalid', `'${id}' is no id: 1 to 64 of A-Z, a-z, 0-9, '-' and '.'.`, 'id');
  if (resource.id !== id) {
    throw fault('invalid', `The body's id must be '${id}', as in the address.`, `${resource.resourceType}.id`);
  }
}

/** The type and id that a body names for itself. @throws {Fault} `invalid`, `required` */
export function namedKey(body: ParsedJson): { type: string; id: string } {
  const { resourceType, id } = (body.plain ?? {}) as { resourceType?: unknown; id?: unknown };
  if (typeof resourceType !== 'string' || !isServedType(resourceType)) {
    throw fault('invalid', `'${String(resourceType)}' is not a type that is served here.`, 'resourceType');
  }
  if (typeof id !== 'string' || !isId(id)) {
    throw fault('required', 'It needs an id of its own, by which it is written again.', `${resourceType}.id`);
  }
  return { type: resourceType, id };
}
