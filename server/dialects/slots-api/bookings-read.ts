import type { ListedVersion, ListQuestion, RequestContext } from '../../booking/index.js';
import type { Endpoint } from './asked.js';
import { SlotsApiError } from './errors.js';
import { ACTIVE_STATUSES, CANCELLED_STATUSES, isId } from './fhir-elements.js';
import { pageIn, wordIn, wordsIn } from './paging.js';
import { shownBookings, type ShowDeps } from './shown.js';

/** `GET /bookings`: the Appointments in stored Slots, in the order in which they were created. */
export function listBookings(deps: ShowDeps): Endpoint {
  return async ({ query, context }) => {
    const { page, ...place } = pageIn(query);
    const status = wordIn(query, 'status', ['active', 'cancelled']);
    const slotId = wordsIn(query, 'slot_id');
    const resourceId = wordsIn(query, 'resource_id');
    const active = status === 'cancelled' ? [] : ACTIVE_STATUSES;
    const cancelled = status === 'active' ? [] : CANCELLED_STATUSES;
    const question: ListQuestion = {
      type: 'Appointment',
      order: 'created',
      ofStoredSlots: true,
      params: [
        ['status', [...active, ...cancelled].join(',')],
        ...(slotId === undefined ? [] : [['slot', `Slot/${slotId}`] as const]),
        ...(resourceId === undefined ? [] : [['slot.schedule', `Schedule/${resourceId}`] as const]),
      ],
    };
    const isNamed = [slotId, resourceId].every((id) => id === undefined || isId(id));
    const total = isNamed ? await deps.listing.count(question, context) : 0;
    const versions = place.offset < total ? await deps.listing.page(question, place, context) : [];
    const shown = await shownBookings(deps, versions, context, { slotId, resourceId });
    return { data: shown.flatMap((one) => one ?? []), meta: { limit: place.limit, page, total } };
  };
}

/** `GET /bookings/:booking_id`. */
export function getBooking(deps: ShowDeps): Endpoint {
  return async ({ id, context }) => ({ data: await bookingNow(deps, id, context) });
}

/** A booking as it is now. @throws {SlotsApiError} E048 */
export async function bookingNow(deps: ShowDeps, id: string, context: RequestContext): Promise<object> {
  const [version] = isId(id) ? await deps.listing.read('Appointment', [id]) : [];
  return shownBooking(deps, version, context);
}

/** The refusal of an id that no booking has. */
export function unknownBooking(): SlotsApiError {
  return new SlotsApiError('E048', 'There is no such booking.');
}

async function shownBooking(deps: ShowDeps, version: ListedVersion | undefined, context: RequestContext) {
  const [shown] = version ? await shownBookings(deps, [version], context) : [];
  if (!shown) throw unknownBooking();
  return shown;
}
