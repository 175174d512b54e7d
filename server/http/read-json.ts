import { fault } from '../base/fault.js';
import { parseJson, type ParsedJson } from '../fhir/index.js';
import type { Exchange } from './exchange.js';

/**
 * The JSON of a body. Whether it is the resource that the path names is judged by the booking services, which
 * `load` goes through as well.
 * @throws {Fault} `malformed`, `invalid`; `required` where there is no body
 */
export function readJson(exchange: Exchange): ParsedJson {
  if (exchange.body === undefined) throw fault('required', 'The request has no body.');
  return parseJson(exchange.body);
}
