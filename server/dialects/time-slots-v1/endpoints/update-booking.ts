import { asFull } from '../book.js';
import { bookingJson, STATUSES, type Booking } from '../booking.js';
import { dateField, refuseWeekday } from '../booking-date.js';
import { changeBooking } from '../change-booking.js';
import { ApiError } from '../errors.js';
import { bodyOf, FieldFaults, Fields } from '../fields.js';
import { timeElements } from '../move-bookings.js';
import { appointmentsOn, placeOn, refuseFull, type SlotOnDate } from '../on-date.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import type { Service } from '../service.js';
import { statusElements } from '../status-change.js';
import { poolOfSlot } from '../time-slot.js';

/**
 * `PATCH /v1/bookings/{bookingID}`: 200 the booking · 400 `time_slot_full` for a date that is · 404 · 422
 * `invalid_status_transition`. reservekit.md §3.3
 */
export function updateBooking(parts: ApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const number = pathId(id);
    const faults = new FieldFaults();
    const fields = new Fields(bodyOf(body), faults);
    dateField(fields, 'UTC', false);
    const status = fields.oneOf('status', STATUSES);
    const reason = fields.text('cancel_reason');
    const message = fields.text('message');
    faults.refuse();
    const booking = await changeBooking(parts, number, context, async (before, service, transaction) => {
      if (status === 'cancelled' && before.status !== 'cancelled') fields.text('cancel_reason', { required: true });
      faults.refuse();
      const moved = dateField(fields, service.zone, false);
      const on = moved && moved.date !== before.date ? slotOn(parts, before, service, moved.date) : undefined;
      const elements = {
        ...statusElements(before, status, reason),
        ...(on && timeElements(service.number, placeOn(on), service.zone)),
        ...(fields.has('message') && { comment: message }),
      };
      const occupies = before.status !== 'cancelled' && status !== 'cancelled';
      const pool = on && occupies ? poolOfSlot(before.timeSlot) : undefined;
      if (on && occupies) refuseFull(await appointmentsOn(transaction, on), on.slot);
      await asFull(() => transaction.amend('Appointment', before.appointment.id, elements, pool));
    });
    return { data: bookingJson(booking) };
  };
}

/** The same time slot on another date. @throws {ApiError} `time_slot_not_found` where that is gone */
function slotOn({ settings }: ApiParts, { timeSlot }: Booking, service: Service, date: string): SlotOnDate {
  const slot = service.slots.find((one) => one.number === timeSlot);
  if (!slot) throw new ApiError('time_slot_not_found', `Time slot ${timeSlot} is gone, so its bookings stay`);
  refuseWeekday(settings, slot, date);
  return { service, slot, date };
}
