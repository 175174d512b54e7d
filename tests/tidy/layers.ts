/**
 * The arrows of the architecture, as data (design §2): a folder of `server/` may import what its row names, itself
 * and `fhir/r4.js`, and nothing else.
 *
 * A row names other rows (`fhir`), rows of which it needs only the types (`fhir types`), files at the root
 * (`app.js`) and packages. The header of each folder's `index.ts` says the same in the same words; `headers.test.ts`
 * compares the two.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  zones: ['base', 'temporal-polyfill'],
  fhir: ['base', 'zones', 'ajv', 'fhirpath', 'lossless-json', 'rfc6902'],
  slots: ['base', 'zones'],
  claims: ['base', 'slots'],
  search: ['base', 'zones', 'fhir'],
  store: ['base', 'fhir types', 'search'],
  'store/sqlite': ['base', 'fhir types', 'search', 'store', '@photostructure/sqlite'],
  'store/mongo': ['base', 'fhir types', 'search', 'store', 'mongodb'],
  booking: ['base', 'zones', 'fhir', 'slots', 'claims', 'search', 'store'],
  auth: ['base', 'search', 'store types', 'booking types'],
  http: ['base', 'fhir', 'search', 'store', 'booking', 'express', 'cors'],
  'dialects/slots-api': ['base', 'zones', 'fhir types', 'booking', 'express'],
  'dialects/time-slots-v1': ['base', 'zones', 'fhir types', 'booking', 'express'],
  config: ['base', 'zones'],
  cli: [
    ...['base', 'config', 'fhir', 'booking', 'auth', 'store types', 'app.js', 'open-store.js'],
    ...['commander', 'pino', 'cli-progress'],
  ],
};

/** The types of FHIR R4, which say what all folders speak of. */
export const OPEN_TO_ALL = 'fhir/r4.js';

/** The folder whose files are entered each by itself; all others are entered by their `index.ts`. */
export const WITHOUT_FRONT_DOOR = 'base';

/** Programs of the build, which may use packages that are not there when the server runs. */
export const BUILD_ONLY = 'server/fhir/generate/';

const INNERMOST_FIRST = Object.keys(MAY_IMPORT).sort((a, b) => b.length - a.length);

/** The row that a file belongs to; undefined for what is not ours and for the root of `server/`, which is wiring. */
export function layerOf(path: string): string | undefined {
  return INNERMOST_FIRST.find((layer) => path.startsWith(`server/${layer}/`));
}

/** `ajv/dist/standalone/index.js` is of `ajv`, `@photostructure/sqlite` of itself. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
