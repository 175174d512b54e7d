import { fileURLToPath } from 'node:url';

/** Where this package lies: two folders up, both from `server/fhir/` (tests) and from `dist/fhir/`. */
const ROOT = new URL('../../', import.meta.url);

/** The folder of FHIR definitions: our own, and under `r4/` what is taken from the specification. */
export const PROFILES_PATH = fileURLToPath(new URL('fhir-profiles/', ROOT));

/** The validators that the build compiles from `fhir-profiles/r4/schema.json`. */
export const VALIDATORS_PATH = fileURLToPath(new URL('dist/validators/r4.cjs', ROOT));

/** The same for the types that are not served, which only contained resources have: large, and rarely needed. */
export const CONTAINED_VALIDATORS_PATH = fileURLToPath(new URL('dist/validators/r4-contained.cjs', ROOT));
