import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { dateRange } from './date-range.js';
import { isObject } from './json-object.js';
import type { Parameter } from './parameters.js';
import type { ParsedJson } from './parsed-json.js';
import { isId, localReference } from './references.js';
import { validateResource } from './validate-resource.js';

/** A resource of this server by `Type/id`, or by an identifier of it. */
type Named =
  { readonly reference: string } | { readonly identifier: { readonly system?: string; readonly value: string } };

/** The same thing is written in many types: see docs/operations.md §1. Those of texts stand for each other. */
const TEXT_TYPES = ['String', 'Uri', 'Url', 'Canonical', 'Code', 'Id', 'Markdown'];
const TIME_TYPES = ['DateTime', 'Instant', 'Date', 'String'];
const INTEGER_TYPES = ['Integer', 'PositiveInt', 'UnsignedInt', 'String'];

/** Up to here a number in a text is the same number in JavaScript. */
const WHOLE_NUMBER = /^\d{1,15}$/;

/** A text that is not empty. @throws {Fault} `invalid` */
export function textOf(parameter: Parameter): string {
  return textIn(parameter, TEXT_TYPES, 'a valueString');
}

/** @throws {Fault} `invalid` for all but whole numbers from 0 */
export function countOf(parameter: Parameter): number {
  const { value } = parameter;
  const count = value && INTEGER_TYPES.includes(value.type) ? String(value.plain) : '';
  if (!WHOLE_NUMBER.test(count)) throw wrong(parameter, 'a whole number from 0, as valueInteger');
  return Number(count);
}

/**
 * A dateTime as written, with its offset.
 * @param dayToo whether a bare date may stand there
 * @throws {Fault} `invalid` for what is no time, and for one without offset
 */
export function timeOf(parameter: Parameter, dayToo: boolean): string {
  const form = dayToo ? 'a date, or a time with offset, as valueDateTime' : 'a time with offset, as valueDateTime';
  const text = textIn(parameter, TIME_TYPES, form);
  const range = dateRange(text, 'UTC');
  if (!range || !(range.hasOffset || (dayToo && range.precision === 'day'))) throw wrong(parameter, form);
  return text;
}

/** A time in milliseconds since 1970. @throws {Fault} `invalid` as `timeOf` */
export function instantOf(parameter: Parameter): number {
  return (dateRange(timeOf(parameter, false), 'UTC') as { readonly startMs: number }).startMs;
}

/**
 * A resource of this server: `Type/id`, an absolute URL of ours, a bare id, or (where there is no such reference)
 * an identifier. In a query an identifier is `system|value`.
 *
 * @param base of this server, without a slash at the end
 * @throws {Fault} `invalid` for what names no resource of that type here
 */
export function namedResource(parameter: Parameter, type: string, base: string): Named {
  const form = `a ${type} of this server, as valueReference or valueUri`;
  const { value } = parameter;
  const isReference = value?.type === 'Reference' && isObject(value.plain);
  const { reference, identifier } = isReference ? value.plain : {};
  const text = isReference ? reference : textIn(parameter, TEXT_TYPES, form);
  if (typeof text === 'string') {
    if (isId(text)) return { reference: `${type}/${text}` };
    const local = localReference(text, [base]);
    if (local?.type === type) return { reference: `${type}/${local.id}` };
    if (!isReference && text.includes('|')) return { identifier: identifierOfText(parameter, text) };
  }
  const found = identifierIn(identifier);
  if (found === undefined) throw wrong(parameter, form);
  return { identifier: found };
}

/** The id of a resource of this server. @throws {Fault} `invalid` as `namedResource`, and for an identifier */
export function idOf(parameter: Parameter, type: string, base: string): string {
  const named = namedResource(parameter, type, base);
  if (!('reference' in named)) throw wrong(parameter, `a ${type} of this server by its id`);
  return named.reference.slice(type.length + 1);
}

/** An Identifier; as a text `system|value`. @throws {Fault} `invalid` */
export function identifierOf(parameter: Parameter): { readonly system?: string; readonly value: string } {
  const { value } = parameter;
  if (value?.type !== 'Identifier') return identifierOfText(parameter, textOf(parameter));
  const found = identifierIn(value.plain);
  if (found === undefined) throw wrong(parameter, 'a valueIdentifier with a value');
  return found;
}

/** The codes of a parameter as `system|code`, one or more. @throws {Fault} `invalid` for a text without `|` */
export function tokensOf(parameter: Parameter): readonly string[] {
  const form = 'system|code, as valueString, valueCoding or valueCodeableConcept';
  const codings = codingsIn(parameter.value)?.filter(({ code }) => code !== undefined);
  if (codings) {
    if (codings.length === 0) throw wrong(parameter, form);
    return codings.map(({ system = '', code = '' }) => `${system}|${code}`);
  }
  const text = textIn(parameter, TEXT_TYPES, form);
  if (!text.includes('|')) throw wrong(parameter, form);
  return [text];
}

/** A concept: its codings and text; a text may be `system|code` or plain words. @throws {Fault} `invalid` */
export function conceptOf(parameter: Parameter): CodeableConcept {
  const form = 'a valueCodeableConcept with a code or a text';
  const { value } = parameter;
  const codings = codingsIn(value);
  if (!codings) return conceptOfText(textIn(parameter, TEXT_TYPES, form));
  const text = value?.type === 'CodeableConcept' && isObject(value.plain) ? value.plain['text'] : undefined;
  const concept = {
    ...(codings.length > 0 && { coding: [...codings] }),
    ...(typeof text === 'string' && text !== '' && { text }),
  };
  if (Object.keys(concept).length === 0) throw wrong(parameter, form);
  return concept;
}

/**
 * The resource of a parameter, which FHIR's rules allow.
 * @param types that may stand there
 * @throws {Fault} `invalid` and its like, each reason with the path from `Parameters`
 */
export function resourceOf(parameter: Parameter, types: readonly string[], base: string): ParsedJson {
  const { resource, place } = parameter;
  const type = isObject(resource?.plain) ? resource.plain['resourceType'] : undefined;
  if (!resource || typeof type !== 'string' || !types.includes(type)) {
    throw wrong(parameter, `a resource: ${types.join(' or ')}`);
  }
  const reasons = validateResource(resource.plain, type, [base], resource.exact);
  if (reasons.length > 0) throw new Fault(reasons.map((reason) => withinParameter(reason, type, place)));
  return resource;
}

function withinParameter(reason: Reason, type: string, place: string): Reason {
  const inner = (reason.expression ?? type).slice(type.length);
  return { ...reason, expression: `${place}.resource${inner}` };
}

function textIn(parameter: Parameter, types: readonly string[], form: string): string {
  const { value } = parameter;
  if (!value || !types.includes(value.type) || typeof value.plain !== 'string' || value.plain === '') {
    throw wrong(parameter, form);
  }
  return value.plain;
}

function conceptOfText(text: string): CodeableConcept {
  const bar = text.indexOf('|');
  if (bar < 0) return { text };
  const [system, code] = [text.slice(0, bar), text.slice(bar + 1)];
  return { coding: [{ ...(system !== '' && { system }), ...(code !== '' && { code }) }] };
}

function identifierOfText(parameter: Parameter, text: string): { readonly system?: string; readonly value: string } {
  const bar = text.indexOf('|');
  const [system, value] = [text.slice(0, Math.max(bar, 0)), text.slice(bar + 1)];
  if (value === '') throw wrong(parameter, 'system|value');
  return { ...(system !== '' && { system }), value };
}

function identifierIn(node: unknown): { readonly system?: string; readonly value: string } | undefined {
  if (!isObject(node)) return undefined;
  const { system, value } = node;
  if (typeof value !== 'string' || value === '') return undefined;
  return { ...(typeof system === 'string' && system !== '' && { system }), value };
}

/** The codings of a Coding or CodeableConcept; undefined for a value of another type. */
function codingsIn(value: Parameter['value']): readonly Coding[] | undefined {
  if (value?.type === 'Coding') return [codingIn(value.plain)].filter((coding) => coding !== undefined);
  if (value?.type !== 'CodeableConcept') return undefined;
  const list = isObject(value.plain) ? value.plain['coding'] : undefined;
  return Array.isArray(list) ? list.map(codingIn).filter((coding) => coding !== undefined) : [];
}

/** What of a coding is a text. */
function codingIn(node: unknown): Coding | undefined {
  if (!isObject(node)) return undefined;
  const texts = ['system', 'code', 'display'].filter((name) => typeof node[name] === 'string' && node[name] !== '');
  return texts.length > 0 ? Object.fromEntries(texts.map((name) => [name, node[name]])) : undefined;
}

function wrong({ name, place }: Parameter, form: string): Fault {
  return fault('invalid', `The parameter ${name} must be ${form}.`, place);
}
