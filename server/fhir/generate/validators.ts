/**
 * Part of `npm run build`: compiles `fhir-profiles/r4/schema.json` into one function for each served type. CommonJS,
 * because ajv's code `require`s its helpers in either form, and so that tests can load it as it is.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { PROFILES_PATH, VALIDATORS_PATH } from '../package-paths.js';
import { SERVED_TYPES } from '../served-types.js';

const schema = JSON.parse(readFileSync(join(PROFILES_PATH, 'r4', 'schema.json'), 'utf8')) as AnySchemaObject;
const ajv = new Ajv({ allErrors: true, strict: false, messages: false, code: { source: true } });
ajv.addSchema(schema, 'r4');

const code = standalone.default(ajv, Object.fromEntries(SERVED_TYPES.map((it) => [it, `r4#/definitions/${it}`])));
mkdirSync(dirname(VALIDATORS_PATH), { recursive: true });
writeFileSync(VALIDATORS_PATH, code);
