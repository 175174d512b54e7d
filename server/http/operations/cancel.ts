import { fault } from '../../base/fault.js';
import type { Bookings } from '../../booking/index.js';
import { conceptOf, idOf } from '../../fhir/index.js';
import type { Handler } from '../exchange.js';
import { bookingAnswer, transactionResponse } from './booking-answer.js';
import { named, optional, permissionOf, readInput, type OperationInput } from './operation-input.js';

/**
 * `POST [base]/Appointment/$cancel`, also at one: https://hl7.org/fhir/R4/operations.html#executing
 * (Medplum: docs/operations.md §1.6)
 *
 * 200 cancelled, its time is free · 404 · 422 too late for its status
 */
export function cancel(bookings: Pick<Bookings, 'cancel'>): Handler {
  return async (exchange) => {
    const input = readInput(exchange, 'Appointment-cancel');
    const request = { ...permissionOf(input), ...optional(input, 'reason', 'reason', conceptOf) };
    const answer = await bookings.cancel(appointmentId(input), request, exchange.context);
    const whole = bookingAnswer(answer, 'searchset', input, 'Appointment/$cancel');
    const isMedplum = named(input, 'appointment-reference').length > 0;
    if (!isMedplum || exchange.returns !== 'representation') return whole;
    const bundle = transactionResponse({ appointments: answer.appointments, slots: [] });
    const parameters = `{"resourceType":"Parameters","parameter":[{"name":"return","resource":${bundle}}]}`;
    return { ...whole, text: parameters };
  };
}

/** The one that the URL and the parameters name. @throws {Fault} `required`; `invalid` where they disagree */
function appointmentId(input: OperationInput): string {
  const { path, context } = input.exchange;
  const parameters = named(input, 'appointment-reference', 'appt-id');
  const asked = parameters.map((one) => ({ place: one.place, id: idOf(one, 'Appointment', context.base) }));
  const id = path.id === '' ? asked[0]?.id : path.id;
  if (id === undefined)
    throw fault('required', 'The parameter appointment-reference is needed.', 'Parameters.parameter');
  const other = asked.find((one) => one.id !== id);
  if (other) throw fault('invalid', `This names another Appointment than ${id}.`, other.place);
  return id;
}
