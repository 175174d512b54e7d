import { instantOf } from '../../fhir/index.js';
import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import { appointmentsAskedFor, schedulesAndPatients } from './appointment-inputs.js';
import { bookingAnswer } from './booking-answer.js';
import { optional, permissionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Appointment/$hold`, also at one: https://hl7.org/fhir/R4/operations.html#executing
 * (IHE ITI-116, Argonaut, Medplum: docs/operations.md §1.3)
 *
 * 201 held until the time in `Expires` · 200 a hold was renewed · 409 taken · 422 refused by a rule · 429 too many
 */
export function hold(bookings: Pick<Bookings, 'hold'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-hold', true);
    const { appointments, form } = appointmentsAskedFor(input);
    const request = {
      appointment: appointments[0],
      ...schedulesAndPatients(input),
      ...optional(input, 'until', 'untilMs', instantOf),
      ...permissionOf(input),
    };
    const answer = await bookings.hold(request, exchange.context);
    return bookingAnswer(answer, form, input, 'Appointment/$hold');
  };
}
