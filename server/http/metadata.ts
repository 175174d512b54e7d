import { capabilitiesOf } from './capabilities.js';
import type { Handler } from './exchange.js';
import type { OperationRoute } from './mounted.js';
import { renderedPerBase } from './rendered-per-base.js';

/**
 * `GET [base]/metadata`: https://hl7.org/fhir/R4/http.html#capabilities
 *
 * 200 the CapabilityStatement, whole whatever `_summary` asks: clients read `fhirVersion` from it
 * @param startMs when the process started: since then it has been true
 * @param operations that are mounted
 * @param putsOfExisting types of which PUT changes one that is there, by its id, and nothing else
 */
export function metadata(
  version: string,
  startMs: number,
  operations: readonly OperationRoute[],
  putsOfExisting: readonly string[],
): Handler {
  const textOf = renderedPerBase((base) =>
    capabilitiesOf({ base, version, dateMs: startMs, operations, putsOfExisting }),
  );
  return ({ context: { base } }) => ({ status: 200, text: textOf(base) });
}
