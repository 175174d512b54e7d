import { makeAppointmentOperations } from './appointment-operations.js';
import type { InputDeps } from './appointment-inputs.js';
import type { Bookings } from './bookings.js';
import { makeDecide } from './decide.js';
import { makeSlotOperations } from './slot-operations.js';
import type { BookingSettings } from './types.js';

/** What the operations are put together from. */
export interface BookingsDeps extends InputDeps {
  readonly settings: BookingSettings;
  readonly listing: Pick<Bookings, 'find' | 'conflicts'>;
}

/** The service behind every operation. */
export function makeBookings(deps: BookingsDeps): Bookings {
  const parts = { ...deps, decide: makeDecide(deps) };
  return { ...deps.listing, ...makeSlotOperations(parts), ...makeAppointmentOperations(parts) };
}
