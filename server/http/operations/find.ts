import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { searchsetText } from '../searchset.js';
import { findRequestOf, withoutEffectNotices } from './find-request.js';
import { readInput } from './operation-input.js';

/**
 * `GET [base]/Appointment/$find` and `POST [base]/Appointment/$find`: https://hl7.org/fhir/R4/operations.html#executing
 * (IHE ITI-115, Argonaut, Medplum: docs/operations.md §1.2)
 *
 * 200 a searchset of proposals, empty where no time is free · 400 a parameter cannot be read · 422 too much
 */
export function find(bookings: Pick<Bookings, 'find'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-find');
    const { context, presentation } = exchange;
    const answer = await bookings.find(findRequestOf(input), context);
    const { total, self, next, proposals } = answer;
    const found = {
      total,
      self,
      ...(next && { next }),
      matches: proposals.map((one) => ({ type: 'Appointment', id: one.id, text: JSON.stringify(one) })),
      included: [],
      remarks: [...answer.notices, ...withoutEffectNotices(input), ...input.notices],
    };
    return { status: 200, text: searchsetText(found, context.base, 'Appointment/$find', presentation.params) };
  };
}
