import type { Searches } from '../booking/index.js';
import type { Handler } from './exchange.js';
import { searchsetText } from './searchset.js';

/**
 * `GET [base]/[type]?…` and `POST [base]/[type]/_search`: https://hl7.org/fhir/R4/http.html#search
 *
 * 200 a searchset, empty where nothing matches · 400 a parameter cannot be read · 422 too much was asked for
 */
export function search(searches: Pick<Searches, 'search'>): Handler {
  return async ({ path, params, context, presentation }) => {
    const answer = await searches.search(path.type, params, context);
    return { status: 200, text: searchsetText(answer, context.base, path.type, presentation.params) };
  };
}
