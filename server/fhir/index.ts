/**
 * @module fhir
 *
 * What FHIR says: is this resource valid, which index values does it have, what can we do, how does a failure look.
 *
 * May import: base, zones, ajv, fhirpath, lossless-json, rfc6902. Imported by: booking, cli, http, search, store.
 */
export * from './index-value.js';
export type * from './parsed-json.js';
export { SERVED_TYPES, isServedType, type ServedType } from './served-types.js';
export { dateRange, type DateRange } from './date-range.js';
export { indexValuesOf, type IndexContext } from './index-values.js';
export { withRelativeBody, withRelativeReferences } from './relative-references.js';
export { isId, localReference, normalReference, typeOfReference, type LocalReference } from './references.js';
export { searchParametersOf, type SearchParameterDefinition } from './search-parameters.js';
export { PATIENT_COMPARTMENT } from './patient-compartment.js';
export { isObject, type JsonObject } from './json-object.js';
export { JSON_DEPTH_MAX, parseJson, printJson, withMeta } from './exact-json.js';
export { validateResource } from './validate-resource.js';
export { capabilityStatement } from './capability-statement.js';
export { capabilitiesTable } from './capabilities-table.js';
export { conformanceResources, repeatsOfOperation } from './conformance.js';
export { judgedCode, type CodeJudgement } from './code-judgement.js';
export { expandedValueSet, type ExpansionQuestion } from './expansion.js';
export { codeSystemOf, valueSetOf, type Concept } from './terminology.js';
export { judgeByProfiles } from './profiles.js';
export { failureTitles, outcomeOf, statusOf } from './outcome.js';
export { resourceSchemas, type JsonSchema } from './resource-schemas.js';
export { parametersOf, parametersOfQuery, type Parameter } from './parameters.js';
export * from './parameter-values.js';
export { subsetText, type Subset } from './subset.js';
export { conditionalReferences, placeholderReferences, withResolved } from './bundle-references.js';
export { applyPatch, type Patch } from './patch.js';
export { mergedMeta, type MetaSets } from './meta-patch.js';
export { FhirPathGuard } from './fhirpath-guard.js';
