import { fault } from '../../base/fault.js';
import { codeSystemOf } from '../../fhir/index.js';
import type { Answer, Exchange } from '../exchange.js';
import { readStandardInput } from './operation-input.js';
import { codingsOf, parametersText, shipped } from './terminology-input.js';

const PARAMETERS = new Map(['code', 'system', 'coding'].map((name) => [name, false]));

/**
 * `GET` and `POST [base]/CodeSystem/$lookup`: https://hl7.org/fhir/R4/codesystem-operation-lookup.html
 *
 * 200 Parameters with the word for a code · 400 · 404 a code system, or a code, that this server does not ship
 */
export function lookup(exchange: Exchange): Answer {
  const [{ system = '', code = '' } = {}] = codingsOf(readStandardInput(exchange, PARAMETERS));
  if (system === '') throw fault('required', 'A code is looked up in a system: give both.', 'system');
  const { definition, concepts } = shipped(codeSystemOf(system), 'CodeSystem', system);
  const concept = concepts.get(code);
  if (!concept) throw fault('not-found', `${definition.url} has no code '${code}'.`, 'code');
  const { name, version } = definition;
  const text = parametersText([
    { name: 'name', valueString: name },
    ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
    { name: 'display', valueString: concept.display ?? code },
  ]);
  return { status: 200, text };
}
