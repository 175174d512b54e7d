import { bodyOf, FieldFaults, Fields } from '../fields.js';
import { numbersForNew, slotsAfter } from '../change-slots.js';
import { NUMBERED } from '../lookup.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { createService as create, readService, serviceJson, serviceKey } from '../service.js';
import { serviceFieldsOf } from '../service-fields.js';
import { timeSlotFieldsOf } from '../time-slot-fields.js';

/** `POST /v1/services`: 201 the service, without the time slots that were made with it. reservekit.md §3.1 */
export function createService(parts: ApiParts): Endpoint {
  return async ({ body, context }) => {
    const faults = new FieldFaults();
    const fields = new Fields(bodyOf(body), faults);
    const { name = '', description, zone = 'UTC' } = serviceFieldsOf(fields, true);
    const { weekStart } = parts.settings;
    const entries = (fields.list('time_slots') ?? []).map((one) => timeSlotFieldsOf(one, zone, weekStart, false));
    faults.refuse();
    const numbers = await numbersForNew(parts, entries, 0, context);
    const number = await parts.numbers.next(NUMBERED.service, (one) =>
      parts.transact(
        context,
        async (transaction) => (await transaction.read('HealthcareService', serviceKey(one))) !== undefined,
      ),
    );
    const nowMs = parts.clock.nowMs();
    const slots = slotsAfter([], entries, numbers, faults, nowMs);
    const service = await parts.transact(context, async (transaction) => {
      await create(transaction, { number, name, description: description ?? undefined, zone, slots }, nowMs);
      return readService(transaction, number);
    });
    return { status: 201, data: serviceJson(service) };
  };
}
