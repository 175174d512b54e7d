/**
 * @module fhir
 *
 * What FHIR says: is this resource valid, which index values does it have, what can we do, how does a failure look.
 *
 * May import: base, ajv, fhirpath, lossless-json. Imported by all but base and slots.
 */
export * from './index-value.js';
export type * from './parsed-json.js';
export { SERVED_TYPES, isServedType, type ServedType } from './served-types.js';
