import type { Resources } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { entityTag, ifMatchOf } from './preconditions.js';
import { remarksOutcome } from './remarks-outcome.js';

/**
 * `DELETE [base]/[type]/[id]`: https://hl7.org/fhir/R4/http.html#delete
 *
 * 204 gone now, or never was there · 200 with `Prefer: return=OperationOutcome` · 412 another version than `If-Match`
 */
export function remove(resources: Pick<Resources, 'remove'>): Handler {
  return async ({ path, headers, context, returns }) => {
    const removed = await resources.remove(path.type, path.id, context, ifMatchOf(headers['if-match']));
    const own = removed ? { ETag: entityTag(removed.versionId) } : {};
    if (returns !== 'OperationOutcome') return { status: 204, headers: own };
    const reference = `${path.type}/${path.id}`;
    const sentence = removed ? `${reference} was deleted.` : `${reference} was not there; nothing was deleted.`;
    return { status: 200, headers: own, text: remarksOutcome([sentence]) };
  };
}
