/** What nobody should send: every operation refuses it in FHIR's words, and the service behind never hears of it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OperationDefinition } from 'fhir/r4.js';
import request from 'supertest';
import { conformanceResources } from '../../../server/fhir/index.js';
import { OPERATION_PARAMETERS_MAX } from '../../../server/fhir/parameters.js';
import { BOOKING_OPERATIONS } from '../../../server/http/mounted.js';
import { EVIL, EVIL_NAMES } from '../../injection/evil.js';
import { parameters, startWith } from './fake-bookings.js';

const PATHS = BOOKING_OPERATIONS.flatMap(({ type, code, levels }) =>
  levels.map((level) => (level === 'type' ? `/${type}/$${code}` : `/${type}/a1/$${code}`)),
);
const FHIR_JSON = 'application/fhir+json';

const count = (n: number) => JSON.stringify(parameters(...Array.from({ length: n }, () => ['x', {}] as const)));
const of = (parameter: unknown) => JSON.stringify({ resourceType: 'Parameters', parameter });

/** Bodies, and the status that each operation answers. */
const BODIES: readonly (readonly [what: string, body: string | Buffer, status: number, contentType?: string])[] = [
  ['XML', '<Parameters xmlns="http://hl7.org/fhir"/>', 415, 'application/fhir+xml'],
  ['a form', 'key=k', 415, 'application/x-www-form-urlencoded'],
  ['text without a type', '{}', 415, ''],
  ['half a text', '{"resourceType":', 400],
  ['white space', ' ', 400],
  ['U+0000', '\0', 400],
  ['U+0000 in a value', '{"resourceType":"Parameters","parameter":[{"name":"key","valueString":"a\\u0000"}]}', 400],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
  ['a name twice', '{"resourceType":"Parameters","resourceType":"Parameters"}', 400],
  ['a name of JavaScript', '{"resourceType":"Parameters","__proto__":{}}', 400],
  ['a deep nest', '['.repeat(1_000) + ']'.repeat(1_000), 400],
  ['nothing', 'null', 400],
  ['a number', '1', 400],
  ['a text', '"Parameters"', 400],
  ['a list', '[{"resourceType":"Parameters"}]', 400],
  ['no resource', '{}', 400],
  ['another resource', '{"resourceType":"Patient"}', 400],
  ['a type that is a list', '{"resourceType":["Parameters"]}', 400],
  ['parameters that are no list', of({ name: 'key' }), 400],
  ['parameters that are nothing', of(null), 400],
  ['a parameter that is nothing', of([null]), 400],
  ['a parameter that is a list', of([[]]), 400],
  ['a parameter without a name', of([{ valueString: 'x' }]), 400],
  ['a name that is a number', of([{ name: 1, valueString: 'x' }]), 400],
  ['two values', of([{ name: 'key', valueString: 'x', valueUri: 'y' }]), 400],
  ['too many parameters', count(OPERATION_PARAMETERS_MAX + 1), 400],
  ['10,000 parameters', count(10_000), 400],
];

describe.each(PATHS)('POST %s', (path) => {
  test.each(BODIES)('%s', async (_what, body, expected, contentType = FHIR_JSON) => {
    const { server, calls } = startWith();
    const call = request(server).post(path).set('Content-Type', contentType);
    const { status, text } = await call.serialize((data: unknown) => data as string).send(body);
    expect([status, JSON.parse(text), calls]).toMatchObject([expected, { resourceType: 'OperationOutcome' }, []]);
  });
});

test('OPERATION_PARAMETERS_MAX: so many are read', async () => {
  const { status } = await request(startWith().server)
    .post('/Appointment/$find')
    .type(FHIR_JSON)
    .send(count(OPERATION_PARAMETERS_MAX));
  expect(status).toBe(200);
});

describe('ids that are none', () => {
  const instances = PATHS.filter((path) => path.includes('/a1/'));
  const ids = ['a'.repeat(65), 'a%20b', 'a%2Fb', '%00', 'a_b', '%C3%A9', '%', '%FF', "';--"];

  test.each(instances.flatMap((path) => ids.map((id) => path.replace('/a1/', `/${id}/`))))('%s: 400', async (path) => {
    const { server, calls } = startWith();
    const { status, text } = await request(server).post(path).send(parameters());
    expect([status, JSON.parse(text), calls]).toMatchObject([400, { resourceType: 'OperationOutcome' }, []]);
  });
});

test.each(['?start=%00', '?start=%', '?start=%FF', `?${'a&'.repeat(501)}`, '?start='])(
  'GET $find%s: 400',
  async (query) => {
    const { server, calls } = startWith();
    const { status } = await request(server).get(`/Appointment/$find${query}`);
    expect([status, calls]).toEqual([400, []]);
  },
);

test.each([...EVIL, ...EVIL_NAMES])('%s is a name like any other, and a value', async (text) => {
  const { server, calls } = startWith();
  const { status } = await request(server)
    .post('/Appointment/$find')
    .send(parameters([text, { valueString: text }]));
  expect([status, calls.length]).toEqual([200, 1]);
  const located = await request(server)
    .post('/Appointment/$find')
    .send(parameters(['location', { valueString: text }]));
  expect(located.status).toBe(200);
  expect(calls[1]?.[1]).toMatchObject({ locationTexts: [text] });
});

test('whatever a parameter is, the answer is no mistake of ours', async () => {
  const definitions = conformanceResources('OperationDefinition') as readonly OperationDefinition[];
  const names = [...new Set(definitions.flatMap(({ parameter = [] }) => parameter.map(({ name }) => name)))];
  const keys = [
    'resource',
    'String',
    'Uri',
    'Reference',
    'Coding',
    'CodeableConcept',
    'Identifier',
    'DateTime',
    'Integer',
  ];
  const parts = fc.constantFrom('reference', 'identifier', 'system', 'code', 'coding', 'value', 'text', 'resourceType');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree')), fc.dictionary(parts, tie('tree'))),
  }));
  const parameter = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...keys), tree);
  const { server } = startWith();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PATHS), fc.array(parameter, { maxLength: 4 }), async (path, sent) => {
      const pairs = sent.map(
        ([name, key, value]) => [name, { [key === 'resource' ? key : `value${key}`]: value }] as const,
      );
      const { status } = await request(server)
        .post(path)
        .send(parameters(...pairs));
      expect([200, 201, 400]).toContain(status);
    }),
    { numRuns: 300 },
  );
});

/** Texts that some parameter could take for a value, and what no parameter can. */
const leaf = fc.constantFrom<unknown>(
  ...['', 'a1', 'Patient/a1', 'a|b', '|', '2027-03-15', '2027-03-15T13:00:00Z', 'Appointment', 'Slot', '#a', '$where'],
  ...[null, true, 0, -1, 2.5],
);
