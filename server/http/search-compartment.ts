import type { Searches } from '../booking/index.js';
import { PATIENT_COMPARTMENT } from '../fhir/index.js';
import type { Handler } from './exchange.js';
import { searchsetText } from './searchset.js';

/**
 * `GET [base]/Patient/[id]/[type]?…` and `POST [base]/Patient/[id]/[type]/_search`: what belongs to a patient.
 * https://hl7.org/fhir/R4/http.html#vsearch
 *
 * 200 a searchset, empty where there is no such Patient · 400 a parameter cannot be read
 */
export function searchCompartment(searches: Pick<Searches, 'search'>, type: string): Handler {
  const param = PATIENT_COMPARTMENT.get(type) ?? '';
  return async ({ path, params, context, presentation }) => {
    const patient = `Patient/${path.id}`;
    const answer = await searches.search(type, params, context, { param, target: patient });
    return { status: 200, text: searchsetText(answer, context.base, `${patient}/${type}`, presentation.params) };
  };
}
