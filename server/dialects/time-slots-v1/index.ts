/**
 * @module dialects/time-slots-v1
 *
 * The API of ReserveKit over the services of booking: their JSON in, their JSON out, their errors. No
 * rules of scheduling, and nothing of its own is kept.
 *
 * May import: base, zones, fhir types, booking, express. Imported by: app.
 */
export { timeSlotsRouter } from './router.js';
export type { TimeSlotsChoices } from './settings.js';
