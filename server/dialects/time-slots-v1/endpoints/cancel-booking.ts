import { bookingJson } from '../booking.js';
import { changeBooking } from '../change-booking.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { statusElements } from '../status-change.js';

/** `POST /v1/bookings/{id}/cancel`: 200 the booking, cancelled, be it without a reason · 404. reservekit.md §3.4 */
export function cancelBooking(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const booking = await changeBooking(parts, pathId(id), context, async (before, _service, transaction) => {
      await transaction.amend('Appointment', before.appointment.id, statusElements(before, 'cancelled'));
    });
    return { data: bookingJson(booking) };
  };
}
