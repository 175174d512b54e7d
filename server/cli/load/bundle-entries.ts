import type { NewId } from '../../base/ids.js';
import { isObject, type JsonObject, type ParsedJson } from '../../fhir/index.js';
import type { Place } from './place.js';
import { pieceOf, type Piece } from './resources-of.js';

const UUID_URN = 'urn:uuid:';

/** An entry's resource in both readings of the text, with an id. */
interface EntryResource {
  readonly plain: JsonObject;
  readonly exact: JsonObject;
}

/**
 * The resources of a Bundle of any type. References of the form `urn:uuid:…` that name an entry of the same Bundle
 * become `Type/id`; an entry without an id gets that of its `urn:uuid:`, of the URL it would be put to, or a new one.
 * https://hl7.org/fhir/R4/bundle.html#references
 */
export function bundleEntries(place: Place, bundle: ParsedJson, newId: NewId): readonly Piece[] {
  const plain = entriesOf(bundle.plain);
  const exact = bundle.exact === bundle.plain ? plain : entriesOf(bundle.exact);
  if (!plain || !exact) return [{ place, body: undefined, reason: 'Bundle.entry is not a list.' }];

  const resources = plain.map((entry, index) => withId(entry, exact[index], newId));
  const targets = new Map<string, string>();
  plain.forEach((entry, index) => {
    const fullUrl = isObject(entry) ? entry['fullUrl'] : undefined;
    const resource = resources[index]?.plain;
    if (resource && isUuidUrn(fullUrl))
      targets.set(fullUrl, `${String(resource['resourceType'])}/${String(resource['id'])}`);
  });

  const pieces: Piece[] = [];
  plain.forEach((entry, index) => {
    const resource = resources[index];
    const here = { ...place, entry: index };
    if (resource) {
      rewriteReferences(resource.plain, targets);
      if (resource.exact !== resource.plain) rewriteReferences(resource.exact, targets);
      pieces.push(pieceOf(here, resource));
    } else if (!isSearchOutcome(entry)) {
      pieces.push({ place: here, body: undefined, reason: 'The entry has no resource, so there is nothing to load.' });
    }
  });
  return pieces;
}

function entriesOf(bundle: unknown): readonly unknown[] | undefined {
  const entries = isObject(bundle) ? bundle['entry'] : undefined;
  if (entries === undefined) return [];
  return Array.isArray(entries) ? (entries as unknown[]) : undefined;
}

/** A searchset may carry remarks of the server it came from: they are no data. */
function isSearchOutcome(entry: unknown): boolean {
  return isObject(entry) && isObject(entry['search']) && entry['search']['mode'] === 'outcome';
}

function withId(plain: unknown, exact: unknown, newId: NewId): EntryResource | undefined {
  if (isSearchOutcome(plain) || !isObject(plain) || !isObject(exact)) return undefined;
  const [resource, exactResource] = [plain['resource'], exact['resource']];
  if (!isObject(resource) || !isObject(exactResource)) return undefined;
  if (resource['id'] !== undefined) return { plain: resource, exact: exactResource };

  const id = idFromEntry(plain) ?? newId();
  const named = identified(resource, id);
  return { plain: named, exact: exactResource === resource ? named : identified(exactResource, id) };
}

function idFromEntry({ fullUrl, request }: JsonObject): string | undefined {
  if (isUuidUrn(fullUrl)) return fullUrl.slice(UUID_URN.length);
  const url = isObject(request) && request['method'] === 'PUT' ? request['url'] : undefined;
  return typeof url === 'string' ? /^[A-Za-z]+\/([A-Za-z0-9.-]{1,64})$/.exec(url)?.[1] : undefined;
}

/** The resource with its id where FHIR writes it: after the type. */
function identified({ resourceType, ...rest }: JsonObject, id: string): JsonObject {
  return { resourceType, id, ...rest };
}

function isUuidUrn(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(UUID_URN);
}

/**
 * Changes the tree in place; it is ours alone. Only `Reference.reference` is touched: an identifier may well have
 * the same `urn:uuid:` as its value, and stays what it is. Digits kept by the exact reading are no plain objects
 * with a `reference`, so they pass through.
 */
function rewriteReferences(node: unknown, targets: ReadonlyMap<string, string>): void {
  if (targets.size === 0 || typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) rewriteReferences(item, targets);
    return;
  }
  const object = node as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const value = object[key];
    const target = key === 'reference' && typeof value === 'string' ? targets.get(value) : undefined;
    if (target !== undefined) object[key] = target;
    else if (typeof value === 'object') rewriteReferences(value, targets);
  }
}
