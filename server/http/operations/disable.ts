import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { slotAnswer } from './booking-answer.js';
import { preconditionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Slot/[id]/$disable`: https://hl7.org/fhir/R4/operations.html#executing (docs/operations.md §1.8)
 *
 * 200 busy-unavailable; its bookings stay · 404
 */
export function disable(bookings: Pick<Bookings, 'disable'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Slot-disable');
    return slotAnswer(await bookings.disable(exchange.path.id, preconditionOf(input), exchange.context), exchange);
  };
}
