import type { Bookings } from '../../booking/index.js';
import { namedResource, timeOf } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { bookingAnswer } from './booking-answer.js';
import { named, permissionOf, readInput, required } from './operation-input.js';

/**
 * `POST [base]/Appointment/[id]/$reschedule`: https://hl7.org/fhir/R4/operations.html#executing
 * (Medplum: docs/operations.md §1.7)
 *
 * 200 moved, under its id, with its Slots · 404 · 409 the new time is taken: the old one is kept · 422
 */
export function reschedule(bookings: Pick<Bookings, 'reschedule'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-reschedule');
    const { path, context } = exchange;
    const request = {
      start: required(input, 'start', (parameter) => timeOf(parameter, false)),
      schedules: named(input, 'schedule').map((one) => namedResource(one, 'Schedule', context.base)),
      ...permissionOf(input),
    };
    const answer = await bookings.reschedule(path.id, request, context);
    return bookingAnswer(answer, 'transaction-response', input, `Appointment/${path.id}/$reschedule`);
  };
}
