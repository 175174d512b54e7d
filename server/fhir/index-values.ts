import { MS_PER_MINUTE } from '../base/clock.js';
import { dateRange } from './date-range.js';
import { CONVERTERS } from './index-values-convert.js';
import { modifiedValuesOf } from './index-values-modified.js';
import { selectorOf } from './index-values-select.js';
import type { IndexValue, IndexValues } from './index-value.js';
import { typeOfReference } from './references.js';
import { searchParametersOf, type SearchParameterDefinition } from './search-parameters.js';

export interface IndexContext {
  /** IANA zone of bare dates and of times without an offset. */
  readonly zone: string;
  /** Base URLs of this server, without a slash at the end: references that begin so are ours. */
  readonly ownBases: readonly string[];
}

interface Extractor {
  readonly code: string;
  /** @param values what was found so far under other codes; what modifiers of this one look at is added there */
  readonly extract: (resource: Resource, context: IndexContext, values: Values) => readonly IndexValue[];
}

type Values = Record<string, readonly IndexValue[]>;

type Resource = Readonly<Record<string, unknown>> & { readonly resourceType: string };

/** Columns of every document, which stores fill by themselves. */
const STORED_AS_COLUMNS = new Set(['_id', '_lastUpdated']);

/** The rules that a SearchParameter can name instead of an expression: R4's FHIRPath cannot subtract times. */
const COMPUTED: Readonly<Record<string, Extractor['extract']>> = {
  'minutes-from-start-to-end': (resource, { zone }) => {
    const { start, end } = resource;
    const from = typeof start === 'string' ? dateRange(start, zone) : undefined;
    const to = typeof end === 'string' ? dateRange(end, zone) : undefined;
    return from && to ? [{ kind: 'number', value: (to.startMs - from.startMs) / MS_PER_MINUTE }] : [];
  },
};

const extractorsByType = new Map<string, readonly Extractor[]>();

/**
 * What searches can see of a resource: the values of each of its search parameters that has any, apart from `_id`
 * and `_lastUpdated`. The resource is not changed, not even in hidden properties.
 *
 * @param resource plain JSON of a resource that passed validation; of another type than the served: no values
 * @throws {Fault} `invalid` for an unknown zone
 */
export function indexValuesOf(resource: unknown, context: IndexContext): IndexValues {
  const values: Values = {};
  if (typeof resource !== 'object' || resource === null) return values;
  for (const { code, extract } of extractorsOf((resource as Resource).resourceType)) {
    const found = extract(resource as Resource, context, values);
    if (found.length > 0) values[code] = found.length === 1 ? found : withoutRepeats(found);
  }
  return values;
}

/** Expressions are compiled when the first resource of a type comes. */
function extractorsOf(type: string): readonly Extractor[] {
  let extractors = extractorsByType.get(type);
  if (!extractors) {
    extractors = [...searchParametersOf(type).values()]
      .filter(({ code }) => !STORED_AS_COLUMNS.has(code))
      .map((definition) => ({ code: definition.code, extract: extractOf(definition) }));
    extractorsByType.set(type, extractors);
  }
  return extractors;
}

function extractOf(definition: SearchParameterDefinition): Extractor['extract'] {
  const computed = definition.computed === undefined ? undefined : COMPUTED[definition.computed];
  if (computed) return computed;
  const convert = CONVERTERS[definition.type];
  const branches = definition.branches.map(({ expression, targetType }) => ({
    select: selectorOf(expression),
    targetType,
  }));
  return (resource, context, values) => {
    const found: IndexValue[] = [];
    for (const { select, targetType } of branches) {
      for (const element of select(resource)) {
        if (targetType !== undefined && typeReferredTo(element) !== targetType) continue;
        convert(element, context, found);
        for (const [modifier, value] of modifiedValuesOf(definition.type, element)) {
          const code = `${definition.code}:${modifier}`;
          values[code] = withoutRepeats([...(values[code] ?? []), value]);
        }
      }
    }
    return found;
  };
}

/** The type of what a Reference leads to: what its text says, else its `type`. */
function typeReferredTo(element: unknown): string | undefined {
  const { reference, type } = element as { reference?: unknown; type?: unknown };
  const told = typeof reference === 'string' ? typeOfReference(reference.replace(/\/_history\/[^/]+$/, '')) : undefined;
  return told ?? (typeof type === 'string' ? type : undefined);
}

/** Participants often share a status: one value is enough to be found by. */
function withoutRepeats(values: readonly IndexValue[]): readonly IndexValue[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
