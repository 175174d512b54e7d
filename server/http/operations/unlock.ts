import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { slotAnswer } from './booking-answer.js';
import { keyOf, preconditionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Slot/[id]/$unlock`: https://hl7.org/fhir/R4/operations.html#executing (docs/operations.md §1.8)
 *
 * 200 no longer locked, or never was · 403 another key · 404
 */
export function unlock(bookings: Pick<Bookings, 'unlock'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Slot-unlock');
    const request = { key: keyOf(input), ...preconditionOf(input) };
    return slotAnswer(await bookings.unlock(exchange.path.id, request, exchange.context), exchange);
  };
}
