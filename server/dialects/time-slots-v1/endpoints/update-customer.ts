import { customerJson } from '../booking.js';
import { changeBooking } from '../change-booking.js';
import { customerElements, customerFieldsOf, isContained, isCustomer, withFields } from '../customer.js';
import { ApiError } from '../errors.js';
import { bodyOf, FieldFaults, Fields } from '../fields.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';

/**
 * `PATCH /v1/bookings/{bookingID}/customer`: 200 the customer · 400, also for the Patient of a booking that was made by
 * FHIR: that one has other bookings too · 404. reservekit.md §3.3
 */
export function updateCustomer(parts: ApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const number = pathId(id);
    const faults = new FieldFaults();
    const asked = customerFieldsOf(new Fields(bodyOf(body), faults), '');
    faults.refuse();
    const booking = await changeBooking(parts, number, context, async (before, _service, transaction) => {
      const { appointment, customer } = before;
      if (!isContained(appointment)) {
        throw new ApiError('invalid_request', 'This customer is a Patient of other systems too; change it by FHIR');
      }
      const others = appointment.participant.filter((one) => !isCustomer(one));
      await transaction.amend('Appointment', appointment.id, {
        ...customerElements(withFields(customer, asked), others),
      });
    });
    return { data: customerJson(booking) };
  };
}
