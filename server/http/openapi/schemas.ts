import { resourceSchemas, SERVED_TYPES } from '../../fhir/index.js';
import { CONFORMANCE_TYPES } from '../mounted.js';
import { refTo, type Json } from './json.js';

const RESOURCE = { type: 'object', required: ['resourceType'], properties: { resourceType: { type: 'string' } } };

/** Every failure says in `diagnostics` what to do. */
const FAILURE = {
  allOf: [
    refTo('schemas', 'OperationOutcome'),
    {
      required: ['issue'],
      properties: { issue: { minItems: 1, items: { required: ['severity', 'code', 'details', 'diagnostics'] } } },
    },
  ],
};

/** https://www.rfc-editor.org/rfc/rfc6902#section-4 */
const JSON_PATCH = {
  type: 'array',
  items: {
    type: 'object',
    required: ['op', 'path'],
    properties: {
      op: { enum: ['add', 'remove', 'replace', 'move', 'copy', 'test'] },
      path: { type: 'string', pattern: '^(/.*)?$' },
      from: { type: 'string', pattern: '^(/.*)?$' },
      value: {},
    },
  },
};

/** The schemas that bodies refer to: whole for what is stored, a frame for the definitions, which nobody sends. */
export function schemaComponents(): Readonly<Record<string, Json>> {
  const frames = CONFORMANCE_TYPES.map((type) => [
    type,
    { ...RESOURCE, properties: { resourceType: { const: type } } },
  ]);
  return {
    ...resourceSchemas([...SERVED_TYPES, 'Bundle', 'OperationOutcome', 'Parameters'], '#/components/schemas/'),
    ...(Object.fromEntries(frames) as Record<string, Json>),
    ...{ Resource: RESOURCE, Failure: FAILURE, JsonPatch: JSON_PATCH },
  };
}
