import type { Searches } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { searchsetText } from './searchset.js';

/**
 * `GET [base]?_type=…`, `POST [base]/_search`, and of what belongs to a patient `GET [base]/Patient/[id]/*`: several
 * types at once. https://hl7.org/fhir/R4/http.html#search
 *
 * 200 a searchset, type by type · 400 a parameter cannot be read, `_type` names an unknown type · 422 too much
 */
export function searchSystem(searches: Pick<Searches, 'searchSystem'>): Handler {
  return async ({ path, params, context, presentation }) => {
    const patient = path.id === '' ? undefined : `Patient/${path.id}`;
    const answer = await searches.searchSystem(params, context, patient);
    const asked = patient === undefined ? '' : `${patient}/*`;
    return { status: 200, text: searchsetText(answer, context.base, asked, presentation.params) };
  };
}
