import { fault } from '../base/fault.js';
import { isOpenObject, type OpenObject } from './fhirpath-elements.js';
import { PATCH_OPERATIONS_MAX } from './json-patch.js';

/** A value that a patch brings, and where in the patch. */
export type PatchValue = { readonly place: string } & (
  | { readonly kind: 'typed'; readonly type: string; readonly value?: unknown; readonly beside?: unknown }
  | { readonly kind: 'parts'; readonly parts: readonly { readonly name: string; readonly value: PatchValue }[] }
  | { readonly kind: 'resource'; readonly resource: unknown }
);

type Needed =
  | { readonly type: 'add'; readonly name: string; readonly value: PatchValue }
  | { readonly type: 'insert'; readonly index: number; readonly value: PatchValue }
  | { readonly type: 'delete' }
  | { readonly type: 'replace'; readonly value: PatchValue }
  | { readonly type: 'move'; readonly source: number; readonly destination: number };

/** One operation of a FHIRPath Patch, and where it stands: `Parameters.parameter[2]`. */
export type PathOperation = { readonly path: string; readonly place: string } & Needed;

const PARTS = ['type', 'path', 'name', 'value', 'index', 'source', 'destination'];

/**
 * The operations of a FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html
 *
 * @param exact a Parameters resource as it was sent
 * @throws {Fault} `invalid`, `required` for what is no patch
 */
export function pathOperationsOf(exact: unknown): readonly PathOperation[] {
  if (!isOpenObject(exact) || exact['resourceType'] !== 'Parameters') {
    throw fault('invalid', 'A FHIRPath Patch is a Parameters resource.', 'resourceType');
  }
  const list = listIn(exact, 'parameter', 'Parameters.parameter');
  if (list.length > PATCH_OPERATIONS_MAX) {
    const message = `A patch has at most ${PATCH_OPERATIONS_MAX} operations; this one has ${list.length}.`;
    throw fault('invalid', message, 'Parameters.parameter');
  }
  return list.map((parameter, at) => operationOf(parameter, `Parameters.parameter[${at}]`));
}

function operationOf(parameter: OpenObject, place: string): PathOperation {
  if (parameter['name'] !== 'operation') throw fault('invalid', 'Each parameter is an operation.', `${place}.name`);
  const values = new Map<string, PatchValue>();
  for (const [at, part] of listIn(parameter, 'part', `${place}.part`).entries()) {
    const { name, value } = namedValue(part, `${place}.part[${at}]`);
    if (!PARTS.includes(name)) throw fault('invalid', `An operation has ${PARTS.join(', ')}.`, value.place);
    if (values.has(name)) throw fault('invalid', `Give ${name} once.`, value.place);
    values.set(name, value);
  }
  const named = (name: string): PatchValue => {
    const value = values.get(name);
    if (!value) throw fault('required', `The operation needs the part ${name}.`, place);
    return value;
  };
  return { path: textIn(named('path')), place, ...neededFor(textIn(named('type')), named, place) };
}

function neededFor(type: string, named: (name: string) => PatchValue, place: string): Needed {
  switch (type) {
    case 'add':
      return { type, name: textIn(named('name')), value: named('value') };
    case 'insert':
      return { type, index: countIn(named('index')), value: named('value') };
    case 'delete':
      return { type };
    case 'replace':
      return { type, value: named('value') };
    case 'move':
      return { type, source: countIn(named('source')), destination: countIn(named('destination')) };
    default:
      throw fault('invalid', 'The type of an operation is add, insert, delete, replace or move.', place);
  }
}

/** A part, or an element of a value that comes as parts. */
function namedValue(part: OpenObject, place: string): { readonly name: string; readonly value: PatchValue } {
  const { name } = part;
  if (typeof name !== 'string' || name === '') throw fault('required', 'A part needs a name.', `${place}.name`);
  const types = new Set(Object.keys(part).flatMap((key) => /^_?value([A-Z]\w*)$/.exec(key)?.[1] ?? []));
  const [type, ...others] = types;
  const count = types.size + (part['part'] === undefined ? 0 : 1) + (part['resource'] === undefined ? 0 : 1);
  if (count !== 1 || others.length > 0) {
    throw fault('invalid', `The part ${name.slice(0, 64)} has one value: value[x], part or resource.`, place);
  }
  if (type !== undefined) {
    const [value, beside] = [part[`value${type}`], part[`_value${type}`]];
    return { name, value: { place, kind: 'typed', type, value, beside } };
  }
  if (part['resource'] !== undefined) return { name, value: { place, kind: 'resource', resource: part['resource'] } };
  const parts = listIn(part, 'part', `${place}.part`).map((one, at) => namedValue(one, `${place}.part[${at}]`));
  return { name, value: { place, kind: 'parts', parts } };
}

function listIn(holder: OpenObject, name: string, place: string): readonly OpenObject[] {
  const list = holder[name] ?? [];
  if (!Array.isArray(list) || !list.every(isOpenObject)) throw fault('invalid', `${name} is a list of objects.`, place);
  return list;
}

function textIn(value: PatchValue): string {
  if (value.kind === 'typed' && typeof value.value === 'string') return value.value;
  throw fault('invalid', 'This is a text: send it as valueString, or valueCode.', value.place);
}

function countIn(value: PatchValue): number {
  if (value.kind === 'typed' && Number.isInteger(value.value) && Number(value.value) >= 0) return Number(value.value);
  throw fault('invalid', 'This is a whole number from 0: send it as valueInteger.', value.place);
}
