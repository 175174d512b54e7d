import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { bookingAnswer } from './booking-answer.js';
import { permissionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Appointment/[id]/$confirm`: https://hl7.org/fhir/R4/operations.html#executing
 * (Medplum: docs/operations.md §1.5)
 *
 * 200 booked, with its Slots · 404 · 409 its hold has ended, or its status is another
 */
export function confirm(bookings: Pick<Bookings, 'confirm'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-confirm');
    const { id } = exchange.path;
    const answer = await bookings.confirm(id, permissionOf(input), exchange.context);
    return bookingAnswer(answer, 'transaction-response', input, `Appointment/${id}/$confirm`);
  };
}
