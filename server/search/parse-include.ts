import { searchParametersOf } from '../fhir/index.js';
import { quoted, unreadable } from './limits.js';
import { parameterNamed } from './named-parameter.js';
import type { Include } from './parsed-search.js';

/**
 * Reads a value of `_include` or `_revinclude`: `Slot:schedule`, `Schedule:actor:Practitioner`, `Slot:*`, or `*`: all
 * references of the searched type, or with `_revinclude` those of every type.
 *
 * The name of an element stands for the parameter that looks at it.
 *
 * @param name as in the request, with `:iterate` or its STU3 name `:recurse`
 * @returns undefined where the source type, parameter or target type is unknown
 * @throws {Fault} `invalid` for another modifier or another form
 */
export function parseInclude(type: string, name: string, value: string): Include | undefined {
  const [base, modifier] = [name.split(':', 1)[0], name.split(':').slice(1).join(':')];
  if (!['', 'iterate', 'recurse'].includes(modifier)) {
    throw unreadable(name, `The modifier ${quoted(modifier)} of ${quoted(base ?? '')} is not supported.`);
  }
  const iterate = modifier !== '';
  const reverse = base === '_revinclude';
  if (value === '*') return { sourceType: reverse ? '*' : type, param: '*', iterate, reverse };

  const [sourceType = '', param = '', targetType, ...rest] = value.split(':');
  if (sourceType === '' || param === '' || targetType === '' || rest.length > 0) {
    throw unreadable(name, `Cannot read ${quoted(value)}: write Type:parameter or Type:parameter:TargetType.`);
  }
  const parameters = searchParametersOf(sourceType);
  const definition = parameterNamed(sourceType, param);
  const isKnown = param === '*' ? parameters.size > 0 : definition?.type === 'reference';
  const isPossible = targetType === undefined || param === '*' || definition?.targets.includes(targetType) === true;
  if (!isKnown || !isPossible) return undefined;
  return {
    sourceType,
    param: definition?.code ?? param,
    ...(targetType !== undefined && { targetType }),
    iterate,
    reverse,
  };
}
