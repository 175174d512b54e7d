import type { Resources } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { ifMatchOf, refuseIfNoneMatch } from './preconditions.js';
import { readJson } from './read-json.js';
import { writtenAnswer } from './version-answers.js';

/**
 * `PATCH [base]/[type]/[id]` with a JSON Patch: https://hl7.org/fhir/R4/http.html#patch
 *
 * 200 changed · 400 no patch, or the result is not valid · 404, 410 · 412 another version than `If-Match` · 422
 */
export function patch(resources: Pick<Resources, 'patch'>): Handler {
  return async (exchange) => {
    const { path, headers, context } = exchange;
    refuseIfNoneMatch(headers['if-none-match']);
    const ifMatch = ifMatchOf(headers['if-match']);
    return writtenAnswer(await resources.patch(path.type, path.id, readJson(exchange), context, ifMatch), exchange);
  };
}
