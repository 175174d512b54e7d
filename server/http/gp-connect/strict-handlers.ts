import type { Appointment } from 'fhir/r4.js';
import type { Clock } from '../../base/clock.js';
import type { Resources } from '../../booking/index.js';
import { isObject, withRelativeBody } from '../../fhir/index.js';
import type { Exchange, Handler } from '../exchange.js';
import type { Interaction } from '../mounted.js';
import { entityTag, ifMatchOf } from '../preconditions.js';
import { readJson } from '../read-json.js';
import { refuseOddAmendment } from './amendment.js';
import { refuseOddBooking } from './booking.js';
import { freeSlotsParams } from './free-slots.js';

/** What the checks of GP Connect look at. */
export interface StrictParts {
  readonly resources: Pick<Resources, 'read'>;
  readonly clock: Clock;
}

type Handlers = Record<Interaction, Handler>;

/** The handlers, with GP Connect's checks before the searches for Slots and the writes of Appointments. */
export function strictHandlers(handlers: Handlers, { resources, clock }: StrictParts): Handlers {
  async function amended(exchange: Exchange): Promise<Exchange> {
    const { path, headers, context } = exchange;
    const stored = await resources.read(path.type, path.id, context);
    const ifMatch = ifMatchOf(headers['if-match']);
    // Another version is refused as such, whatever is to be changed in it.
    if (ifMatch !== undefined && ifMatch !== stored.versionId) return exchange;
    const { plain } = withRelativeBody(readJson(exchange), context.base);
    if (isObject(plain)) refuseOddAmendment(JSON.parse(stored.text) as Appointment, plain, clock.nowMs());
    // What was looked at is what is written over.
    return { ...exchange, headers: { ...headers, 'if-match': entityTag(stored.versionId) } };
  }

  return {
    ...handlers,
    'search-type': (exchange) => {
      const isOfSlots = exchange.path.type === 'Slot';
      return handlers['search-type'](isOfSlots ? { ...exchange, params: freeSlotsParams(exchange.params) } : exchange);
    },
    create: (exchange) => {
      if (exchange.path.type === 'Appointment') refuseOddBooking(readJson(exchange).plain, exchange.context.base);
      return handlers.create(exchange);
    },
    update: async (exchange) => {
      const isOfOne = exchange.path.type === 'Appointment' && exchange.path.id !== '';
      return handlers.update(isOfOne ? await amended(exchange) : exchange);
    },
  };
}
