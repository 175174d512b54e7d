import type { Bookings } from '../../booking/index.js';
import { instantOf } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { slotAnswer } from './booking-answer.js';
import { keyOf, preconditionOf, readInput, required } from './operation-input.js';

/**
 * `POST [base]/Slot/[id]/$lock`: https://hl7.org/fhir/R4/operations.html#executing (docs/operations.md §1.8)
 *
 * 200 busy-tentative until the time in `Expires` · 404 · 409 another has it · 422 not lockable, or for too long
 */
export function lock(bookings: Pick<Bookings, 'lock'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Slot-lock');
    const request = { untilMs: required(input, 'until', instantOf), key: keyOf(input), ...preconditionOf(input) };
    return slotAnswer(await bookings.lock(exchange.path.id, request, exchange.context), exchange);
  };
}
