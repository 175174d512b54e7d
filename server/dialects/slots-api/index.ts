/**
 * @module dialects/slots-api
 *
 * The API of Overbooked over the services of booking: their JSON in, their JSON out, their errors. No
 * rules of scheduling, and nothing of its own is kept.
 *
 * May import: base, zones, fhir types, booking, express. Imported by: app.
 */
export { slotsApiRouter } from './router.js';
