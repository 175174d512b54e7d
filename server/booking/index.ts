/**
 * @module booking
 *
 * What may happen to Slots, Appointments and Schedules, and which times are free: turns Schedule extensions into
 * rules, lists slots, and is the only writer of resources.
 *
 * A *rule* is one availability extension, read. The *facts* of a Schedule are what decides which of its times are
 * free, a *view* the facts and what lies on the Schedule. A *unit* is one UTC day of a timeline, as a document. A
 * *draft* is a change in the making.
 *
 * May import: base, zones, fhir, slots, claims, search, store. Imported by: app, auth, cli, dialects, http.
 */
export { POOL_URL } from './amend-appointment.js';
export { makeComputedSlotReader } from './computed-slot-reader.js';
export { checkStore } from './check-claims.js';
export { makeConflicts } from './conflicts.js';
export { CREATED_URL } from './created-index.js';
export { makeFind } from './find.js';
export { inEntry } from './in-entry.js';
export { makeHistories } from './history.js';
export { proposalOf } from './find-proposal.js';
export { makeTransactions } from './bundle-transactions.js';
export { makeBookings } from './make-bookings.js';
export { refuseKeyLength } from './permissions.js';
export { makeResources, writeDeps } from './make-resources.js';
export {
  makeListing,
  type Listing,
  type ListedVersion,
  type ListPage,
  type ListQuestion,
  type ScheduleState,
  type StoredSlotState,
} from './listing.js';
export { makeNumbers, type Numbers } from './numbers.js';
export { makePoolPlaces, type PoolPlace, type PoolPlaces } from './pool-places.js';
export { AVAILABILITY_URL, CAPACITY_MAX, RULES_PER_SCHEDULE_MAX } from './read-rules.js';
export { TIMEZONE_URL } from './schedule-facts.js';
export { ScheduleReader } from './schedule-reader.js';
export { makeSearches } from './search-service.js';
export { slotIdOn } from './slot-id.js';
export {
  makeTransactSlots,
  type SlotInTransaction,
  type SlotTransaction,
  type TransactSlots,
} from './slot-transactions.js';
export { makeTransact, type PoolTime, type Transact, type Transaction } from './transactions.js';
export { groundOf, indexed, type IndexGround } from './transfer.js';
export { makeValidations } from './validations.js';
export type * from './bookings.js';
export type * from './types.js';
