import { mediaTypesOf } from '../request-body.js';
import type { Endpoint } from './endpoints.js';
import { refTo, type Json } from './json.js';

export const FHIR_JSON = 'application/fhir+json';

/** The same schema for each media type that answers may have. */
export function ofEachJson(schema: Json): Json {
  return ofEach([FHIR_JSON, 'application/json'], () => schema);
}

function ofEach(types: readonly string[], schemaOf: (type: string) => Json): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: schemaOf(type) }]));
}

const FORM = { type: 'object', additionalProperties: { type: ['string', 'array'], items: { type: 'string' } } };
const PATCHES: Readonly<Record<string, Json>> = {
  'application/json-patch+json': refTo('schemas', 'JsonPatch'),
  // FHIRPath Patch, where it is read: https://hl7.org/fhir/R4/fhirpatch.html
  [FHIR_JSON]: refTo('schemas', 'Parameters'),
};
/** A merge patch: https://www.rfc-editor.org/rfc/rfc7396 */
const MERGE = { type: 'object' };

/** What an endpoint takes as its body, in each media type that it reads; nothing where it takes none. */
export function requestBodyAt({ body, deed }: Endpoint): Json {
  if (body === undefined) return {};
  const types = mediaTypesOf(body);
  switch (body) {
    case 'resource': {
      const type = deed.kind === 'interaction' ? deed.type : 'Bundle';
      return { requestBody: { required: true, content: ofEach(types, () => refTo('schemas', type)) } };
    }
    case 'patch':
      return { requestBody: { required: true, content: ofEach(types, (type) => PATCHES[type] ?? MERGE) } };
    case 'form': {
      const description = 'The parameters of the search by GET; what repeats is a list.';
      return { requestBody: { description, content: ofEach(types, () => FORM) } };
    }
    case 'parameters': {
      const description = 'Parameters as the OperationDefinition tells; where it says so, a resource as it is.';
      const schema = { anyOf: [refTo('schemas', 'Parameters'), refTo('schemas', 'Resource')] };
      return { requestBody: { description, content: ofEach(types, () => schema) } };
    }
  }
}
