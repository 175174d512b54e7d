import type { Endpoint, ApiParts } from '../parts.js';
import { pathId } from '../query.js';
import { readService, serviceJson } from '../service.js';

/** `GET /v1/services/{serviceID}`: 200 the service · 404 `service_not_found`. reservekit.md §3.1 */
export function getService({ transact }: ApiParts): Endpoint {
  return async ({ id, context }) => {
    const number = pathId(id);
    const service = await transact(context, (transaction) => readService(transaction, number));
    return { data: serviceJson(service) };
  };
}
