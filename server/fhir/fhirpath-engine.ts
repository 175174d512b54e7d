import { createRequire } from 'node:module';
import type * as FhirPath from 'fhirpath';

const require = createRequire(import.meta.url);
let engine: { readonly compile: typeof FhirPath.compile; readonly r4: FhirPath.Model } | undefined;

/** fhirpath and its model of R4, loaded when first wanted: importing it takes longer than the rest of a start. */
export function fhirPathEngine(): NonNullable<typeof engine> {
  engine ??= {
    compile: (require('fhirpath') as typeof FhirPath).compile,
    r4: require('fhirpath/fhir-context/r4') as FhirPath.Model,
  };
  return engine;
}
