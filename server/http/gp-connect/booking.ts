import type { Appointment } from 'fhir/r4.js';
import { Fault, type Reason } from '../../base/fault.js';
import { localReference } from '../../fhir/index.js';

/**
 * What GP Connect asks of a booking beyond FHIR and the rules of this server:
 * https://developer.nhs.uk/apis/gpconnect-1-2-7/appointments_use_case_book_an_appointment.html
 *
 * @param sent valid FHIR, with relative references
 * @throws {Fault} with a reason for each thing that is missing or too much
 */
export function refuseOddBooking({ status, start, end, slot = [], participant, specialty }: Appointment): void {
  const isSlotHere = (reference: string | undefined) => localReference(reference, [])?.type === 'Slot';
  const isPatient = (reference: string | undefined) => localReference(reference, [])?.type === 'Patient';
  const reasons: readonly (Reason | false)[] = [
    status !== 'booked' && odd('status', 'An appointment is booked with the status booked.'),
    start === undefined && missing('start'),
    end === undefined && missing('end'),
    slot.length === 0 && missing('slot'),
    !slot.every(({ reference }) => isSlotHere(reference)) && odd('slot', 'Each slot refers to a Slot of this server.'),
    !participant.some(({ actor }) => isPatient(actor?.reference)) && odd('participant', 'A Patient has to take part.'),
    !participant.every(({ actor }) => actor) && odd('participant', 'Each participant has an actor.'),
    specialty !== undefined && odd('specialty', 'The specialty must not be given.'),
  ];
  const found = reasons.filter((reason) => reason !== false);
  if (found.length > 0) throw new Fault(found);
}

function missing(element: string): Reason {
  return { kind: 'required', message: `${element} is needed to book.`, expression: `Appointment.${element}` };
}

function odd(element: string, message: string): Reason {
  return { kind: 'invalid', message, expression: `Appointment.${element}` };
}
