/**
 * @module claims
 *
 * Who has which time, and who may have it. Pure: no clock, no store, the same answer for the same values, so that
 * listing, booking and the checker decide alike (design §4).
 *
 * A *timeline* is what can be in one place at a time. A *unit* is one UTC day of it, a document that names the stored
 * Slots and the *claims* of that day. A claim stands in the unit of every day that it touches with its buffers, on
 * every timeline of its Schedule; `joinUnits` puts them together again. What lapses counts as absent from its
 * `untilMs` on, whether or not anything has been written since.
 *
 * May import: base, slots. Imported by: booking.
 */
export type * from './types.js';
export {
  isAppointmentStatus,
  statusChange,
  occupies,
  timeChange,
  type AppointmentStatus,
} from './appointment-status.js';
export { computedSlotStatus } from './computed-slot-status.js';
export { daysToDecide, type DaysToDecide } from './days-to-decide.js';
export { keyRefusals, type Opener } from './keys.js';
export { liveClaims, occupiedTime, takesPlace } from './live.js';
export { occupiedBy, type ScheduleTime } from './occupied-by.js';
export type { ClaimDecision, ClaimRefusal, ClaimRefusalReason, ClaimRequest } from './refusal.js';
export { refusalsOfComputed, type ComputedTarget, type ScheduleOfRules } from './refusals-of-computed.js';
export { refusalsOfStored, type ScheduleFactsOfClaim, type StoredTarget } from './refusals-of-stored.js';
export { storedSlotPlaces, type StoredSlotPlaces } from './stored-slot-places.js';
export { storedSlotState, type SlotState, type SlotStatus } from './stored-slot-state.js';
export {
  joinUnits,
  readUnit,
  schedulesIn,
  timelineUnitId,
  unitDaysOf,
  unitText,
  withClaim,
  withoutClaim,
  withoutSlot,
  withSlot,
  type JoinedUnits,
  type OwnedSlot,
} from './units.js';
