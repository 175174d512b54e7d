import { answerBatch, answerTransaction, type BundleParts } from './bundle-answers.js';
import { readBundle } from './bundle-entries.js';
import { bundleResponse } from './bundle-response.js';
import type { Handler } from './exchange.js';
import { readJson } from './read-json.js';

/**
 * `POST [base]` with a Bundle: https://hl7.org/fhir/R4/http.html#transaction
 *
 * 200 one answer for each entry, in their order · of a transaction: whatever one of its writes is refused with. What a
 * transaction reads it reads after its commit; that something is not there is told in its entry.
 */
export function bundle(parts: BundleParts): Handler {
  return async (exchange) => {
    const { type, entries } = readBundle(readJson(exchange));
    const answers = await (type === 'batch' ? answerBatch : answerTransaction)(parts, exchange, entries);
    return { status: 200, text: bundleResponse(type, answers) };
  };
}
