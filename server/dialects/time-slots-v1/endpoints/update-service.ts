import { mergedSlots, numbersForNew, slotsAfter } from '../change-slots.js';
import { bodyOf, FieldFaults, Fields } from '../fields.js';
import { finishMoves, moveBookings } from '../move-bookings.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { nameElements, readService, scheduleElements, serviceJson, serviceKey } from '../service.js';
import { serviceFieldsOf } from '../service-fields.js';
import { timeSlotFieldsOf } from '../time-slot-fields.js';

/**
 * `PATCH /v1/services/{serviceID}`: 200 the service · 404. Clock times stay when the zone changes, and so the
 * bookings to come move. reservekit.md §3.1
 */
export function updateService(parts: ApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const number = pathId(id);
    const faults = new FieldFaults();
    const fields = new Fields(bodyOf(body), faults);
    const { name, description, zone: zoneAsked } = serviceFieldsOf(fields, false);
    const known = await parts.transact(context, (transaction) => readService(transaction, number));
    const { weekStart } = parts.settings;
    const entries = (fields.list('time_slots') ?? []).map((one) =>
      timeSlotFieldsOf(one, zoneAsked ?? known.zone, weekStart, true),
    );
    faults.refuse();
    const numbers = await numbersForNew(parts, entries, known.slots.length, context);
    const { service, ...moves } = await parts.transact(context, async (transaction) => {
      const before = await readService(transaction, number);
      const changed = slotsAfter(before.slots, entries, numbers, faults, parts.clock.nowMs());
      const after = { zone: zoneAsked ?? before.zone, slots: mergedSlots(before.slots, changed) };
      const moved = await moveBookings(parts, transaction, before, after);
      const isScheduleChanged = after.zone !== before.zone || changed.length > 0;
      const elements = {
        ...(isScheduleChanged && scheduleElements(before.schedule, after)),
        ...(name !== undefined && nameElements(before.schedule, name)),
      };
      if (Object.keys(elements).length > 0) await transaction.amend('Schedule', serviceKey(number), elements);
      await transaction.amend('HealthcareService', serviceKey(number), {
        ...(name !== undefined && { name }),
        ...(description !== undefined && { comment: description ?? undefined }),
      });
      return { before, after, moved, service: await readService(transaction, number) };
    });
    await finishMoves(parts, context, moves);
    return { data: serviceJson(service) };
  };
}
