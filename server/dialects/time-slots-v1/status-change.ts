import { BECOMES, type Booking, type BookingStatus } from './booking.js';
import type { Elements } from './change-booking.js';
import { ApiError } from './errors.js';

/** What a booking may become, beside what it is. */
const NEXT: Readonly<Record<BookingStatus, readonly BookingStatus[]>> = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['cancelled'],
  cancelled: [],
};

/**
 * The elements that give a booking a status; none where it has it, or none is asked for.
 *
 * @throws {ApiError} `invalid_status_transition`
 */
export function statusElements({ status }: Booking, asked: BookingStatus | undefined, reason?: string): Elements {
  if (asked === undefined || asked === status) return {};
  if (!NEXT[status].includes(asked)) {
    throw new ApiError('invalid_status_transition', `A booking that is ${status} cannot become ${asked}`);
  }
  const isTold = asked === 'cancelled' && reason !== undefined;
  return { status: BECOMES[asked], ...(isTold && { cancelationReason: { text: reason } }) };
}
