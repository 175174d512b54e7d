import type { Resources } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { expectedOf } from './preconditions.js';
import { readJson } from './read-json.js';
import { targetOf } from './target.js';
import { writtenAnswer } from './version-answers.js';

/**
 * `PUT [base]/[type]/[id]`, `PUT [base]/[type]?…`: https://hl7.org/fhir/R4/http.html#update, #upsert and #cond-update
 *
 * 200 changed · 201 created under this id · 400 not valid · 412 another version than `If-Match`, any version with
 * `If-None-Match: *`, or several matches · 409, 422 refused
 */
export function update(resources: Pick<Resources, 'update'>): Handler {
  return async (exchange) => {
    const { path, headers, context } = exchange;
    const expected = expectedOf(headers);
    const body = readJson(exchange);
    return writtenAnswer(await resources.update(path.type, targetOf(exchange), body, context, expected), exchange);
  };
}
