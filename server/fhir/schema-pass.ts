import { createRequire } from 'node:module';
import { fault } from '../base/fault.js';
import { elementTable, type Property } from './element-table.js';
import type { Findings } from './findings.js';
import { isObject } from './json-object.js';
import { CONTAINED_VALIDATORS_PATH, VALIDATORS_PATH } from './package-paths.js';
import { PRIMITIVE_FORMS } from './primitives.js';

/** A function that ajv compiled; its errors are those of its last call. */
interface Validator {
  (data: unknown): boolean;
  readonly errors?: readonly SchemaError[] | null;
}

/** The part of ajv's error that we ask for. */
interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: {
    readonly missingProperty?: string;
    readonly additionalProperty?: string;
    readonly allowedValues?: readonly (string | null)[];
    readonly type?: string | readonly string[];
  };
}

type Validators = Readonly<Record<string, Validator | undefined>>;

let servedTypes: Validators | undefined;
let otherTypes: Validators | undefined;

/** Judges a resource of any R4 type by the official schema. @param path FHIRPath of the resource */
export function judgeBySchema(resource: unknown, type: string, path: string, findings: Findings): void {
  servedTypes ??= loadValidators(VALIDATORS_PATH);
  const validate = servedTypes[type] ?? (otherTypes ??= loadValidators(CONTAINED_VALIDATORS_PATH))[type];
  if (!validate) throw fault('bug', `There is no validator for ${type}.`);
  if (isValid(validate, resource, path, findings)) return;
  for (const error of validate.errors ?? []) {
    if (findings.isFull) return;
    tell(error, locate(resource, type, path, error.instancePath), findings);
  }
}

/** The schema's regular expressions overflow the stack on texts of several million characters, which FHIR forbids. */
function isValid(validate: Validator, resource: unknown, path: string, findings: Findings): boolean {
  try {
    return validate(resource);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    findings.add('invalid', path, 'A text in this resource is too long.');
    return true;
  }
}

function loadValidators(path: string): Validators {
  try {
    return createRequire(import.meta.url)(path) as Validators;
  } catch (cause) {
    throw fault('bug', 'The validators are missing: run npm run build.', undefined, cause);
  }
}

interface Place {
  readonly expression: string;
  readonly value: unknown;
  /** FHIR type of the element; undefined inside of what the definitions do not know. */
  readonly type: string | undefined;
}

/** From a JSON pointer to the FHIRPath of the element, its value and its type. */
function locate(resource: unknown, type: string, path: string, pointer: string): Place {
  let place: Place = { expression: path, value: resource, type };
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(place.value)) {
      place = { ...place, expression: `${place.expression}[${name}]`, value: (place.value as unknown[])[Number(name)] };
    } else {
      const property = propertyOf(place.type, name);
      const value = isObject(place.value) ? place.value[name] : undefined;
      place = { expression: expressionAt(place.expression, name, property), value, type: property?.type };
    }
  }
  return place;
}

function propertyOf(type: string | undefined, name: string): Property | undefined {
  return type === undefined ? undefined : elementTable(type)?.properties.get(name);
}

function expressionAt(parent: string, name: string, property: Property | undefined): string {
  if (property) return `${parent}.${property.element}`;
  return `${parent}.${/^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.replace(/[`\\]/g, '')}\``}`;
}

function tell({ keyword, params }: SchemaError, place: Place, findings: Findings): void {
  const { expression, value, type } = place;
  const inside = (name: string) => expressionAt(expression, name, propertyOf(type, name));
  switch (keyword) {
    case 'required': {
      const name = params.missingProperty ?? '';
      return findings.add('required', inside(name), `${inside(name)} is needed.`);
    }
    case 'additionalProperties': {
      const name = inside(params.additionalProperty ?? '');
      return findings.add('malformed', name, `${name} is no element of FHIR R4; take it out.`);
    }
    case 'enum': {
      if (typeof value !== 'string') return findings.add('malformed', expression, `${expression} must be a string.`);
      const codes = (params.allowedValues ?? []).filter((code) => code !== null).join(', ');
      return findings.add('code-invalid', expression, `"${brief(value)}" is not one of ${codes}.`);
    }
    case 'type':
      return findings.add('malformed', expression, `${expression} must be ${typeWords(params.type)}.`);
    default: {
      const form = PRIMITIVE_FORMS[type ?? ''] ?? `a valid ${type ?? 'value'}`;
      return findings.add('invalid', expression, `"${brief(value)}" is not ${form}.`);
    }
  }
}

function typeWords(type: string | readonly string[] | undefined): string {
  const [first = 'something else'] = [type ?? []].flat().filter((name) => name !== 'null');
  return `${/^[aeiou]/.test(first) ? 'an' : 'a'} ${first}`;
}

/** What somebody wrote, short enough for a message. */
function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
