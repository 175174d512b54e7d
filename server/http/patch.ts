import type { Resources } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { ifMatchOf, refuseIfNoneMatch } from './preconditions.js';
import type { Patch } from '../fhir/index.js';
import { readJson } from './read-json.js';
import { targetOf } from './target.js';
import { writtenAnswer } from './version-answers.js';

/**
 * `PATCH [base]/[type]/[id]`, `PATCH [base]/[type]?…` with a JSON Patch or a merge patch:
 * https://hl7.org/fhir/R4/http.html#patch
 *
 * 200 changed · 400 no patch, or the result is not valid · 404, 410 · 412 another version than `If-Match`,
 * or several matches · 422
 */
export function patch(resources: Pick<Resources, 'patch'>): Handler {
  return async (exchange) => {
    const { path, headers, context } = exchange;
    refuseIfNoneMatch(headers['if-none-match']);
    const ifMatch = ifMatchOf(headers['if-match']);
    const patch = { kind: kindOf(headers['content-type']), body: readJson(exchange) };
    return writtenAnswer(await resources.patch(path.type, targetOf(exchange), patch, context, ifMatch), exchange);
  };
}

/** Plain JSON is a merge patch: fhirpy sends it so. */
function kindOf(mediaType: string | undefined): Patch['kind'] {
  return /^\s*application\/json-patch\+json/i.test(mediaType ?? '') ? 'json' : 'merge';
}
