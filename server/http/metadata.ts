import { capabilityStatement } from '../fhir/index.js';
import type { Handler } from './exchange.js';
import { MOUNTED, SYSTEM_ROUTES, type OperationRoute } from './mounted.js';
import { PATCH_TYPES } from './request-body.js';

/** What may be done with all types at once. */
const SYSTEM_INTERACTIONS = [...new Set(SYSTEM_ROUTES.flatMap(({ interactions }) => interactions))];

/** Renderings kept, one for each base URL; callers choose their Host, so there is an end to it. */
const BASES_MAX = 16;

/**
 * `GET [base]/metadata`: https://hl7.org/fhir/R4/http.html#capabilities
 *
 * 200 the CapabilityStatement, whole whatever `_summary` asks: clients read `fhirVersion` from it
 * @param startMs when the process started: since then it has been true
 * @param operations that are mounted
 */
export function metadata(version: string, startMs: number, operations: readonly OperationRoute[]): Handler {
  const rendered = new Map<string, string>();
  return ({ context: { base } }) => {
    let text = rendered.get(base);
    if (text === undefined) {
      if (rendered.size >= BASES_MAX) rendered.clear();
      const about = { base, version, dateMs: startMs, mounted: MOUNTED, patchFormats: PATCH_TYPES, operations };
      text = JSON.stringify(capabilityStatement({ ...about, system: SYSTEM_INTERACTIONS }));
      rendered.set(base, text);
    }
    return { status: 200, text };
  };
}
