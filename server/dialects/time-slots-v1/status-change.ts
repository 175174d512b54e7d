import type { Appointment } from 'fhir/r4.js';
import { BECOMES, type Booking, type BookingStatus } from './booking.js';
import type { Elements } from './change-booking.js';
import { ApiError } from './errors.js';

/** What a booking may become, beside what it is. */
const NEXT: Readonly<Record<BookingStatus, readonly BookingStatus[]>> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['cancelled'],
  cancelled: [],
};

/** Statuses that FHIR clients give and that nothing follows here, though the booking shows as confirmed. */
const FINAL: readonly Appointment['status'][] = ['fulfilled'];

/**
 * The elements that give a booking a status; none where it has it, or none is asked for.
 *
 * @throws {ApiError} `invalid_status_transition`
 */
export function statusElements(
  { status, appointment }: Booking,
  asked: BookingStatus | undefined,
  reason?: string,
): Elements {
  if (asked === undefined || asked === status) return {};
  const isOver = FINAL.includes(appointment.status);
  if (isOver || !NEXT[status].includes(asked)) {
    const shown = isOver ? appointment.status : status;
    throw new ApiError('invalid_status_transition', `A booking that is ${shown} cannot become ${asked}`);
  }
  const isTold = asked === 'cancelled' && reason !== undefined;
  return { status: BECOMES[asked], ...(isTold && { cancelationReason: { text: reason } }) };
}
