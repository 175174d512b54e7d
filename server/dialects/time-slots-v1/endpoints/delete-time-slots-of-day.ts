import { OK } from '../answers.js';
import { ApiError } from '../errors.js';
import type { Endpoint, ApiParts } from '../parts.js';
import type { Query } from '../query.js';
import { readService, serviceKey, slotElements } from '../service.js';
import { dayIn } from '../time-slot.js';

/**
 * `DELETE /v1/time-slots?service_id=&day_of_week=`: 200 `"ok"`, also where there is none on that weekday · 400 · 404.
 * reservekit.md §3.2
 */
export function deleteTimeSlotsOfDay({ transact, settings }: ApiParts): Endpoint {
  return async ({ query, context }) => {
    const number = query.requiredNumber('service_id');
    const day = dayIn(dayOf(query), settings.weekStart);
    await transact(context, async (transaction) => {
      const service = await readService(transaction, number);
      const left = service.slots.filter((slot) => slot.day !== day);
      if (left.length === service.slots.length) return;
      await transaction.amend('Schedule', serviceKey(number), slotElements(service.schedule, left));
    });
    return OK;
  };
}

function dayOf(query: Query): number {
  const text = query.text('day_of_week');
  if (text !== undefined && /^[0-6]$/.test(text)) return Number(text);
  const message = text === undefined ? 'It is required' : 'It must be a whole number from 0 to 6';
  const code = text === undefined ? 'missing_required_field' : 'invalid_field_format';
  throw new ApiError(code, `day_of_week: ${message}`, { details: { day_of_week: message } });
}
