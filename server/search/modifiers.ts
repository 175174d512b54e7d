import type { SearchParameterDefinition } from '../fhir/index.js';

/**
 * The modifiers that a search parameter takes, without the colon: https://hl7.org/fhir/R4/search.html#modifiers. Beside
 * these a reference takes the name of each type that it may lead to. The other name of a chain has no values to modify.
 */
export function modifiersOf({
  code,
  type,
  chain,
}: Pick<SearchParameterDefinition, 'code' | 'type' | 'chain'>): readonly string[] {
  if (chain !== undefined) return [];
  switch (type) {
    case 'token':
      return code === 'identifier' ? ['missing', 'not', 'of-type'] : ['missing', 'not'];
    case 'reference':
      return ['missing', 'identifier'];
    case 'string':
      return ['missing', 'exact', 'contains'];
    case 'uri':
      return ['missing', 'below', 'above'];
    case 'date':
    case 'number':
    case 'special':
      return ['missing'];
  }
}
