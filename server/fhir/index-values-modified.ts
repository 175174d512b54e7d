import { identifierType, type IndexValue } from './index-value.js';
import { isObject, type JsonObject } from './json-object.js';
import type { SearchParameterType } from './search-parameters.js';

/** A value, and the modifier that looks at it, or the part of a position that it is. */
type ModifiedValue = readonly [modifier: 'identifier' | 'of-type' | 'latitude' | 'longitude', value: IndexValue];

const NONE: readonly ModifiedValue[] = [];

/**
 * What modifiers look at in place of an element's own value: `:identifier` at the identifier in a Reference,
 * `:of-type` at the value of an Identifier together with each coding of its type. The one special parameter, `near`,
 * looks at latitude and longitude.
 */
export function modifiedValuesOf(type: SearchParameterType, element: unknown): readonly ModifiedValue[] {
  if (!isObject(element)) return NONE;
  if (type === 'reference' && isObject(element['identifier'])) return identifierIn(element['identifier']);
  if (type === 'special') return positionIn(element);
  return type === 'token' && isObject(element['type']) ? typesOf(element, element['type']['coding']) : NONE;
}

function identifierIn({ system, value }: JsonObject): readonly ModifiedValue[] {
  if (typeof value !== 'string') return NONE;
  return [['identifier', { kind: 'token', ...(typeof system === 'string' && { system }), code: value }]];
}

function positionIn({ latitude, longitude }: JsonObject): readonly ModifiedValue[] {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return NONE;
  return [
    ['latitude', { kind: 'number', value: latitude }],
    ['longitude', { kind: 'number', value: longitude }],
  ];
}

function typesOf({ value }: JsonObject, codings: unknown): readonly ModifiedValue[] {
  if (typeof value !== 'string' || !Array.isArray(codings)) return NONE;
  return codings.filter(isObject).flatMap(({ system, code }): ModifiedValue[] => {
    if (typeof system !== 'string' || typeof code !== 'string') return [];
    return [['of-type', { kind: 'token', system: identifierType({ system, code }), code: value }]];
  });
}
