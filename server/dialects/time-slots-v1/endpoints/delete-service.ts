import type { RequestContext } from '../../../booking/index.js';
import { OK } from '../answers.js';
import { bookingJson, type Booking } from '../booking.js';
import { ApiError } from '../errors.js';
import { bookingsAmong } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { isAnyLeft, serviceIn, serviceKey } from '../service.js';

/** So many bookings go in one commit. */
const BOOKINGS_PER_COMMIT = 100;

/**
 * `DELETE /v1/services/{serviceID}`: 200 `"ok"` · 404. Its time slots and bookings go with it; of very many bookings
 * the first go in commits of their own, after which the request may come again. reservekit.md §3.1
 */
export function deleteService(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    for (let isDeleted = false; !isDeleted;) {
      const { bookings, ...step } = await deleteSome(parts, number, context);
      for (const booking of bookings) parts.tell('bookings.delete', bookingJson(booking), number);
      isDeleted = step.isDeleted;
    }
    return OK;
  };
}

/** What one commit has deleted. */
interface Deleted {
  /** The service too. */
  readonly isDeleted: boolean;
  /** In their last state; none where other clients have deleted half of the service before. */
  readonly bookings: readonly Booking[];
}

function deleteSome(parts: ApiParts, number: number, context: RequestContext): Promise<Deleted> {
  return parts.transact(context, async (transaction) => {
    const isLeft = await isAnyLeft(transaction, number);
    if (!isLeft) throw new ApiError('service_not_found', `No service has the id ${number}`);
    const key = serviceKey(number);
    const service = await serviceIn(transaction, number);
    const all = await parts.places.appointmentsOn(key);
    const some = all.slice(0, BOOKINGS_PER_COMMIT);
    const bookings = service ? await bookingsAmong(parts, transaction, service, some) : [];
    for (const { id } of some) await transaction.remove('Appointment', id);
    if (all.length > some.length) return { isDeleted: false, bookings };
    await transaction.remove('Schedule', key);
    await transaction.remove('HealthcareService', key);
    return { isDeleted: true, bookings };
  });
}
