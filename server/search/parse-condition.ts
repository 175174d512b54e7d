import { isServedType, searchParametersOf, type SearchParameterDefinition } from '../fhir/index.js';
import { anyOf } from './combine.js';
import { splitUnescaped, unescaped } from './escapes.js';
import { EVERYTHING, type Filter } from './filter.js';
import { CHAIN_DEPTH_MAX, quoted, unreadable, VALUE_LENGTH_MAX, VALUES_MAX } from './limits.js';
import { modifiersOf } from './modifiers.js';
import { parameterNamed } from './named-parameter.js';
import { lastUpdatedAt, momentFor } from './moment.js';
import {
  dateFilter,
  hierarchyFilter,
  numberFilter,
  ofTypeFilter,
  placeFilter,
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
  const steps = stepsOf(context.name);
  const [first] = steps;
  if (!first || ('code' in first && !searchParametersOf(type).has(first.code))) return undefined;
  if (steps.length - 1 > CHAIN_DEPTH_MAX) {
    throw unreadable(context.name, `A chain follows at most ${CHAIN_DEPTH_MAX} references.`);
  }
  if (value.length > VALUE_LENGTH_MAX) {
    throw unreadable(context.name, `A value has at most ${VALUE_LENGTH_MAX} characters.`);
  }
  return conditionOn(type, steps, value, context);
}

/**
 * The code of a parameter as written, without chain and modifier: `schedule:Schedule.actor` is about `schedule`, and
 * `_has:Appointment:slot:status` about `_has`.
 */
export function codeOf(name: string): string {
  return splitModifier(name.split('.')[0]).code;
}

function splitModifier(step = ''): ParameterStep {
  const colon = step.indexOf(':');
  return colon < 0
    ? { code: step, modifier: undefined }
    : { code: step.slice(0, colon), modifier: step.slice(colon + 1) };
}

interface ParameterStep {
  readonly code: string;
  readonly modifier: string | undefined;
}

/** A step against the direction of references: `_has:[sourceType]:[by]:`. */
interface HasStep {
  readonly sourceType: string;
  readonly by: string;
}

const HAS = /^_has:([^:.]*):([^:.]*):/;

/** The name of a parameter, cut where it goes from one type of resource to another. */
function stepsOf(name: string): readonly (ParameterStep | HasStep)[] {
  const steps: (ParameterStep | HasStep)[] = [];
  for (let rest: string | undefined = name; rest !== undefined && steps.length <= CHAIN_DEPTH_MAX + 1;) {
    const [whole, sourceType = '', by = ''] = HAS.exec(rest) ?? [];
    if (whole !== undefined) {
      steps.push({ sourceType, by });
      rest = rest.slice(whole.length);
      continue;
    }
    const dot = rest.indexOf('.');
    steps.push(splitModifier(dot < 0 ? rest : rest.slice(0, dot)));
    rest = dot < 0 ? undefined : rest.slice(dot + 1);
  }
  return steps;
}

function conditionOn(
  type: string,
  [step, ...following]: readonly (ParameterStep | HasStep)[],
  value: string,
  context: ValueContext,
): Filter | undefined {
  if (!step) return undefined;
  if ('by' in step) return referredBy(type, step, following, value, context);
  const { code, modifier } = step;
  const definition = parameterNamed(type, code);
  if (!definition) return undefined;
  if (definition.chain !== undefined) {
    const meant = [...stepsOf(chainMeant(definition.chain, code, modifier, context.name)), ...following];
    return conditionOn(type, meant, value, context);
  }
  if (following.length > 0) return chained(definition, modifier, following, value, context);
  if (modifier === 'missing') return missing(definition, value, context);
  if (modifier === 'not' && definition.type === 'token') {
    return { kind: 'not', of: alternatives(type, definition, undefined, value, context) };
  }
  return alternatives(type, definition, modifier, value, context);
}

/**
 * The chain for which a parameter stands.
 *
 * @param name of the parameter as it stood in the request
 * @throws {Fault} `invalid` for a modifier, unless it repeats the type to which the chain leads
 */
function chainMeant(chain: string, code: string, modifier: string | undefined, name: string): string {
  if (modifier === undefined || chain.endsWith(`:${modifier}`)) return chain;
  throw unreadable(name, `The modifier ${quoted(modifier)} of ${quoted(code)} is not supported.`);
}

/** The values that a modifier looks at in place of the parameter's own: see `index-values.ts`. */
function modified(definition: SearchParameterDefinition, modifier: string): SearchParameterDefinition {
  return { ...definition, code: `${definition.code}:${modifier}` };
}

/** Every resource has these, in columns of its own, so that stores keep no values of them to look for. */
function isColumn(code: string): boolean {
  return code === '_id' || code === '_lastUpdated';
}

/** The resources that the reference leads to, of the type named or of any that has the next parameter. */
function chained(
  definition: SearchParameterDefinition,
  type: string | undefined,
  steps: readonly (ParameterStep | HasStep)[],
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

/** What resources of another type refer to; undefined where they have no such reference to this type. */
function referredBy(
  type: string,
  { sourceType, by }: HasStep,
  steps: readonly (ParameterStep | HasStep)[],
  value: string,
  context: ValueContext,
): Filter | undefined {
  if (!searchParametersOf(sourceType).get(by)?.targets.includes(type)) return undefined;
  const filter = conditionOn(sourceType, steps, value, context);
  return filter && { kind: 'has', sourceType, by, targetType: type, filter };
}

function missing(definition: SearchParameterDefinition, value: string, context: ValueContext): Filter {
  if (value !== 'true' && value !== 'false') {
    throw unreadable(context.name, `${quoted(context.name)} is true or false, not ${quoted(value)}.`);
  }
  const isMissing = value === 'true';
  if (isColumn(definition.code)) return isMissing ? anyOf([]) : EVERYTHING;
  const param = definition.type === 'special' ? `${definition.code}:latitude` : definition.code;
  return { kind: 'missing', param, missing: isMissing, ...momentFor(definition.code, context.nowMs) };
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
  const refuse = () =>
    unreadable(context.name, `The modifier ${quoted(modifier ?? '')} of ${quoted(definition.code)} is not supported.`);
  if (modifier !== undefined && !modifiersOf(definition).includes(modifier)) throw refuse();
  if (type === 'reference' && modifier === 'identifier') {
    return (value) => tokenFilter(modified(definition, modifier), value, context);
  }
  if (modifier === 'of-type') {
    return (value) => ofTypeFilter(modified(definition, modifier), value, context);
  }
  if (type === 'uri' && (modifier === 'below' || modifier === 'above')) {
    return (value) => hierarchyFilter(definition, value, modifier, context);
  }
  if (type === 'string' && (modifier === 'exact' || modifier === 'contains')) {
    return (value) => stringFilter(definition, value, modifier, context);
  }
  // A modifier that is claimed and not read here may not pass for none.
  if (modifier !== undefined) throw refuse();
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
    case 'special':
      return (value) => placeFilter(definition, value, context);
    case 'uri':
      return (value) => ({ kind: 'uri', param: definition.code, value: unescaped(value) });
  }
}
