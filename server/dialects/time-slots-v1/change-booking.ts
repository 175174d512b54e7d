import type { RequestContext, Transaction } from '../../booking/index.js';
import { bookingJson, type Booking } from './booking.js';
import { bookingContext } from './door.js';
import { findBooking } from './lookup.js';
import type { ApiParts } from './parts.js';
import type { Service } from './service.js';

/** Elements of an Appointment; undefined takes one away. */
export type Elements = Readonly<Record<string, unknown>>;

/**
 * Changes a booking, and tells those who listen.
 *
 * @param change what is to be written of its Appointment, decided on the booking as it is
 * @returns the booking as it is then
 */
export async function changeBooking(
  parts: ApiParts,
  number: number,
  context: RequestContext,
  change: (booking: Booking, service: Service, transaction: Transaction) => Promise<void>,
): Promise<Booking> {
  const changed = await parts.transact(bookingContext(context), async (transaction) => {
    const { booking, service } = await findBooking(parts, transaction, number, context);
    await change(booking, service, transaction);
    return (await findBooking(parts, transaction, number, context)).booking;
  });
  parts.tell('bookings.update', bookingJson(changed), changed.service);
  return changed;
}
