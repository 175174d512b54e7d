import { OK } from '../answers.js';
import { findTimeSlot } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { serviceKey, slotElements } from '../service.js';

/** `DELETE /v1/time-slots/{timeSlotID}`: 200 `"ok"` · 404. Its bookings stay. reservekit.md §3.2 */
export function deleteTimeSlot(parts: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    await parts.transact(context, async (transaction) => {
      const { service } = await findTimeSlot(parts, transaction, number, context);
      const left = service.slots.filter((slot) => slot.number !== number);
      await transaction.amend('Schedule', serviceKey(service.number), slotElements(service.schedule, left));
    });
    return OK;
  };
}
