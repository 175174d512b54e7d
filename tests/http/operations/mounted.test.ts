/** Where the operations are, by which methods, and that their definitions say what they take. */
import { describe, expect, test } from '@jest/globals';
import type { CapabilityStatement, OperationDefinition } from 'fhir/r4.js';
import request from 'supertest';
import { conformanceResources } from '../../../server/fhir/index.js';
import { BOOKING_OPERATIONS } from '../../../server/http/mounted.js';
import { fakeServer } from '../fake-services.js';
import { parameters, startWith } from './fake-bookings.js';

const POST = 'POST, OPTIONS';
const GET_POST = 'GET, HEAD, POST, OPTIONS';

describe('methods', () => {
  test.each([
    ['/Appointment/$find', GET_POST],
    ['/Appointment/$hold', POST],
    ['/Appointment/a1/$hold', POST],
    ['/Appointment/$book', POST],
    ['/Appointment/a1/$book', POST],
    ['/Appointment/$cancel', POST],
    ['/Appointment/a1/$cancel', POST],
    ['/Appointment/a1/$confirm', POST],
    ['/Appointment/a1/$reschedule', POST],
    ['/Slot/s1/$lock', POST],
    ['/Slot/s1/$unlock', POST],
    ['/Slot/s1/$disable', POST],
    ['/Slot/s1/$enable', POST],
    ['/Schedule/s/$conflicts', GET_POST],
  ])('%s: %s, all others 405', async (path, allow) => {
    const { server, calls } = startWith();
    for (const method of ['get', 'put', 'patch', 'delete'] as const) {
      if (allow.includes(method.toUpperCase())) continue;
      const { status, headers } = await request(server)[method](path);
      expect([method, status, headers['allow']]).toEqual([method, 405, allow]);
    }
    expect(calls).toEqual([]);
  });

  test.each(['GET', 'HEAD'] as const)('%s of $find, its $ escaped', async (method) => {
    const { server, calls } = startWith();
    const { status } = await request(server)[method === 'GET' ? 'get' : 'head']('/Appointment/%24find?_format=json');
    expect([status, calls.length]).toEqual([200, 1]);
  });

  test.each(['/Slot/$find', '/Slot/$lock', '/Appointment/a1/$find', '/Appointment/$confirm', '/Patient/1/$lock'])(
    '%s is nowhere',
    async (path) => {
      const { status } = await request(startWith().server).post(path).send(parameters());
      expect(status).toBe(404);
    },
  );

  test('without a booking service there are none of booking', async () => {
    const { status, text } = await request(fakeServer()).get('/metadata');
    expect([status, text]).toEqual([200, expect.not.stringContaining('Appointment-find')]);
    expect((await request(fakeServer()).get('/Appointment/$find')).status).toBe(404);
  });
});

describe('definitions', () => {
  const definitions = conformanceResources('OperationDefinition') as readonly OperationDefinition[];
  const byId = new Map(definitions.map((one) => [one.id, one]));

  test('the CapabilityStatement has each operation once, with a definition that is served', async () => {
    const { server } = startWith();
    const { text } = await request(server).get('/metadata');
    const listed = (JSON.parse(text) as CapabilityStatement).rest?.[0]?.resource?.flatMap(
      ({ operation = [] }) => operation,
    );
    const ours = (listed ?? []).filter(({ definition }) => !definition.startsWith('http://hl7.org/fhir/'));
    expect(ours.map(({ definition }) => definition).sort()).toEqual(definitions.map(({ url }) => url));
    for (const { definition, name } of ours) {
      const id = definition.split('/').at(-1);
      const read = await request(server).get(`/OperationDefinition/${id}`);
      expect([read.status, JSON.parse(read.text)]).toMatchObject([200, { code: name, url: definition }]);
      const found = await request(server).get('/OperationDefinition').query({ url: definition });
      expect(JSON.parse(found.text)).toMatchObject({ total: 1 });
    }
  });

  test.each(BOOKING_OPERATIONS)(
    '$type-$code: the levels and effects that are real',
    ({ type, code, levels, methods }) => {
      const definition = byId.get(`${type}-${code}`);
      expect(definition).toMatchObject({
        code,
        resource: [type],
        system: false,
        type: levels.includes('type'),
        instance: levels.includes('instance'),
        // What changes something cannot be had by GET: https://hl7.org/fhir/R4/operations.html#executing
        affectsState: !methods.includes('get'),
      });
    },
  );

  /** A value of each type, that every operation can read. */
  const VALUES: Readonly<Record<string, object>> = {
    string: { valueString: 'http://s|c' },
    uri: { valueUri: 'a1' },
    integer: { valueInteger: 1 },
    positiveInt: { valuePositiveInt: 2 },
    dateTime: { valueDateTime: '2027-03-15T14:00:00Z' },
    Identifier: { valueIdentifier: { value: 'x' } },
    CodeableConcept: { valueCodeableConcept: { text: 'x' } },
  };
  const inputs = BOOKING_OPERATIONS.flatMap(({ type, code, levels }) => {
    const path = levels.includes('instance') ? `/${type}/a1/$${code}` : `/${type}/$${code}`;
    const parameter = byId.get(`${type}-${code}`)?.parameter ?? [];
    return parameter.filter(({ use }) => use === 'in').map((one) => ({ path, ...one }));
  });

  /** Those that change nothing are not read. */
  const UNREAD = ['timing', 'insurance-reference', 'coverage'];

  test.each(inputs)('$path reads $name', async ({ path, name, type = '', targetProfile, max }) => {
    const target = targetProfile?.[0]?.split('/').at(-1);
    const good = target ? { valueReference: { reference: `${target}/a1` } } : VALUES[type];
    const { server, calls } = startWith();
    const bad = await request(server)
      .post(path)
      .send(parameters([name, { valueBoolean: true }]));
    expect([bad.status, calls.length]).toEqual(UNREAD.includes(name) ? [200, 1] : [400, 0]);
    if (good === undefined) return;
    // Some need others beside them, whose absence is told in its own words.
    const text = (
      await request(server)
        .post(path)
        .send(parameters([name, good]))
    ).text;
    expect(text).not.toContain(`"There is no parameter`);
    expect(text).not.toContain(`Parameters.parameter[0]`);
    const twice = await request(server)
      .post(path)
      .send(parameters([name, good], [name, good]));
    expect(twice.text.includes(`Give ${name} once.`)).toBe(max === '1');
  });
});
