import { fault } from '../base/fault.js';
import { isObject, type JsonObject } from './json-object.js';

/** The elements of a meta that a caller may say, as sets: https://hl7.org/fhir/R4/resource.html#Meta */
const SETS = ['profile', 'security', 'tag'] as const;

/** What a caller may say of a resource. */
export type MetaSets = Partial<Record<(typeof SETS)[number], readonly unknown[]>>;

/**
 * Adds profiles, security labels and tags to the meta of a resource, or takes them away. A profile is known by its URL,
 * a label or a tag by system and code: https://hl7.org/fhir/R4/resource-operation-meta-add.html, -meta-delete.html
 *
 * @param exact the resource; stays as it is
 * @param sent a Meta; what else it has does not matter
 * @throws {Fault} `invalid` where it is none
 */
export function withMetaPatch(exact: unknown, act: 'add' | 'delete', sent: unknown): unknown {
  const resource = exact as JsonObject;
  const before = isObject(resource['meta']) ? resource['meta'] : {};
  const asked = metaSetsOf(sent);
  const after = new Map(Object.entries(before));
  for (const name of SETS) {
    const had = listIn(before, name);
    const names = new Set((asked[name] ?? []).map(nameOf));
    const list = act === 'add' ? mergedSets([had, asked[name] ?? []]) : had.filter((one) => !names.has(nameOf(one)));
    if (list.length > 0) after.set(name, list);
    else after.delete(name);
  }
  return { ...resource, meta: Object.fromEntries(after) };
}

/** What a Meta says by sets. @throws {Fault} `invalid` where it is no Meta, or says nothing by them */
function metaSetsOf(sent: unknown): MetaSets {
  const place = 'Parameters.parameter';
  if (!isObject(sent)) throw fault('invalid', 'The parameter meta is a Meta: send it as valueMeta.', place);
  const asked = SETS.flatMap((name) => (sent[name] === undefined ? [] : [[name, listIn(sent, name)] as const]));
  const isSaid = asked.some(([, list]) => list.length > 0);
  if (!isSaid) throw fault('invalid', `The meta says nothing: give it ${SETS.join(', ')}, each a list.`, place);
  const odd = asked.find(
    ([name, list]) => !list.every(name === 'profile' ? (one) => typeof one === 'string' : isObject),
  );
  if (odd) throw fault('invalid', `meta.${odd[0]} is a list of ${odd[0] === 'profile' ? 'URLs' : 'Codings'}.`, place);
  return Object.fromEntries(asked);
}

/** Several lists as one in which each stands once, the first one of its name. */
function mergedSets(lists: readonly (readonly unknown[])[]): readonly unknown[] {
  const known = new Map<string, unknown>();
  for (const one of lists.flat()) if (!known.has(nameOf(one))) known.set(nameOf(one), one);
  return [...known.values()];
}

/** The profiles, security labels and tags of many metas, each once. */
export function mergedMeta(metas: readonly JsonObject[]): MetaSets {
  const sets = SETS.map((name) => [name, mergedSets(metas.map((meta) => listIn(meta, name)))] as const);
  return Object.fromEntries(sets.filter(([, list]) => list.length > 0));
}

function listIn(meta: JsonObject, name: string): readonly unknown[] {
  return Array.isArray(meta[name]) ? (meta[name] as readonly unknown[]) : [];
}

/** What one is known by within its set. */
function nameOf(one: unknown): string {
  return isObject(one) ? JSON.stringify([one['system'], one['code']]) : JSON.stringify(one);
}
