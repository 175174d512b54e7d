import { serviceNumbers } from '../lookup.js';
import { pageOf, pagingOf } from '../paging.js';
import type { Endpoint, ApiParts } from '../parts.js';
import { serviceIn, serviceJson } from '../service.js';

/** `GET /v1/services`: 200 a page of the services that were made through this API. reservekit.md §3.1 */
export function listServices(parts: ApiParts): Endpoint {
  return async ({ query, context }) => {
    const paging = pagingOf(query, true);
    const { page, pagination } = pageOf(await serviceNumbers(parts, context), paging);
    const services = await parts.transact(context, async (transaction) => {
      const found: object[] = [];
      for (const number of page) {
        const service = await serviceIn(transaction, number);
        if (service) found.push(serviceJson(service));
      }
      return found;
    });
    return { data: { services, pagination } };
  };
}
