import { customerJson } from '../booking.js';
import { findBooking } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';

/** `GET /v1/bookings/{bookingID}/customer`: 200, be its fields null · 404 `booking_not_found`. reservekit.md §3.3 */
export function getCustomer(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    const { booking } = await parts.transact(context, (transaction) =>
      findBooking(parts, transaction, number, context),
    );
    return { data: customerJson(booking) };
  };
}
