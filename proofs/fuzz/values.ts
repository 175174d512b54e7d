/** Texts that a caller might send: sound ones for each kind of parameter, and odd ones for all. */
import fc from 'fast-check';
import { generateSync } from 'json-schema-faker';
import type { Parameter, Schema } from './document.js';

type Faked = Parameters<typeof generateSync>[0];

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const LONG = 'x'.repeat(3_000);

/** What parsers of prefixes, dates, tokens, references and URLs stumble over. */
const ODD: readonly string[] = [
  ...[
    '',
    ' ',
    ',',
    ',,',
    '|',
    '||',
    '|||',
    '\\',
    '\\|',
    '$',
    ':',
    '.',
    '*',
    '%',
    '+',
    '&',
    '=',
    '#',
    '?',
    ';',
    '"',
    "'",
  ],
  ...['zz2027', 'ge', 'ge ge2027', 'eq-1', '2027-02-30', '2027-13', '0000', '99999-01-01', '2027-03-15T25:00:00Z'],
  ...['2027-03-15T10:00', '2027-03-15T10:00:00+99:00', '1e999', '-0', 'NaN', 'Infinity', '0x10', '9'.repeat(400)],
  ...['true', 'null', 'undefined', '__proto__', 'constructor', 'toString', '$where', '{"$gt":""}', "' OR 1=1 --"],
  ...['ünïcödé', '漢字', '😀', '\u202E', '\uFEFF', 'a\u0301', '\u0000', '\r\n', '�'],
  ...['http://', 'urn:uuid:', 'Patient/', '/Patient', 'Patient/x/_history/', 'http://[::1', '../..', '%2e%2e', LONG],
];

/** Sound values that meet something now and then. */
const SOUND: readonly string[] = [
  ...['free', 'busy', 'booked', 'proposed', 'x', 'Patient/x', 'Schedule/x', 'Schedule/rule', 'http://ex.org|a', '|a'],
  ...[
    '2027-03-02',
    'ge2027-03-02',
    'lt2027-03-09',
    '2027-03-02T10:00:00Z',
    '30',
    'gt20',
    'a',
    'true',
    'http://ex.org/a',
  ],
  ...['42|-83|10|km', 'status', '-_lastUpdated', '*', 'Slot:schedule', 'Appointment:patient', 'Schedule:actor', 'Slot'],
  ...['data', 'text', 'count', 'accurate', 'none', '1', '10', '0'],
];

export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: oneOf(SOUND) },
  { weight: 2, arbitrary: oneOf(ODD) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.tuple(oneOf(SOUND), oneOf(SOUND)).map((both) => both.join(',')) },
);

/** As a query or a form carries it; half of a surrogate pair becomes U+FFFD. */
export function escaped(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
}

/** What a schema allows, by the generator of json-schema-faker. */
export function faked(schema: Schema, components: Schema = {}): fc.Arbitrary<unknown> {
  const whole = { ...schema, components } as Faked;
  return fc.integer({ min: 1, max: 1_000_000 }).map((seed) =>
    // Deep enough for an extension of an element of a list; what is optional is seldom there.
    generateSync(whole, { seed, maxDepth: 5, optionalsProbability: 0.15, maxDefaultItems: 2 }),
  );
}

/** The value of a parameter: as its schema says, sound, or odd. */
export function valueOf({ schema }: Parameter): fc.Arbitrary<string> {
  const ofSchema = faked(schema).map((value) => [value].flat().map(String).join(','));
  return fc.oneof({ weight: 2, arbitrary: ofSchema }, { weight: 3, arbitrary: anyText });
}

/** Ids: those that are there, one that is not, and what is no id, without the names of other places. */
export function idsLike(known: readonly string[]): fc.Arbitrary<string> {
  const no = ['nobody', 'a b', 'x'.repeat(65), 'ä', '%', 'a/b', '😀', '__proto__'];
  return fc.oneof(
    { weight: 6, arbitrary: oneOf(known.length > 0 ? known : ['x']) },
    { weight: 1, arbitrary: oneOf(no) },
  );
}

/** Values of headers, which are ASCII where a client can send them at all. */
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  Prefer: ['return=minimal', 'return=representation', 'return=OperationOutcome', 'handling=strict', 'return=', 'x'],
  'If-Match': ['W/"1"', '"2"', '1', 'W/"99"', '*', '"', 'W/"1", W/"2"', ''],
  'If-None-Match': ['W/"1"', '*', '"x', '1'],
  'If-Modified-Since': ['Mon, 01 Mar 2027 08:00:00 GMT', 'Thu, 01 Jan 2099 00:00:00 GMT', 'yesterday'],
  'If-None-Exist': ['_id=x', 'identifier=a|b', '', '?', 'Patient?_id=x', '_id=%zz', '_count=1', 'colour=red'],
  'Idempotency-Key': ['"k1"', 'k2', '"', 'x'.repeat(300), ''],
  'X-Slot-Key': ['zebra', '', 'x'.repeat(300)],
  'X-Override-Reason': ['because', '', 'x'.repeat(1_001)],
  Accept: ['application/fhir+json', 'application/json', '*/*', 'application/xml', 'text/html', 'json', ';', ''],
  Authorization: ['Bearer fsk_unknown', 'Basic eDp5', 'Bearer', ''],
};

/** Some headers of those that may stand there, and seldom what every request may carry. */
export function headersOf(names: readonly string[]): fc.Arbitrary<Readonly<Record<string, string>>> {
  const one = (name: string, oneIn: number): fc.Arbitrary<Readonly<Record<string, string>>> =>
    fc.oneof(
      { weight: oneIn - 1, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: oneOf(HEADERS[name] ?? ['x']).map((value) => ({ [name]: value })) },
    );
  const own = names.map((name) => one(name, name === 'Prefer' ? 3 : 8));
  const all = fc.tuple(...own, one('Accept', 20), one('Authorization', 30));
  return all.map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));
}
