import { isServedType, searchParametersOf, type SearchParameterDefinition } from '../fhir/index.js';
import { anyOf } from './combine.js';
import { splitUnescaped, unescaped } from './escapes.js';
import { EVERYTHING, type Filter } from './filter.js';
import { CHAIN_DEPTH_MAX, quoted, unreadable, VALUE_LENGTH_MAX, VALUES_MAX } from './limits.js';
import { lastUpdatedAt, momentFor } from './moment.js';
import {
  dateFilter,
  numberFilter,
  referenceFilter,
  stringFilter,
  tokenFilter,
  type ValueContext,
} from './parse-value.js';

/**
 * Reads one search parameter, its modifiers and chains included, into a condition on resources of a type.
 *
 * @param context its `name` is that of the parameter as it stood in the request
 * @returns undefined for a parameter, or a chain to one, that no definition knows
 * @throws {Fault} `invalid` for a modifier that is not supported, a value that cannot be read, a crossed limit
 */
export function parseCondition(type: string, value: string, context: ValueContext): Filter | undefined {
  const steps = context.name.split('.');
  if (!searchParametersOf(type).has(splitModifier(steps[0]).code)) return undefined;
  if (steps.length - 1 > CHAIN_DEPTH_MAX) {
    throw unreadable(context.name, `A chain follows at most ${CHAIN_DEPTH_MAX} references.`);
  }
  if (value.length > VALUE_LENGTH_MAX) {
    throw unreadable(context.name, `A value has at most ${VALUE_LENGTH_MAX} characters.`);
  }
  return conditionOn(type, steps, value, context);
}

/** The code of a parameter as written, without chain and modifier: `schedule:Schedule.actor` is about `schedule`. */
export function codeOf(name: string): string {
  return splitModifier(name.split('.')[0]).code;
}

function splitModifier(step = ''): { code: string; modifier: string | undefined } {
  const colon = step.indexOf(':');
  return colon < 0
    ? { code: step, modifier: undefined }
    : { code: step.slice(0, colon), modifier: step.slice(colon + 1) };
}

function conditionOn(type: string, steps: readonly string[], value: string, context: ValueContext): Filter | undefined {
  const { code, modifier } = splitModifier(steps[0]);
  const definition = searchParametersOf(type).get(code);
  if (!definition) return undefined;
  if (steps.length > 1) return chained(definition, modifier, steps.slice(1), value, context);
  if (modifier === 'missing') return missing(definition, value, context);
  if (modifier === 'not' && definition.type === 'token') {
    return { kind: 'not', of: alternatives(type, definition, undefined, value, context) };
  }
  return alternatives(type, definition, modifier, value, context);
}

/** Every resource has these, in columns of its own, so that stores keep no values of them to look for. */
function isColumn(code: string): boolean {
  return code === '_id' || code === '_lastUpdated';
}

/** The resources that the reference leads to, of the type named or of any that has the next parameter. */
function chained(
  definition: SearchParameterDefinition,
  type: string | undefined,
  steps: readonly string[],
  value: string,
  context: ValueContext,
): Filter | undefined {
  if (definition.type !== 'reference') {
    throw unreadable(context.name, `${quoted(definition.code)} is no reference, so nothing can follow it.`);
  }
  if (type !== undefined && !definition.targets.includes(type)) {
    throw unreadable(context.name, `${quoted(definition.code)} cannot lead to ${quoted(type)}.`);
  }
  const types = type === undefined ? definition.targets : [type];
  const chains = types.filter(isServedType).flatMap((targetType): Filter[] => {
    const filter = conditionOn(targetType, steps, value, context);
    return filter ? [{ kind: 'chain', param: definition.code, targetType, filter }] : [];
  });
  return chains.length === 0 ? undefined : anyOf(chains);
}

function missing(definition: SearchParameterDefinition, value: string, context: ValueContext): Filter {
  if (value !== 'true' && value !== 'false') {
    throw unreadable(context.name, `${quoted(context.name)} is true or false, not ${quoted(value)}.`);
  }
  const isMissing = value === 'true';
  if (isColumn(definition.code)) return isMissing ? anyOf([]) : EVERYTHING;
  return { kind: 'missing', param: definition.code, missing: isMissing, ...momentFor(definition.code, context.nowMs) };
}

function alternatives(
  type: string,
  definition: SearchParameterDefinition,
  modifier: string | undefined,
  value: string,
  context: ValueContext,
): Filter {
  const reader = readerOf(type, definition, modifier, context);
  const values = splitUnescaped(value, ',');
  if (values.length > VALUES_MAX) {
    throw unreadable(context.name, `${quoted(context.name)} takes at most ${VALUES_MAX} values, not ${values.length}.`);
  }
  if (values.includes('')) throw unreadable(context.name, `${quoted(context.name)} has an empty value.`);
  return anyOf([...new Set(values)].map(reader));
}

/** How a value is read, by type of parameter and modifier. @throws {Fault} for modifiers that are not supported */
function readerOf(
  resourceType: string,
  definition: SearchParameterDefinition,
  modifier: string | undefined,
  context: ValueContext,
): (value: string) => Filter {
  const { type, targets } = definition;
  if (type === 'reference' && modifier !== undefined && targets.includes(modifier)) {
    return (value) => referenceFilter(definition, value, context, modifier);
  }
  if (type === 'string' && (modifier === 'exact' || modifier === 'contains')) {
    return (value) => stringFilter(definition, value, modifier, context);
  }
  if (modifier !== undefined) {
    throw unreadable(context.name, `The modifier ${quoted(modifier)} of ${quoted(definition.code)} is not supported.`);
  }
  switch (type) {
    case 'token':
      return (value) => tokenFilter(definition, value, context);
    case 'reference':
      return (value) => referenceFilter(definition, value, context);
    case 'date':
      return (value) => {
        const leaf = dateFilter(definition, value, context);
        return leaf.param === '_lastUpdated' ? lastUpdatedAt(leaf, resourceType, context.nowMs) : leaf;
      };
    case 'number':
      return (value) => numberFilter(definition, value, context);
    case 'string':
      return (value) => stringFilter(definition, value, 'starts', context);
    case 'uri':
      return (value) => ({ kind: 'uri', param: definition.code, value: unescaped(value) });
  }
}
