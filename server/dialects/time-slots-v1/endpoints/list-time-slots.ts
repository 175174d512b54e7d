import { FieldFaults, Fields } from '../fields.js';
import { pageOf, pagingOf } from '../paging.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { readService, type Service } from '../service.js';
import { inOrder, timeSlotJson } from '../time-slot.js';
import { withPlaces } from '../with-places.js';
import { bookingDateOf } from '../times.js';
import type { Query } from '../query.js';

/**
 * `GET /v1/time-slots?service_id=`: 200 the time slots of a service, in pages or all, with `date` also how many places
 * are left then · 400 · 404. A request that says nothing of pages is one of the Go SDK, which reads RFC 3339 only.
 * reservekit.md §3.2
 */
export function listTimeSlots(parts: ApiParts): Endpoint {
  return async ({ query, context }) => {
    const number = query.requiredNumber('service_id');
    const paging = pagingOf(query, false);
    const service = await parts.transact(context, (transaction) => readService(transaction, number));
    const { weekStart } = parts.settings;
    const { page, pagination } = pageOf(inOrder(service.slots, weekStart), paging);
    const style = paging !== undefined || query.flag('no_pagination') ? 'wall' : 'rfc3339';
    const slots = page.map((slot) => timeSlotJson(slot, service, weekStart, style));
    const date = dateOf(query, service);
    const told = date === undefined ? slots : await withPlaces(parts, service, page, slots, date, context.base);
    return { data: { time_slots: told, pagination } };
  };
}

/** An extension of the reference: for which date to tell the places left. */
function dateOf(query: Query, { zone }: Service): string | undefined {
  const text = query.text('date');
  if (text === undefined) return undefined;
  const faults = new FieldFaults();
  const found = bookingDateOf(text, zone);
  if (!found) new Fields({}, faults).note('date', 'invalid_field_format', 'It must be a date such as 2031-03-05');
  faults.refuse();
  return found?.date;
}
