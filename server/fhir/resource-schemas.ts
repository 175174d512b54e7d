import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from './json-object.js';
import { PROFILES_PATH } from './package-paths.js';

/** A JSON Schema, as far as anybody looks into it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DEFINITIONS = '#/definitions/';
/** For the served types, and for all others. */
const FILES = ['contained-schema.json', 'schema.json'];

/** What the published schema says by patterns of numbers, which mean nothing: https://hl7.org/fhir/R4/datatypes.html */
const MENDED: Readonly<Record<string, JsonSchema>> = {
  integer: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  unsignedInt: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 },
  positiveInt: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 },
  xhtml: { type: 'string' },
  ResourceList: { type: 'object', required: ['resourceType'], properties: { resourceType: { type: 'string' } } },
};

/**
 * The JSON Schemas of resource types and of all that these refer to, from those that validation is compiled from: by
 * name, for a JSON Schema of 2020-12. The files are read anew each time.
 *
 * @param place before the name in each `$ref`, as `#/components/schemas/`
 */
export function resourceSchemas(types: readonly string[], place: string): Readonly<Record<string, JsonSchema>> {
  const published = { ...readDefinitions(), ...MENDED };
  const schemas: Record<string, JsonSchema> = {};
  const waiting = [...types];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (schemas[name] !== undefined) continue;
    schemas[name] = withReferences(published[name] ?? {}, (target) => {
      waiting.push(target);
      return place + target;
    }) as JsonSchema;
  }
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readDefinitions(): Readonly<Record<string, JsonSchema>> {
  const files = FILES.map((file) => JSON.parse(readFileSync(join(PROFILES_PATH, 'r4', file), 'utf8')) as JsonSchema);
  return Object.assign({}, ...files.map(({ definitions }) => definitions)) as Record<string, JsonSchema>;
}

/** A copy whose references lead where `rewritten` says. */
function withReferences(schema: unknown, rewritten: (name: string) => string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item, rewritten));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? rewritten(value.slice(DEFINITIONS.length))
        : withReferences(value, rewritten),
    ]),
  );
}
