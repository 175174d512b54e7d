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
  const isReferredTo = referenceTest(root, list);
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
    else if (!isReferredTo(index, id)) {
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

/**
 * dom-3, as a test of one contained resource by its place and id. A text that is `#id` counts wherever it stands:
 * references, canonicals, uris and urls may hold it.
 */
function referenceTest(root: JsonObject, list: readonly unknown[]): (index: number, id: unknown) => boolean {
  const own = list.map((resource) => fragmentsIn(resource, new Set()));
  const { contained, ...rest } = root;
  void contained;
  const holders = new Map<string, number>();
  for (const part of [fragmentsIn(rest, new Set()), ...own]) {
    for (const fragment of part) holders.set(fragment, (holders.get(fragment) ?? 0) + 1);
  }
  return (index, id) => {
    const itself = own[index];
    const wanted = `#${String(id)}`;
    return itself?.has('#') === true || (holders.get(wanted) ?? 0) > (itself?.has(wanted) ? 1 : 0);
  };
}

function fragmentsIn(value: unknown, found: Set<string>): Set<string> {
  if (typeof value === 'string' && value.startsWith('#')) found.add(value);
  else if (value !== null && typeof value === 'object') {
    for (const inner of Object.values(value)) fragmentsIn(inner, found);
  }
  return found;
}
