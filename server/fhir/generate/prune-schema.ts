/** As much of JSON Schema (draft 6) as `fhir.schema.json` uses. */
export interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly enum?: readonly (string | null)[];
  readonly const?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const REF = '#/definitions/';
const OR_NULL = '_or_null';

const BASE64 = '^(\\s*([0-9a-zA-Z\\+/=]){4}\\s*)+$';
const TEXT = '^[ \\r\\n\\t\\S]+$';
const NOT_EMPTY = '[\\s\\S]';

/**
 * The definitions that some types need, without prose, and mended in six places:
 * - arrays of primitives may hold nulls (https://hl7.org/fhir/R4/json.html#primitive), which the published one refuses;
 * - the contained resource is any object, since it is judged by the validator of its own type (the published one
 *   tries all 146 types and reports the errors of each);
 * - some elements with required codes (days of the week, AppointmentResponse.participantStatus) lack them;
 * - FHIR's versions end at 4.0.0;
 * - the pattern of texts is meant for ASCII's white space; in JavaScript it would refuse U+00A0 and its like. Control
 *   characters are refused where JSON is read, so what is left to ask is that a text is not empty
 *   (https://hl7.org/fhir/R4/datatypes.html#string: it SHOULD also hold more than white space, which refuses nothing);
 * - the pattern of base64 takes exponential time on spaces; `primitives.ts` judges base64 instead.
 * Patterns on numbers and booleans mean nothing and go.
 */
export function pruneSchema(
  published: Schema,
  types: readonly string[],
  codes: ReadonlyMap<string, readonly string[]>,
): Record<string, Schema> {
  const definitions: Readonly<Record<string, Schema>> = { ...published.definitions, ResourceList: { type: 'object' } };
  const pruned: Record<string, Schema> = {};
  const waiting: string[] = [...types];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (pruned[name] !== undefined) continue;
    const whole = definitions[name.replace(OR_NULL, '')];
    if (whole === undefined) throw new Error(`The published schema lacks ${name}.`);
    const mended = mend(withCodes(whole, name, codes), definitions);
    const schema = name.endsWith(OR_NULL) ? orNull(mended) : mended;
    pruned[name] = schema;
    waiting.push(...referencesOf(schema));
  }
  return Object.fromEntries(Object.entries(pruned).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param owner the definition that the properties belong to */
function withCodes(schema: Schema, owner: string, codes: ReadonlyMap<string, readonly string[]>): Schema {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]): [string, Schema] => {
    const allowed = codes.get(`${owner}.${name}`);
    if (!allowed) return [name, property];
    if (property.$ref === `${REF}code`) return [name, { enum: allowed }];
    return [name, property.items?.$ref === `${REF}code` ? { ...property, items: { enum: allowed } } : property];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function mend(schema: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  const { description, properties, items, pattern, enum: codes, ...rest } = schema;
  void description;
  return {
    ...rest,
    ...(codes !== undefined && { enum: codes.includes('4.0.0') ? [...codes, '4.0.1'] : codes }),
    ...(pattern !== undefined &&
      pattern !== BASE64 &&
      rest.type === 'string' && {
        pattern: pattern === TEXT ? NOT_EMPTY : pattern,
      }),
    ...(items !== undefined && { items: mendItems(items, definitions) }),
    ...(properties !== undefined && {
      // Objects that are not objects at all pass a schema of properties alone.
      type: 'object',
      properties: Object.fromEntries(Object.entries(properties).map(([key, it]) => [key, mend(it, definitions)])),
    }),
  };
}

function mendItems(items: Schema, definitions: Readonly<Record<string, Schema>>): Schema {
  if (items.$ref === undefined) return orNull(mend(items, definitions));
  const name = items.$ref.slice(REF.length);
  const mayBeNull = name === 'Element' || (definitions[name]?.properties === undefined && name !== 'ResourceList');
  return { $ref: mayBeNull ? `${items.$ref}${OR_NULL}` : items.$ref };
}

function orNull(schema: Schema): Schema {
  return {
    ...schema,
    ...(schema.type !== undefined && { type: [...[schema.type].flat(), 'null'] }),
    ...(schema.enum !== undefined && { enum: [...schema.enum, null] }),
  };
}

function referencesOf(schema: Schema): string[] {
  const inner = [schema.items, ...Object.values(schema.properties ?? {})].filter((it) => it !== undefined);
  return [...(schema.$ref === undefined ? [] : [schema.$ref.slice(REF.length)]), ...inner.flatMap(referencesOf)];
}
