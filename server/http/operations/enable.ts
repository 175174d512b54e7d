import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { slotAnswer } from './booking-answer.js';
import { preconditionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Slot/[id]/$enable`: https://hl7.org/fhir/R4/operations.html#executing (docs/operations.md §1.8)
 *
 * 200 what its claims say again · 404
 */
export function enable(bookings: Pick<Bookings, 'enable'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Slot-enable');
    return slotAnswer(await bookings.enable(exchange.path.id, preconditionOf(input), exchange.context), exchange);
  };
}
