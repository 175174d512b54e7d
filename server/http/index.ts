/**
 * @module http
 *
 * FHIR on the wire: reads requests, calls the services, writes their answers. No rules of scheduling.
 *
 * A *door* is a step that refuses what may not pass, by throwing a Fault; the *error door* is the only place that
 * writes failures. A *handler* turns an *exchange* (a request, read) into an *answer*, and knows no socket.
 *
 * May import: base, fhir, search, store, booking, express, cors. Imported by: app.
 */
export { ALL_OPERATIONS, capabilitiesOf } from './capabilities.js';
export { baseUrlOf } from './base-url.js';
export { fhirApp, type FhirAppParts, type HttpSettings } from './fhir-app.js';
export { makeHttpServer } from './http-server.js';
export type { Log } from './log.js';
