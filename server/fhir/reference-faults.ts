import { isResourceType, type Property } from './element-table.js';
import type { Findings } from './findings.js';
import { isObject, type JsonObject } from './json-object.js';
import { localReference } from './references.js';

/** What the references of one resource are judged by. */
export interface ReferenceContext {
  /** Base URLs of this server: references that begin so are local. */
  readonly ownBases: readonly string[];
  /** Type of the outermost resource, at which `#` points. */
  readonly rootType: string;
  /** Types of the contained resources, by id. */
  readonly contained: ReadonlyMap<string, string>;
}

/** `urn:uuid:…`, `https://…`: anything with a scheme. What lies elsewhere is not looked into (design §6). */
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

/** Judges a Reference: how it is written, and whether its target may stand in this element. */
export function judgeReference(
  node: JsonObject,
  targets: Property['targets'],
  path: string,
  findings: Findings,
  context: ReferenceContext,
): void {
  const { reference, type } = node;
  const target = typeof reference === 'string' ? targetType(reference, path, findings, context) : undefined;
  if (target !== undefined && typeof type === 'string' && type !== target && isResourceType(type)) {
    findings.add('invalid', `${path}.type`, `The reference leads to a ${target}, its type says ${type}.`);
  }
  const leadsTo = target ?? (typeof type === 'string' && isResourceType(type) ? type : undefined);
  if (targets && leadsTo !== undefined && !targets.has(leadsTo)) {
    findings.add('invalid', path, `${path} must refer to ${[...targets].join(' or ')}, not to ${leadsTo}.`);
  }
}

/** The type that a reference leads to, where its text tells it. */
function targetType(
  reference: string,
  path: string,
  findings: Findings,
  { ownBases, rootType, contained }: ReferenceContext,
): string | undefined {
  if (reference === '#') return rootType;
  if (reference.startsWith('#')) {
    const type = contained.get(reference.slice(1));
    if (type === undefined)
      findings.add('invalid', `${path}.reference`, `Nothing contained has the id ${brief(reference)} (ref-1).`);
    return type;
  }
  const local = localReference(reference, ownBases);
  if (local && isResourceType(local.type)) return local.type;
  if (local || !ABSOLUTE.test(reference)) {
    const message = `"${brief(reference)}" is no reference: write Type/id, an absolute URL, urn:uuid:… or #id.`;
    findings.add('invalid', `${path}.reference`, message);
  }
  return undefined;
}

function brief(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Types of the contained resources of a resource, by id; the first of two with the same id. */
export function containedTypes(resource: JsonObject): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const item of Array.isArray(resource['contained']) ? (resource['contained'] as unknown[]) : []) {
    if (!isObject(item)) continue;
    const { id, resourceType } = item;
    if (typeof id === 'string' && typeof resourceType === 'string' && !types.has(id)) types.set(id, resourceType);
  }
  return types;
}
