/** Bodies: as the schema says, sound ones with something of the schema's on them, and broken ones. */
import fc from 'fast-check';
import type { Content, Schema } from './document.js';
import { anyText, escaped, faked } from './values.js';

export interface Body {
  readonly mediaType: string;
  readonly text: string;
}

/** What a type of resource looks like that the server has taken. */
export type Samples = ReadonlyMap<string, readonly object[]>;

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const NOT_READ = ['application/fhir+xml', 'text/plain', 'application/fhir+json; charset=latin1', 'json', ';'];
const RAW: readonly string[] = [
  ...['', ' ', 'null', 'true', '0', '""', '[]', '{}', '[{}]', '{', '{"a":', '\uFEFF{}', '{"resourceType":"Nobody"}'],
  ...['{"resourceType":null}', '{"__proto__":{"a":1}}', '{"a":1,"a":2}', '{"a":1e999}', '"\\ud800"', 'a=1', '<x/>'],
  ...['['.repeat(5_000), `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, `{"a":"${'x'.repeat(200_000)}"}`],
];
const WRONG: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    '',
    ' ',
    'x',
    [],
    {},
    [null],
    [[]],
    [{}],
    { a: 1 },
    { resourceType: 'Slot' },
  ],
  ...['😀', '\u0000', 'x'.repeat(20_000), '2027-02-30', '9999-12-31T23:59:60Z', { reference: 'Nobody/x' }],
  ...[{ reference: '#x' }, { extension: [{ url: 'x' }] }, Array.from({ length: 300 }, () => ({}))],
];

/** A body for one of the media types that are read there, sometimes under another one. */
export function bodyOf(content: Content, samples: Samples, components: Schema): fc.Arbitrary<Body> {
  return oneOf(Object.entries(content)).chain(([mediaType, { schema }]) => {
    const type = fc.oneof({ weight: 12, arbitrary: fc.constant(mediaType) }, { weight: 1, arbitrary: oneOf(NOT_READ) });
    const text = mediaType.includes('form') ? formText : jsonText(schema, samples, components);
    return fc.record({ mediaType: type, text });
  });
}

const formText = fc
  .array(fc.tuple(oneOf(['status', '_id', 'start', 'schedule', '_count', '_sort', '_type', 'x', '%', '']), anyText))
  .map((pairs) => pairs.map((pair) => pair.map(escaped).join('=')).join('&'));

function jsonText(schema: Schema, samples: Samples, components: Schema): fc.Arbitrary<string> {
  const type = /\/schemas\/(\w+)$/.exec(String(schema['$ref']))?.[1] ?? 'Parameters';
  const known = samples.get(type) ?? [];
  const ofSchema = faked(schema, components).map(withoutEmpty);
  const sound = known.length > 0 ? oneOf(known) : ofSchema;
  const grafted = fc.tuple(sound, ofSchema).map(([whole, more]) => ({ ...(more as object), ...(whole as object) }));
  const broken = fc.tuple(sound, fc.nat(), oneOf(WRONG)).map(([whole, at, wrong]) => withWrong(whole, at, wrong));
  return fc.oneof(
    { weight: 3, arbitrary: sound.map(written) },
    { weight: 2, arbitrary: ofSchema.map(written) },
    { weight: 3, arbitrary: grafted.map(written) },
    { weight: 4, arbitrary: broken.map(written) },
    { weight: 1, arbitrary: oneOf(RAW) },
  );
}

function written(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** FHIR has no empty objects and arrays, which a schema of optional elements alone leads to. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutEmpty).filter((item) => !isEmpty(item));
  const entries = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && (value === null || Object.keys(value).length === 0);
}

/** A copy with something else at one of its places. */
function withWrong(value: unknown, at: number, wrong: unknown): unknown {
  const places = placesIn(value, []);
  const place = places[at % places.length] ?? [];
  return replaced(value, place, wrong);
}

function placesIn(value: unknown, place: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...place, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], wrong: unknown): unknown {
  if (key === undefined) return wrong;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? replaced(item, rest, wrong) : item));
  const whole = value as Readonly<Record<string, unknown>>;
  return { ...whole, [key]: replaced(whole[key], rest, wrong) };
}
