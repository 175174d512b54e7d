import { fault } from '../../base/fault.js';
import type { Param, Searches } from '../../booking/index.js';
import { parametersOf, parseJson, type Parameter } from '../../fhir/index.js';
import type { Exchange, Handler } from '../exchange.js';
import { searchsetText } from '../searchset.js';

/**
 * `GET [base]/Patient/[id]/$everything`, `GET [base]/Patient/$everything`, and both by POST:
 * https://hl7.org/fhir/R4/patient-operation-everything.html
 *
 * 200 a searchset: what belongs to the patient as matches, what it refers to as included · 400 a parameter cannot be
 * read · 404 · 410 · 422 too much
 */
export function everything(searches: Pick<Searches, 'everything'>): Handler {
  return async (exchange) => {
    const { path, context, presentation } = exchange;
    const patient = path.id === '' ? undefined : path.id;
    const answer = await searches.everything(patient, paramsOf(exchange), context);
    const asked = patient === undefined ? 'Patient/$everything' : `Patient/${patient}/$everything`;
    return { status: 200, text: searchsetText(answer, context.base, asked, presentation.params) };
  };
}

/** Those of the query, then those of the body, as a query would have them: the next page is asked by GET. */
function paramsOf({ params, body }: Exchange): readonly Param[] {
  return body === undefined ? params : [...params, ...parametersOf(parseJson(body)).map(paramOf)];
}

function paramOf({ name, value, place }: Parameter): Param {
  if (typeof value?.plain === 'string' || typeof value?.plain === 'number') return [name, String(value.plain)];
  throw fault('invalid', `${name} has a single value, as valueDate, valueInstant, valueCode or valueInteger.`, place);
}
