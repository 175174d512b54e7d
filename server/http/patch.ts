import type { Resources } from '../booking/index.js';
import type { Exchange, Handler } from './exchange.js';
import { ifMatchOf, refuseIfNoneMatch } from './preconditions.js';
import { isObject, type Patch } from '../fhir/index.js';
import { readJson } from './read-json.js';
import { mediaTypeOf } from './request-body.js';
import { targetOf } from './target.js';
import { writtenAnswer } from './version-answers.js';

/**
 * `PATCH [base]/[type]/[id]`, `PATCH [base]/[type]?…` with a JSON Patch, a merge patch or a FHIRPath Patch:
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
    const written = await resources.patch(path.type, targetOf(exchange), patchOf(exchange), context, ifMatch);
    return writtenAnswer(written, exchange);
  };
}

/**
 * The patch in a body. Plain JSON is a FHIRPath Patch where it is Parameters, else a merge patch: fhirpy sends it so.
 * @throws {Fault} as `readJson`
 */
export function patchOf(exchange: Exchange): Patch {
  const type = mediaTypeOf(exchange.headers['content-type'] ?? '');
  const body = readJson(exchange);
  return { kind: kindOf(type, body.plain), body };
}

function kindOf(type: string, body: unknown): Patch['kind'] {
  if (type === 'application/json-patch+json') return 'json';
  if (type === 'application/merge-patch+json') return 'merge';
  const isParameters = isObject(body) && body['resourceType'] === 'Parameters';
  return type === 'application/fhir+json' || isParameters ? 'fhirpath' : 'merge';
}
