/**
 * @module booking
 *
 * What may happen to Slots, Appointments and Schedules, and which times are free: turns Schedule extensions into
 * rules, lists slots, and is the only writer of resources.
 *
 * May import: base, zones, fhir, slots, search, store. Imported by: http, cli.
 */
export type * from './types.js';
