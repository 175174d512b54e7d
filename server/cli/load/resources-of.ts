import type { NewId } from '../../base/ids.js';
import { isObject, parseJson, type ParsedJson } from '../../fhir/index.js';
import { bundleEntries } from './bundle-entries.js';
import type { JsonText } from './read-documents.js';
import type { Place } from './place.js';

/** A resource to be loaded, or why something is none. */
export type Piece =
  | { readonly place: Place; readonly body: ParsedJson }
  | { readonly place: Place; readonly body: undefined; readonly reason: string };

/** What one JSON text brings: a resource, or those of a Bundle of any type. */
export function resourcesOf(json: JsonText, newId: NewId): readonly Piece[] {
  const { place } = json;
  if (json.text === undefined) return [{ place, body: undefined, reason: json.reason }];
  let body: ParsedJson;
  try {
    body = parseJson(json.text);
  } catch (error) {
    return [{ place, body: undefined, reason: (error as Error).message }];
  }
  if (isObject(body.plain) && body.plain['resourceType'] === 'Bundle') return bundleEntries(place, body, newId);
  return [pieceOf(place, body)];
}

/** A resource is loaded under its own type and id, so it has to have both. */
export function pieceOf(place: Place, body: ParsedJson): Piece {
  const { plain } = body;
  if (!isObject(plain) || typeof plain['resourceType'] !== 'string') {
    return { place, body: undefined, reason: 'This is neither a resource nor a Bundle: resourceType is missing.' };
  }
  if (typeof plain['id'] !== 'string') {
    const reason = `The ${plain['resourceType']} has no id; outside of a Bundle one is needed to load it again later.`;
    return { place, body: undefined, reason };
  }
  return { place, body };
}
