import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { readService } from '../service.js';
import { inOrder, timeSlotJson } from '../time-slot.js';

/** `GET /v1/services/{serviceID}/time-slots`: 200, `data` is the list itself · 404. reservekit.md §3.2 */
export function listServiceTimeSlots({ transact, settings: { weekStart } }: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    const service = await transact(context, (transaction) => readService(transaction, number));
    return { data: inOrder(service.slots, weekStart).map((slot) => timeSlotJson(slot, service, weekStart, 'wall')) };
  };
}
