import type { RequestContext } from '../../../booking/index.js';
import { OK } from '../answers.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { readService, serviceKey } from '../service.js';

/** So many bookings go in one commit. */
const BOOKINGS_PER_COMMIT = 100;

/**
 * `DELETE /v1/services/{serviceID}`: 200 `"ok"` · 404. Its time slots and bookings go with it; of very many bookings
 * the first go in commits of their own, after which the request may come again. reservekit.md §3.1
 */
export function deleteService(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    while (!(await deleteSome(parts, number, context)));
    return OK;
  };
}

/** Answers whether the service has gone too. */
function deleteSome({ transact, places }: ApiParts, number: number, context: RequestContext): Promise<boolean> {
  return transact(context, async (transaction) => {
    await readService(transaction, number);
    const key = serviceKey(number);
    const bookings = await places.appointmentsOn(key);
    for (const booking of bookings.slice(0, BOOKINGS_PER_COMMIT)) await transaction.remove('Appointment', booking.id);
    if (bookings.length > BOOKINGS_PER_COMMIT) return false;
    await transaction.remove('Schedule', key);
    await transaction.remove('HealthcareService', key);
    return true;
  });
}
