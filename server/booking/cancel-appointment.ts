import type { Appointment, CodeableConcept } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { unchanged, writeAppointment, type Operation, type Outcome, type Stored } from './operation-write.js';

/** What can be cancelled by an operation (operations.md §1.6). */
const CANCELLABLE: readonly Appointment['status'][] = ['pending', 'booked', 'arrived'];

/**
 * Cancels an Appointment: its time is free at once. One that is cancelled stays as it is.
 *
 * @throws {Fault} `rule` for any other status, `conflict` and `forbidden` for a hold without its key
 */
export async function cancelAppointment(
  operation: Operation,
  stored: Stored,
  reason?: CodeableConcept,
): Promise<Outcome> {
  const { id, appointment, exact } = stored;
  const { status } = appointment;
  if (status === 'cancelled') return unchanged(stored);
  if (!CANCELLABLE.includes(status)) {
    throw fault('rule', `An Appointment that is ${status} cannot be cancelled.`, 'Appointment.status');
  }
  const cancelled = { ...exact, status: 'cancelled', ...(reason && { cancelationReason: reason }) };
  return writeAppointment(operation, id, cancelled);
}
