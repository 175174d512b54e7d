import { mergedSlots, numbersForNew, slotsAfter } from '../change-slots.js';
import { bodyOf, FieldFaults, Fields } from '../fields.js';
import { finishMoves, moveBookings } from '../move-bookings.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { readService, serviceKey, slotElements } from '../service.js';
import { timeSlotJson } from '../time-slot.js';
import { timeSlotFieldsOf } from '../time-slot-fields.js';

/**
 * `PATCH /v1/time-slots`: changes those that have an `id`, makes those that have none, all or nothing · 200 them all,
 * in the order of the request · 404 `time_slot_not_found`. `PUT` is the same. reservekit.md §3.2
 */
export function updateTimeSlots(parts: ApiParts): Endpoint {
  return async ({ body, context }) => {
    const faults = new FieldFaults();
    const fields = new Fields(bodyOf(body), faults);
    const number = fields.integer('service_id', 1, Number.MAX_SAFE_INTEGER, { required: true });
    const list = fields.list('time_slots', { required: true }) ?? [];
    if (number === undefined) faults.refuse();
    const known = await parts.transact(context, (transaction) => readService(transaction, number ?? 0));
    const { weekStart } = parts.settings;
    const entries = list.map((one) => timeSlotFieldsOf(one, known.zone, weekStart, true));
    faults.refuse();
    const numbers = await numbersForNew(parts, entries, known.slots.length, context);
    const { changed, ...moves } = await parts.transact(context, async (transaction) => {
      const service = await readService(transaction, known.number);
      const changed = slotsAfter(service.slots, entries, numbers, faults, parts.clock.nowMs());
      const slots = mergedSlots(service.slots, changed);
      const after = { zone: service.zone, slots };
      const moved = await moveBookings(parts, transaction, service, after);
      if (changed.length > 0) {
        await transaction.amend('Schedule', serviceKey(service.number), slotElements(service.schedule, slots));
      }
      return { before: service, after, moved, changed };
    });
    await finishMoves(parts, context, moves);
    return { data: changed.map((slot) => timeSlotJson(slot, moves.before, weekStart, 'wall')) };
  };
}
