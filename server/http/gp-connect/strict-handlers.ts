import type { Appointment } from 'fhir/r4.js';
import type { Clock } from '../../base/clock.js';
import { Fault, fault } from '../../base/fault.js';
import type { Resources } from '../../booking/index.js';
import { validateResource, withRelativeBody } from '../../fhir/index.js';
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

/** Types of which PUT changes one that is there, by its id, and nothing else. */
export const PUTS_OF_EXISTING = ['Appointment'];

type Handlers = Record<Interaction, Handler>;

/** The handlers, with GP Connect's checks before the searches for Slots and the writes of Appointments. */
export function strictHandlers(handlers: Handlers, { resources, clock }: StrictParts): Handlers {
  async function amended(exchange: Exchange): Promise<Exchange> {
    const { path, headers, context } = exchange;
    // A search may find another appointment for the write than for the checks.
    if (path.id === '') throw fault('not-supported', 'An Appointment is changed by its id: PUT Appointment/[id].');
    const stored = await resources.read(path.type, path.id, context);
    // Something is there: what this header asks for is refused as such.
    if (headers['if-none-match'] !== undefined) return exchange;
    const ifMatch = ifMatchOf(headers['if-match']);
    // Another version is refused as such, whatever is to be changed in it.
    if (ifMatch !== undefined && ifMatch !== stored.versionId) return exchange;
    refuseOddAmendment(JSON.parse(stored.text) as Appointment, appointmentIn(exchange), clock.nowMs());
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
      if (exchange.path.type === 'Appointment') refuseOddBooking(appointmentIn(exchange));
      return handlers.create(exchange);
    },
    update: async (exchange) => {
      return handlers.update(PUTS_OF_EXISTING.includes(exchange.path.type) ? await amended(exchange) : exchange);
    },
  };
}

/** The body, with relative references. @throws {Fault} as `readJson`, and with whatever FHIR itself forbids in it */
function appointmentIn(exchange: Exchange): Appointment {
  const { base } = exchange.context;
  const { plain, exact } = withRelativeBody(readJson(exchange), base);
  const reasons = validateResource(plain, 'Appointment', [base], exact);
  if (reasons.length > 0) throw new Fault(reasons);
  return plain as Appointment;
}
