import {
  dateRange,
  foldText,
  identifierType,
  isId,
  isServedType,
  normalReference,
  type SearchParameterDefinition,
} from '../fhir/index.js';
import { anyOf } from './combine.js';
import { splitUnescaped, unescaped } from './escapes.js';
import type { DateLeaf, Filter, Prefix, StringLeaf } from './filter.js';
import { quoted, unreadable, URL_SEGMENTS_MAX } from './limits.js';
import { momentFor } from './moment.js';
import { nearFilter, surroundingsOf } from './near.js';

/** What values are read against. */
export interface ValueContext {
  readonly nowMs: number;
  /** Of bare dates and of times without an offset. */
  readonly zone: string;
  readonly ownBases: readonly string[];
  /** The parameter as the request names it, for refusals. */
  readonly name: string;
}

const TYPED_ID = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/;
const ABSOLUTE = /^(?:https?:\/\/|urn:)\S+$/;
const NUMBER = /^[-+]?\d{1,15}(?:\.\d{1,15})?(?:[eE][-+]?\d{1,2})?$/;
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=.)/;

/** A share of the distance to now, by which R4 recommends to widen an approximate date. */
const APPROXIMATELY = 0.1;

/** A bare id as the value of a reference to any type is looked for in the served ones alone, not in all 145. */
const TARGETS_FEW = 20;

/** Takes a prefix off a value; undefined where it has none. */
export function splitPrefix(value: string): { prefix: Prefix | undefined; rest: string } {
  const prefix = PREFIX.exec(value)?.[1] as Prefix | undefined;
  return { prefix, rest: prefix === undefined ? value : value.slice(prefix.length) };
}

/** In a URL, `+02:00` that was not escaped arrives as a space before the offset. */
export function withPlus(time: string): string {
  return time.replace(/(T\S+) (\d\d:\d\d)$/, '$1+$2');
}

/** Whether no zone matters to a date value, or to any of several between commas. */
export function hasOffset(value: string): boolean {
  return value.split(',').every((one) => /T\d\S*(?:Z|[-+ ]\d\d:\d\d)$/.test(one));
}

/** `code`, `system|code`, `|code` (without a system), `system|` (any code). */
export function tokenFilter(definition: SearchParameterDefinition, value: string, context: ValueContext): Filter {
  const pieces = splitUnescaped(value, '|').map(unescaped);
  const param = definition.code;
  const moment = momentFor(param, context.nowMs);
  const [first = '', second] = pieces;
  if (pieces.length > 2) throw refusal(context, value, 'has more than one "|": write "\\|" for one within a code');
  if (second === undefined) {
    if (param === '_id' && !isId(first)) throw refusal(context, value, 'is no id');
    return { kind: 'token', param, code: first, ...moment };
  }
  if (param === '_id') throw refusal(context, value, 'is no id');
  if (first === '' && second === '') throw refusal(context, value, 'has neither a system nor a code');
  if (first === definition.codeSystem) {
    // The element is a bare code, whose system its binding tells: any value of it has that system.
    return second === ''
      ? { kind: 'missing', param, missing: false, ...moment }
      : { kind: 'token', param, code: second, ...moment };
  }
  return { kind: 'token', param, system: first, ...(second !== '' && { code: second }), ...moment };
}

/** `:of-type` of an identifier: the system and the code of its type, then its value. */
export function ofTypeFilter(definition: SearchParameterDefinition, value: string, context: ValueContext): Filter {
  const pieces = splitUnescaped(value, '|').map(unescaped);
  const [system = '', code = '', identifier = ''] = pieces;
  if (pieces.length !== 3 || pieces.includes('')) {
    throw refusal(context, value, 'is not the system and code of a type and a value, with "|" between them');
  }
  return { kind: 'token', param: definition.code, system: identifierType({ system, code }), code: identifier };
}

/** `:below` a URL is what begins with it; `:above` is each of the paths that lead to it, and itself. */
export function hierarchyFilter(
  definition: SearchParameterDefinition,
  written: string,
  direction: 'above' | 'below',
  context: ValueContext,
): Filter {
  const value = unescaped(written);
  // R4: neither applies to URNs.
  const [root] = /^https?:\/\/[^/]+/.exec(value) ?? [];
  if (root === undefined) throw refusal(context, value, 'is no URL that begins with http:// or https://');
  const param = definition.code;
  if (direction === 'below') return { kind: 'uri', param, value, below: true };
  const path = value.slice(root.length);
  const slashes = [...path.matchAll(/\//g)];
  if (slashes.length > URL_SEGMENTS_MAX) throw refusal(context, value, `has more than ${URL_SEGMENTS_MAX} segments`);
  const ends = slashes.flatMap(({ index }) => [index, index + 1]);
  const uris = new Set([...ends.map((end) => root + path.slice(0, end)), value]);
  return anyOf([...uris].map((uri): Filter => ({ kind: 'uri', param, value: uri })));
}

/** A bare id, `Type/id`, or an absolute URL, each with or without a version. */
export function referenceFilter(
  definition: SearchParameterDefinition,
  written: string,
  context: ValueContext,
  onlyType?: string,
): Filter {
  const value = unescaped(written);
  const param = definition.code;
  const types = onlyType === undefined ? definition.targets : [onlyType];
  const target = isId(value) ? undefined : normalReference(value, context.ownBases);
  if (isId(value)) {
    const likely = types.length > TARGETS_FEW ? types.filter(isServedType) : types;
    return anyOf(likely.map((type) => ({ kind: 'reference', param, target: `${type}/${value}` })));
  }
  const type = target === undefined ? undefined : TYPED_ID.exec(target)?.[1];
  if (target === undefined || (type === undefined && !ABSOLUTE.test(target))) {
    throw refusal(context, value, 'is no reference: write an id, Type/id or an absolute URL');
  }
  if (type !== undefined && !types.includes(type)) {
    throw refusal(context, value, `leads to no ${types.length > TARGETS_FEW ? 'FHIR resource' : types.join(' or ')}`);
  }
  if (type === undefined && context.ownBases.some((base) => target.startsWith(`${base}/`))) {
    throw refusal(context, value, 'names no resource of this server');
  }
  return { kind: 'reference', param, target };
}

/** A date of any precision, with or without one of the nine prefixes. */
export function dateFilter(definition: SearchParameterDefinition, written: string, context: ValueContext): DateLeaf {
  const value = unescaped(written);
  const { prefix = definition.defaultPrefix, rest } = splitPrefix(value);
  const range = dateRange(withPlus(rest), context.zone);
  if (!range) throw refusal(context, value, 'is no date or time');
  let { startMs, endMs } = range;
  if (prefix === 'ap') {
    startMs -= Math.round(Math.abs(context.nowMs - range.startMs) * APPROXIMATELY);
    endMs += Math.round(Math.abs(context.nowMs - range.endMs) * APPROXIMATELY);
  }
  // What ends at the midnight after a day lies in that day whole.
  const takesInMidnight =
    prefix === 'le' && definition.isExclusiveEnd && ['year', 'month', 'day'].includes(range.precision);
  if (takesInMidnight) endMs += 1;
  return { kind: 'date', param: definition.code, prefix, range: { startMs, endMs } };
}

/** `latitude|longitude`, with a distance or without: `near` of Location, the only special parameter. */
export function placeFilter(definition: SearchParameterDefinition, written: string, context: ValueContext): Filter {
  const place = surroundingsOf(splitUnescaped(written, '|').map(unescaped));
  if (!place) {
    throw refusal(context, written, 'is not latitude|longitude|distance|units, the units km, m, [mi_i] or [mi_us]');
  }
  return nearFilter(definition.code, place);
}

/** A decimal number, with or without a prefix. */
export function numberFilter(definition: SearchParameterDefinition, written: string, context: ValueContext): Filter {
  const value = unescaped(written);
  const { prefix = 'eq', rest } = splitPrefix(value);
  if (!NUMBER.test(rest)) throw refusal(context, value, 'is no number');
  return { kind: 'number', param: definition.code, prefix, value: Number(rest) };
}

/** A text that the values begin with, contain or are. */
export function stringFilter(
  definition: SearchParameterDefinition,
  written: string,
  match: StringLeaf['match'],
  context: ValueContext,
): StringLeaf {
  const text = match === 'exact' ? unescaped(written) : foldText(unescaped(written));
  // Every value begins with nothing: that would be no condition at all.
  if (text === '') throw refusal(context, written, 'is empty');
  return { kind: 'string', param: definition.code, text, match };
}

function refusal(context: ValueContext, value: string, why: string) {
  return unreadable(context.name, `The value ${quoted(value)} of ${quoted(context.name)} ${why}.`);
}
