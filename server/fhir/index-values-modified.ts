import { identifierType, type IndexValue } from './index-value.js';
import { isObject, type JsonObject } from './json-object.js';
import type { SearchParameterType } from './search-parameters.js';

/** A value, and the modifier that looks at it. */
type ModifiedValue = readonly [modifier: 'identifier' | 'of-type', value: IndexValue];

const NONE: readonly ModifiedValue[] = [];

/**
 * What modifiers look at in place of an element's own value: `:identifier` at the identifier in a Reference,
 * `:of-type` at the value of an Identifier together with each coding of its type.
 */
export function modifiedValuesOf(type: SearchParameterType, element: unknown): readonly ModifiedValue[] {
  if (!isObject(element)) return NONE;
  if (type === 'reference' && isObject(element['identifier'])) return identifierIn(element['identifier']);
  return type === 'token' && isObject(element['type']) ? typesOf(element, element['type']['coding']) : NONE;
}

function identifierIn({ system, value }: JsonObject): readonly ModifiedValue[] {
  if (typeof value !== 'string') return NONE;
  return [['identifier', { kind: 'token', ...(typeof system === 'string' && { system }), code: value }]];
}

function typesOf({ value }: JsonObject, codings: unknown): readonly ModifiedValue[] {
  if (typeof value !== 'string' || !Array.isArray(codings)) return NONE;
  return codings.filter(isObject).flatMap(({ system, code }): ModifiedValue[] => {
    if (typeof system !== 'string' || typeof code !== 'string') return [];
    return [['of-type', { kind: 'token', system: identifierType({ system, code }), code: value }]];
  });
}
