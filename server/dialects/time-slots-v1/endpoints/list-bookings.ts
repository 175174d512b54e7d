import type { RequestContext } from '../../../booking/index.js';
import { bookingJson } from '../booking.js';
import { bookingsOf } from '../lookup.js';
import { pageOf, pagingOf, type Paging } from '../paging.js';
import type { ApiAnswer, Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { readService } from '../service.js';

/** `GET /v1/bookings?service_id=`: 200 a page of the bookings of a service · 400 · 404. reservekit.md §3.3 */
export function listBookings(parts: ApiParts): Endpoint {
  return async ({ query, context }) => {
    const number = query.requiredNumber('service_id');
    return bookingsPage(parts, number, pagingOf(query, true), context);
  };
}

/** `GET /v1/services/{id}/bookings`: 200 all of them · 404. reservekit.md §3.4 */
export function listServiceBookings(parts: ApiParts): Endpoint {
  return async ({ id, context }) => bookingsPage(parts, pathId(id), undefined, context);
}

async function bookingsPage(
  parts: ApiParts,
  number: number,
  paging: Paging,
  context: RequestContext,
): Promise<ApiAnswer> {
  const all = await parts.transact(context, async (transaction) =>
    bookingsOf(parts, transaction, await readService(transaction, number)),
  );
  const { page, pagination } = pageOf(all, paging);
  return { data: { bookings: page.map((booking) => bookingJson(booking)), pagination } };
}
