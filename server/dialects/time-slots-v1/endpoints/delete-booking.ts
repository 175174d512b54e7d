import { OK } from '../answers.js';
import { bookingJson } from '../booking.js';
import { findBooking } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';

/** `DELETE /v1/bookings/{bookingID}`: 200 `"ok"` · 404. reservekit.md §3.3 */
export function deleteBooking(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    const last = await parts.transact(context, async (transaction) => {
      const { booking } = await findBooking(parts, transaction, number, context);
      await transaction.remove('Appointment', booking.appointment.id);
      return booking;
    });
    parts.tell('bookings.delete', bookingJson(last), last.service);
    return OK;
  };
}
