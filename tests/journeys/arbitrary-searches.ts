/** Random searches of every served type, as paths: every parameter, modifiers, chains, includes, sorts, pages. */
import fc from 'fast-check';
import { SERVED_TYPES, searchParametersOf, type SearchParameterDefinition } from '../../server/fhir/index.js';
import { CODES, IDS, NAMES, SYSTEMS } from './arbitrary-resources.js';

type Pair = readonly [name: string, value: string];

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const PREFIXES = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
const DATES = [
  ...['2027', '2027-03', '2027-03-15', '2027-03-15T10:00:00Z', '1974-12', '2026'],
  ...['2027-03-15T10:00Z', '2027-03-15T06:00:00-04:00', '2027-03-15T15:45:00.250+05:45'],
] as const;

const prefixed = (values: readonly string[]) => fc.tuple(oneOf(PREFIXES), oneOf(values)).map((parts) => parts.join(''));

/** A value as it is written in a query, by the type of the parameter. */
function valueOf({ type, code, targets }: SearchParameterDefinition): fc.Arbitrary<string> {
  switch (type) {
    case 'token':
      if (code === '_id') return oneOf([...IDS, 'nobody']);
      return fc
        .tuple(oneOf(['', ...SYSTEMS.map((system) => `${system}|`), '|']), oneOf([...CODES, 'true', 'male', 'busy']))
        .map((parts) => parts.join(''));
    case 'reference':
      return fc.tuple(oneOf(['', ...targets.map((target) => `${target}/`)]), oneOf(IDS)).map((parts) => parts.join(''));
    case 'date':
      return prefixed(DATES);
    case 'number':
      return prefixed(['20', '30', '1800']);
    case 'string':
      return oneOf([...NAMES, 'a', 'Z', 'o', '7']);
    case 'special':
      return oneOf(['42|-83', '42.25|-83.69|500|km', '0|179.9|20000|km']);
    case 'uri':
      return oneOf(SYSTEMS);
  }
}

const several = (value: fc.Arbitrary<string>) =>
  fc.array(value, { minLength: 1, maxLength: 2 }).map((all) => all.join(','));

function modifiersOf({ type, targets }: SearchParameterDefinition): readonly string[] {
  if (type === 'string') return ['', '', ':exact', ':contains'];
  if (type === 'token') return ['', '', ':not'];
  if (type === 'uri') return ['', ':below', ':above'];
  return type === 'reference' ? ['', ':identifier', ...targets.slice(0, 3).map((target) => `:${target}`)] : [''];
}

/** The parameters of a type, those with few values as likely as those with many. */
const parametersOf = (type: string) => oneOf([...searchParametersOf(type).values()]);
const servedTargets = ({ targets }: SearchParameterDefinition) => SERVED_TYPES.filter((type) => targets.includes(type));

/** A condition on a type; a reference may be followed `depth` times more. */
function condition(type: string, depth: number): fc.Arbitrary<Pair> {
  return parametersOf(type).chain((parameter): fc.Arbitrary<Pair> => {
    const { code } = parameter;
    const plain: fc.Arbitrary<Pair> = fc.tuple(
      oneOf(modifiersOf(parameter)).map((modifier) => code + modifier),
      several(valueOf(parameter)),
    );
    const missing: fc.Arbitrary<Pair> = fc.tuple(fc.constant(`${code}:missing`), oneOf(['true', 'false']));
    const followed = depth > 0 ? servedTargets(parameter) : [];
    if (parameter.type !== 'reference' || followed.length === 0) {
      return fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: missing });
    }
    const chain = oneOf(followed).chain((target) =>
      condition(target, depth - 1).map(([name, value]): Pair => [`${code}:${target}.${name}`, value]),
    );
    return fc.oneof(
      { weight: 3, arbitrary: plain },
      { weight: 1, arbitrary: missing },
      { weight: 3, arbitrary: chain },
    );
  });
}

/** What resources of another type refer to, which meet a condition of theirs. */
function referred(type: string): fc.Arbitrary<Pair>[] {
  const backwards = ALL_REFERENCES.filter(({ targets }) => targets.includes(type as never));
  if (backwards.length === 0) return [];
  const from = oneOf(backwards).chain((one) =>
    condition(one.type, 1).map(([name, value]): Pair => [`_has:${one.type}:${one.code}:${name}`, value]),
  );
  return [from];
}

const ALL_REFERENCES = SERVED_TYPES.flatMap((type) =>
  [...searchParametersOf(type).values()]
    .filter((parameter) => parameter.type === 'reference')
    .map((parameter) => ({ type, code: parameter.code, targets: servedTargets(parameter) })),
);

function includes(type: string): fc.Arbitrary<Pair> {
  const own = ALL_REFERENCES.filter((one) => one.type === type).map(({ code }) => `${type}:${code}`);
  const backwards = ALL_REFERENCES.filter(({ targets }) => targets.includes(type as never)).map(
    (one) => `${one.type}:${one.code}`,
  );
  const pair = (name: string, values: readonly string[]) =>
    values.length > 0 ? [fc.tuple(fc.constant(name), oneOf(values))] : [];
  return fc.oneof(
    ...pair('_include', [...own, '*']),
    ...pair('_revinclude', [...backwards, '*', 'Appointment:*', 'Schedule:*']),
    ...pair(
      '_include:iterate',
      ALL_REFERENCES.map((one) => `${one.type}:${one.code}`),
    ),
  );
}

function sorts(type: string): fc.Arbitrary<Pair> {
  const sortable = [...searchParametersOf(type).values()].filter((parameter) => parameter.type !== 'special');
  const term = fc.tuple(oneOf(['', '-']), oneOf(sortable)).map(([sign, { code }]) => sign + code);
  return fc.uniqueArray(term, { minLength: 1, maxLength: 2 }).map((terms): Pair => ['_sort', terms.join(',')]);
}

const counts = fc.integer({ min: 1, max: 6 }).map((count): Pair => ['_count', String(count)]);
const totals = oneOf<Pair>([
  ['_total', 'accurate'],
  ['_total', 'none'],
  ['_summary', 'count'],
  ['_summary', 'true'],
]);

/** `/Type?…`: up to two conditions, and what says how to answer. */
export const searchPath: fc.Arbitrary<string> = oneOf(SERVED_TYPES).chain((type) =>
  fc
    .tuple(
      fc.array(fc.oneof({ weight: 4, arbitrary: condition(type, 3) }, ...referred(type)), { maxLength: 2 }),
      fc.array(includes(type), { maxLength: 2 }),
      fc.array(sorts(type), { maxLength: 1 }),
      fc.array(counts, { maxLength: 1 }),
      fc.array(totals, { maxLength: 1 }),
    )
    .map((parts) => `/${type}?${parts.flat().map(written).join('&')}`),
);

function written([name, value]: Pair): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}
