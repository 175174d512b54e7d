/**
 * Part of `npm run build`: compiles `fhir-profiles/r4/{schema,contained-schema}.json` into one function for each type.
 * CommonJS, because ajv's code `require`s its helpers in either form, and so that tests can load it as it is.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { CONTAINED_VALIDATORS_PATH, PROFILES_PATH, VALIDATORS_PATH } from '../package-paths.js';
import { isServedType, SERVED_TYPES } from '../served-types.js';

/** As many errors as anybody reads; once there are so many, those of further elements are left out. */
const ERRORS_ENOUGH = 100;

/**
 * How ajv's code joins the errors of an element to those before it: by copying all of them each time, so that 20,000
 * bad participants would take seconds. The length of the list counts as the number of errors, so it may stay short.
 */
const JOIN = /vErrors\.concat\(((?:wrapper\d+\.)?validate\d*\.errors)\)/g;

function compile(file: string, types: readonly string[], target: string): void {
  const ajv = new Ajv({ allErrors: true, strict: false, messages: false, code: { source: true } });
  ajv.addSchema(readJson(file) as AnySchemaObject, 'r4');
  const code = standalone.default(ajv, Object.fromEntries(types.map((it) => [it, `r4#/definitions/${it}`])));
  if (!JOIN.test(code)) throw new Error('ajv joins errors in another way than before: see JOIN.');
  mkdirSync(dirname(target), { recursive: true });
  const bounded = code.replace(JOIN, `(vErrors.length < ${ERRORS_ENOUGH} ? vErrors.concat($1) : vErrors)`);
  writeFileSync(target, bounded);
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(PROFILES_PATH, 'r4', file), 'utf8'));
}

const { resourceTypes } = readJson('elements.json') as { resourceTypes: string[] };
const others = resourceTypes.filter((type) => !isServedType(type));
compile('schema.json', SERVED_TYPES, VALIDATORS_PATH);
compile('contained-schema.json', others, CONTAINED_VALIDATORS_PATH);
