import { isResourceType } from './element-table.js';
import type { Findings } from './findings.js';
import { isObject, type JsonObject } from './json-object.js';

/**
 * dom-2 to dom-5 (https://hl7.org/fhir/R4/domainresource.html) and what goes without saying: each has a type and an
 * id of its own. By hand, since dom-3 as published cannot be evaluated.
 *
 * @returns the contained resources that are worth a closer look, with their paths
 */
export function judgeContained(
  root: JsonObject,
  path: string,
  findings: Findings,
): readonly { readonly resource: JsonObject; readonly type: string; readonly path: string }[] {
  const list = root['contained'];
  if (!Array.isArray(list)) return [];
  const ids = new Set<unknown>();
  return (list as unknown[]).flatMap((resource, index) => {
    const at = `${path}.contained[${index}]`;
    if (!isObject(resource)) return [];
    const { resourceType: type, id } = resource;
    if (typeof type !== 'string' || !isResourceType(type)) {
      findings.add('invalid', `${at}.resourceType`, 'A contained resource needs a resourceType of FHIR R4.');
      return [];
    }
    if (id === undefined) findings.add('required', `${at}.id`, 'A contained resource needs an id.');
    else if (ids.has(id)) findings.add('invalid', `${at}.id`, 'Another contained resource has this id.');
    else if (!isReferredTo(root, list, index)) {
      findings.add(
        'invalid',
        at,
        'Nothing here refers to this contained resource, nor does it refer to its container (dom-3).',
      );
    }
    ids.add(id);
    judgeAlone(resource, at, findings);
    return [{ resource, type, path: at }];
  });
}

function judgeAlone(resource: JsonObject, path: string, findings: Findings): void {
  if (resource['contained'] !== undefined) {
    findings.add('invalid', `${path}.contained`, 'A contained resource contains no others (dom-2).');
  }
  const meta = isObject(resource['meta']) ? resource['meta'] : {};
  for (const name of ['versionId', 'lastUpdated']) {
    if (meta[name] !== undefined)
      findings.add('invalid', `${path}.meta.${name}`, 'A contained resource has none (dom-4).');
  }
  if (meta['security'] !== undefined) {
    findings.add('invalid', `${path}.meta.security`, 'A contained resource has no security label (dom-5).');
  }
}

/** dom-3. A text that is `#id` counts wherever it stands: references, canonicals, uris and urls may hold it. */
function isReferredTo(root: JsonObject, list: readonly unknown[], index: number): boolean {
  const resource = list[index] as JsonObject;
  const wanted = `#${String(resource['id'])}`;
  const others = { ...root, contained: list.filter((_, other) => other !== index) };
  return holdsText(resource, '#') || holdsText(others, wanted);
}

function holdsText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value === text;
  return value !== null && typeof value === 'object' && Object.values(value).some((inner) => holdsText(inner, text));
}
