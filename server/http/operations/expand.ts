import type { Clock } from '../../base/clock.js';
import { countOf, expandedValueSet, textOf, valueSetOf } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { optional, readStandardInput } from './operation-input.js';
import { shipped, subjectOf } from './terminology-input.js';

const PARAMETERS = new Map(['url', 'filter', 'offset', 'count'].map((name) => [name, false]));

/**
 * `GET` and `POST [base]/ValueSet/$expand`, `[base]/ValueSet/[id]/$expand`:
 * https://hl7.org/fhir/R4/valueset-operation-expand.html
 *
 * 200 the ValueSet with its codes · 400 · 404 a value set that this server does not ship
 */
export function expand(clock: Clock): Handler {
  return (exchange) => {
    const input = readStandardInput(exchange, PARAMETERS);
    const url = subjectOf(input, 'url');
    const question = {
      ...optional(input, 'filter', 'filter', textOf),
      ...optional(input, 'offset', 'offset', countOf),
      ...optional(input, 'count', 'count', countOf),
    };
    const known = shipped(valueSetOf(url), 'ValueSet', url);
    return { status: 200, text: JSON.stringify(expandedValueSet(known, question, clock.nowMs())) };
  };
}
