import { fault } from '../base/fault.js';
import type { Param, Resources } from '../booking/index.js';
import type { Exchange, Handler } from './exchange.js';
import { refuseIfNoneMatch } from './preconditions.js';
import { parseParams } from './query-params.js';
import { readJson } from './read-json.js';
import { writtenAnswer } from './version-answers.js';

/**
 * `POST [base]/[type]`: https://hl7.org/fhir/R4/http.html#create and #ccreate
 *
 * 201 created · 200 one match of `If-None-Exist` · 400 not valid · 412 several matches · 409, 422 refused by a rule
 */
export function create(resources: Pick<Resources, 'create'>): Handler {
  return async (exchange) => {
    refuseIfNoneMatch(exchange.headers['if-none-match']);
    const condition = ifNoneExistOf(exchange);
    const body = readJson(exchange);
    return writtenAnswer(await resources.create(exchange.path.type, body, exchange.context, condition), exchange);
  };
}

/**
 * The condition, from the header or, as fhirpy's get_or_create sends it, from the query: never ignored, since that
 * would create what is there already. A `?` or `[type]?` before it is tolerated.
 * @throws {Fault} `malformed`
 */
export function ifNoneExistOf({ headers, params }: Exchange): readonly Param[] | undefined {
  const header = headers['if-none-exist'];
  if (header === undefined) return params.length > 0 ? params : undefined;
  if (params.length > 0) throw fault('malformed', 'Give the condition in If-None-Exist or in the query, not in both.');
  const condition = parseParams(String(header).replace(/^[^=]*\?/, ''), 'header If-None-Exist');
  if (condition.length === 0) throw fault('malformed', 'If-None-Exist holds no search, like identifier=a|b.');
  return condition;
}
