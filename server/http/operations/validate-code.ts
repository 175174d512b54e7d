import { codeSystemOf, judgedCode, valueSetOf, type CodeJudgement } from '../../fhir/index.js';
import type { Answer, Exchange } from '../exchange.js';
import { readStandardInput } from './operation-input.js';
import { codingsOf, parametersText, shipped, subjectOf } from './terminology-input.js';

const NAMES = ['url', 'code', 'system', 'display', 'coding', 'codeableConcept'];
const PARAMETERS = new Map(NAMES.map((name) => [name, false]));

/**
 * `GET` and `POST [base]/ValueSet/$validate-code`, `[base]/ValueSet/[id]/$validate-code`, and of CodeSystems the same:
 * https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 *
 * 200 Parameters with `result`, and why not · 400 · 404 a value set or code system that this server does not ship
 */
export function validateCode(exchange: Exchange): Answer {
  const input = readStandardInput(exchange, PARAMETERS);
  const { type } = exchange.path;
  const url = subjectOf(input, 'url');
  const codings = codingsOf(input);
  const known = type === 'ValueSet' ? valueSetOf(url) : codeSystemOf(url);
  const { definition, bySystem } = shipped(known, type, url);
  return { status: 200, text: textOfJudgement(judgedCode(codings, bySystem, definition.url)) };
}

function textOfJudgement({ result, message, display }: CodeJudgement): string {
  return parametersText([
    { name: 'result', valueBoolean: result },
    ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
    ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
  ]);
}
