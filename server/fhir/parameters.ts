import { fault } from '../base/fault.js';
import { isObject, type JsonObject } from './json-object.js';
import type { ParsedJson } from './parsed-json.js';

/** How many parameters one operation may be sent. */
export const OPERATION_PARAMETERS_MAX = 500;

/** One parameter of an operation, as it came. */
export interface Parameter {
  readonly name: string;
  /** Where it stood: `Parameters.parameter[2]`, or its name in a query. */
  readonly place: string;
  /** `Reference` of `valueReference`, and what it is; absent where it has no value. */
  readonly value?: { readonly type: string; readonly plain: unknown };
  readonly resource?: ParsedJson;
}

/**
 * The parameters of a body: https://hl7.org/fhir/R4/parameters.html. What their values are is looked at where they
 * are read.
 *
 * @throws {Fault} `invalid`, `required`: no Parameters resource, or not as FHIR writes one
 */
export function parametersOf({ plain, exact }: ParsedJson): readonly Parameter[] {
  if (!isObject(plain) || plain['resourceType'] !== 'Parameters') {
    throw fault('invalid', 'The body must be a Parameters resource.', 'resourceType');
  }
  const list = plain['parameter'];
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw fault('invalid', 'Parameters.parameter is a list.', 'Parameters.parameter');
  refuseTooMany(list.length);
  const exactList = (exact as JsonObject)['parameter'] as readonly unknown[];
  return list.map((node, index) => parameterOf(node, exactList[index], `Parameters.parameter[${index}]`));
}

/** The parameters of a query: each is a text. @throws {Fault} `invalid` for too many */
export function parametersOfQuery(pairs: readonly (readonly [name: string, value: string])[]): readonly Parameter[] {
  refuseTooMany(pairs.length);
  return pairs.map(([name, plain]) => ({ name, place: name, value: { type: 'String', plain } }));
}

function refuseTooMany(count: number): void {
  if (count <= OPERATION_PARAMETERS_MAX) return;
  const message = `An operation takes at most ${OPERATION_PARAMETERS_MAX} parameters.`;
  throw fault('invalid', message, 'Parameters.parameter');
}

function parameterOf(node: unknown, exact: unknown, place: string): Parameter {
  if (!isObject(node)) throw fault('invalid', 'A parameter is a JSON object.', place);
  const { name, resource } = node;
  if (typeof name !== 'string' || name === '') throw fault('required', 'A parameter needs a name.', `${place}.name`);
  const values = Object.entries(node).filter(([key]) => /^value[A-Z]/.test(key));
  const [value] = values;
  if (values.length > 1) throw fault('invalid', 'A parameter has one value.', place);
  return {
    name,
    place,
    ...(value && { value: { type: value[0].slice('value'.length), plain: value[1] } }),
    ...(resource !== undefined && { resource: { plain: resource, exact: (exact as JsonObject)['resource'] } }),
  };
}
