/**
 * @module slots
 *
 * Availability rules in, bookable slots out. Pure: no clock, no store, no FHIR types, so the same
 * input gives the same slots on every machine and in every time zone the process may run in.
 *
 * May import: base, temporal-polyfill. Imported by: booking.
 */
export type * from './types.js';
