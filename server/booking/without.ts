import type { JsonObject } from '../fhir/index.js';

/** A resource without some of its elements. */
export function without(exact: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(exact).filter(([name]) => !names.includes(name)));
}
