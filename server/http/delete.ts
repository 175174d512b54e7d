import type { Removed, Resources } from '../booking/index.js';
import type { Answer, Exchange, Handler } from './exchange.js';
import { entityTag, ifMatchOf, refuseIfNoneMatch } from './preconditions.js';
import { remarksOutcome } from './remarks-outcome.js';
import { targetOf } from './target.js';

/**
 * `DELETE [base]/[type]/[id]`, `DELETE [base]/[type]?…`: https://hl7.org/fhir/R4/http.html#delete and #3.1.0.7.1
 *
 * 204 gone now, or never was there · 200 with `Prefer: return=OperationOutcome` · 412 another version than `If-Match`,
 * or several matches
 */
export function remove(resources: Pick<Resources, 'remove'>): Handler {
  return async (exchange) => {
    const { path, headers, context } = exchange;
    refuseIfNoneMatch(headers['if-none-match']);
    const ifMatch = ifMatchOf(headers['if-match']);
    return removedAnswer(exchange, await resources.remove(path.type, targetOf(exchange), context, ifMatch));
  };
}

/** The answer to a deletion. @param removed undefined where there was nothing to delete */
export function removedAnswer({ path, returns }: Exchange, removed: Removed | undefined): Answer {
  const own = removed ? { ETag: entityTag(removed.versionId) } : {};
  if (returns !== 'OperationOutcome') return { status: 204, headers: own };
  const id = removed?.id ?? path.id;
  const reference = id === '' ? path.type : `${path.type}/${id}`;
  const sentence = removed ? `${reference} was deleted.` : `${reference} was not there; nothing was deleted.`;
  return { status: 200, headers: own, text: remarksOutcome([sentence]) };
}
