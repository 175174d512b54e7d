import { book } from '../book.js';
import { bookingJson, bookingKey } from '../booking.js';
import { dateField, refuseWeekday } from '../booking-date.js';
import { customerFieldsOf, withFields } from '../customer.js';
import { bookingContext } from '../door.js';
import { ApiError } from '../errors.js';
import { bodyOf, FieldFaults, Fields } from '../fields.js';
import { findBooking, findTimeSlot, NUMBERED } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';

/**
 * `POST /v1/bookings`: 201 the booking · 400 `duplicate_booking`, `time_slot_full` · 404 `time_slot_not_found`.
 * reservekit.md §3.3
 */
export function createBooking(parts: ApiParts): Endpoint {
  return async ({ query, body, context }) => {
    const serviceAsked = query.number('service_id');
    const faults = new FieldFaults();
    const fields = new Fields(bodyOf(body), faults);
    dateField(fields, 'UTC', true);
    const slotNumber = fields.integer('time_slot_id', 1, Number.MAX_SAFE_INTEGER, { required: true }) ?? 0;
    const customer = withFields({}, customerFieldsOf(fields, 'customer_'));
    const message = fields.text('message');
    faults.refuse();
    await parts.transact(context, (transaction) => findTimeSlot(parts, transaction, slotNumber, context));
    const number = await parts.numbers.next(NUMBERED.booking, (one) =>
      parts.transact(
        context,
        async (transaction) => (await transaction.read('Appointment', bookingKey(one))) !== undefined,
      ),
    );
    const made = await parts.transact(bookingContext(context), async (transaction) => {
      const { service, slot } = await findTimeSlot(parts, transaction, slotNumber, context);
      if (serviceAsked !== undefined && serviceAsked !== service.number) {
        throw new ApiError('time_slot_not_found', `Service ${serviceAsked} has no time slot with the id ${slotNumber}`);
      }
      const { date = '', asTimestamp = false } = dateField(fields, service.zone, true) ?? {};
      refuseWeekday(parts.settings, slot, date);
      await book(transaction, { number, service, slot, date, customer, message }, parts.clock.nowMs());
      const { booking } = await findBooking(parts, transaction, number, context);
      return { json: bookingJson(booking, asTimestamp), service: service.number };
    });
    parts.tell('bookings.create', made.json, made.service);
    return { status: 201, data: made.json };
  };
}
