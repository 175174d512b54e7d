import type { Patient } from 'fhir/r4.js';
import type { Bookings } from '../../booking/index.js';
import { namedResource, resourceOf, textOf } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { appointmentsAskedFor, schedulesAndPatients } from './appointment-inputs.js';
import { bookingAnswer } from './booking-answer.js';
import { named, optional, permissionOf, readInput } from './operation-input.js';

/**
 * `POST [base]/Appointment/$book`, also at one: https://hl7.org/fhir/R4/operations.html#executing
 * (IHE ITI-117, Argonaut, ISiK, Medplum: docs/operations.md §1.4)
 *
 * 201 booked · 200 a held one booked, or a booked one changed, moved, cancelled · 409 taken · 422 refused by a rule
 */
export function book(bookings: Pick<Bookings, 'book'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-book', true);
    const { base } = exchange.context;
    const { form, ...asked } = appointmentsAskedFor(input);
    const patients = named(input, 'patient-resource').map((one) => resourceOf(one, ['Patient'], base));
    const request = {
      ...asked,
      ...schedulesAndPatients(input),
      newPatients: patients.map(({ plain }) => plain as Patient),
      ...optional(input, 'cancelled-appt-id', 'cancelledAppointment', (one) => namedResource(one, 'Appointment', base)),
      ...optional(input, 'comment', 'comment', textOf),
      ...permissionOf(input),
    };
    const answer = await bookings.book(request, exchange.context);
    return bookingAnswer(answer, form, input, 'Appointment/$book');
  };
}
