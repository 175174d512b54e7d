import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import request from 'supertest';
import { fault } from '../../server/base/fault.js';
import { fakeServer, fakeServices } from './fake-services.js';

interface Door {
  readonly name: string;
  /** Method and request target. */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Status and issue code. */
  readonly answer: string;
  /** A part of `diagnostics` that tells the caller what to do. */
  readonly says?: string;
  readonly allow?: string;
}

const JSON_TYPE = { 'Content-Type': 'application/fhir+json' };
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' };
const SLOT = '{"resourceType":"Slot"}';

/** Every way in which a request can fail before, in and after a handler. */
const DOORS: readonly Door[] = [
  { name: 'the base', request: 'DELETE /', answer: '405 not-supported', allow: 'POST, GET, HEAD, OPTIONS' },
  { name: 'no Bundle', request: 'POST /', headers: JSON_TYPE, body: '{}', answer: '400 value', says: 'Bundle' },
  { name: 'a type in lower case', request: 'GET /slot', answer: '404 not-found', says: 'case-sensitive' },
  { name: 'a type that is not served', request: 'GET /Observation/1', answer: '404 not-found' },
  { name: 'a name that every object has', request: 'GET /constructor/1', answer: '404 not-found' },
  { name: 'SMART discovery', request: 'GET /.well-known/smart-configuration', answer: '404 not-found' },
  { name: 'OpenID discovery', request: 'GET /.well-known/openid-configuration', answer: '404 not-found' },
  { name: 'a path that is too deep', request: 'GET /Slot/1/_history/2/3', answer: '404 not-found' },
  { name: 'a history of what is not stored', request: 'GET /CodeSystem/1/_history', answer: '404 not-found' },
  { name: 'a doubled slash', request: 'GET //Slot', answer: '404 not-found' },
  { name: 'an unknown id', request: 'GET /Slot/unknown', answer: '404 not-found' },
  { name: 'a deleted id', request: 'GET /Slot/deleted', answer: '410 deleted' },
  { name: 'an operation, escaped', request: 'GET /Slot/%24find', answer: '404 not-found' },
  { name: 'an operation', request: 'POST /Slot/$find', headers: JSON_TYPE, body: '{}', answer: '404 not-found' },
  { name: 'a slash in an id', request: 'GET /Slot/a%2Fb', answer: '400 value', says: '64 characters' },
  { name: 'a space in an id', request: 'GET /Slot/a%20b', answer: '400 value' },
  { name: 'an id of 65 characters', request: `GET /Slot/${'a'.repeat(65)}`, answer: '400 value' },
  { name: 'a broken escape in an id', request: 'GET /Slot/%E0%A4%A', answer: '400 structure', says: 'escape' },
  { name: 'a malformed version', request: 'GET /Slot/1/_history/a_b', answer: '400 value' },
  { name: 'a broken escape in a query', request: 'GET /Slot?start=%zz', answer: '400 structure', says: '%' },
  { name: 'a query that is not UTF-8', request: 'GET /Slot?start=%ff', answer: '400 structure', says: 'UTF-8' },
  { name: 'U+0000 in a query', request: 'GET /Slot?_id=a%00b', answer: '400 structure', says: 'U+0000' },
  { name: 'too many parameters', request: `GET /Slot?${'a&'.repeat(501)}`, answer: '400 value', says: '500' },
  {
    name: 'a query that is too long',
    request: `GET /Slot?_id=${'a'.repeat(16_400)}`,
    answer: '413 too-long',
    says: '_search',
  },
  { name: 'a malformed Host', request: 'GET /Slot', headers: { Host: 'a b"c' }, answer: '400 structure', says: 'Host' },
  { name: 'a Host with a path', request: 'GET /Slot', headers: { Host: 'evil.example/x' }, answer: '400 structure' },
  {
    name: 'XML wanted',
    request: 'GET /Slot',
    headers: { Accept: 'application/fhir+xml' },
    answer: '406 not-supported',
    says: 'ResourceFormat.Json',
  },
  {
    name: 'JSON of another version',
    request: 'GET /Slot',
    headers: { Accept: 'application/fhir+json; fhirVersion=5.0' },
    answer: '406 not-supported',
  },
  {
    name: 'JSON ruled out by q=0',
    request: 'GET /Slot',
    headers: { Accept: 'application/fhir+json;q=0, application/json;q=0' },
    answer: '406 not-supported',
  },
  {
    name: '_format=xml over Accept',
    request: 'GET /Slot?_format=xml',
    headers: { Accept: 'application/json' },
    answer: '406 not-supported',
    says: '_format=json',
  },
  { name: 'two formats', request: 'GET /Slot?_format=json&_format=xml', answer: '400 value' },
  { name: 'a DELETE of a type', request: 'DELETE /Slot', answer: '400 required', says: 'Slot?identifier=' },
  {
    name: 'a PUT to a type',
    request: 'PUT /Slot?_format=json',
    headers: JSON_TYPE,
    body: SLOT,
    answer: '400 required',
  },
  {
    name: 'a DELETE of a type that is read only',
    request: 'DELETE /CodeSystem',
    answer: '405 not-supported',
    allow: 'GET, HEAD, OPTIONS',
  },
  {
    name: 'a POST to an id',
    request: 'POST /Slot/1',
    answer: '405 not-supported',
    allow: 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS',
  },
  { name: 'a GET of _search', request: 'GET /Slot/_search', answer: '405 not-supported', allow: 'POST, OPTIONS' },
  {
    name: 'a change of a version',
    request: 'PUT /Slot/1/_history/1',
    answer: '405 not-supported',
    allow: 'GET, HEAD, OPTIONS',
  },
  { name: 'a POST of metadata', request: 'POST /metadata', answer: '405 not-supported', allow: 'GET, HEAD, OPTIONS' },
  {
    name: 'a change of a definition',
    request: 'POST /StructureDefinition',
    headers: JSON_TYPE,
    body: '{}',
    answer: '405 not-supported',
    allow: 'GET, HEAD, OPTIONS',
  },
  {
    name: 'a write that the service has no method for',
    request: 'PUT /Slot/computed',
    headers: JSON_TYPE,
    body: SLOT,
    answer: '405 not-supported',
    allow: 'GET, HEAD, OPTIONS',
  },
  {
    name: 'a resource as XML',
    request: 'POST /Slot',
    headers: { 'Content-Type': 'application/fhir+xml' },
    body: '<Slot/>',
    answer: '415 not-supported',
    says: 'ResourceFormat.Json',
  },
  {
    name: 'a resource of no type',
    request: 'PUT /Slot/1',
    headers: { 'Content-Type': '' },
    body: SLOT,
    answer: '415 not-supported',
    says: 'application/fhir+json',
  },
  {
    name: 'a resource in Latin-1',
    request: 'POST /Slot',
    headers: { 'Content-Type': 'application/json; charset=ISO-8859-1' },
    body: SLOT,
    answer: '415 not-supported',
    says: 'UTF-8',
  },
  {
    name: 'a media type that cannot be read',
    request: 'POST /Slot',
    headers: { 'Content-Type': ';;' },
    body: SLOT,
    answer: '415 not-supported',
  },
  {
    name: 'an XML Patch',
    request: 'PATCH /Slot/1',
    headers: { 'Content-Type': 'application/xml-patch+xml' },
    body: '{}',
    answer: '415 not-supported',
    says: 'json-patch+json',
  },
  {
    name: 'a search form as JSON',
    request: 'POST /Slot/_search',
    headers: JSON_TYPE,
    body: '{}',
    answer: '415 not-supported',
    says: 'form-urlencoded',
  },
  {
    name: 'a broken escape in a form',
    request: 'POST /Slot/_search',
    headers: FORM_TYPE,
    body: 'a=%',
    answer: '400 structure',
  },
  {
    name: 'a Content-Encoding nobody knows',
    request: 'POST /Slot',
    headers: { ...JSON_TYPE, 'Content-Encoding': 'rot13' },
    body: SLOT,
    answer: '415 not-supported',
    says: 'gzip',
  },
  {
    name: 'gzip that is none',
    request: 'POST /Slot',
    headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
    body: SLOT,
    answer: '400 structure',
    says: 'decompressed',
  },
  { name: 'no body', request: 'POST /Slot', headers: JSON_TYPE, answer: '400 required' },
  { name: 'broken JSON', request: 'POST /Slot', headers: JSON_TYPE, body: '{"resourceType":', answer: '400 structure' },
  {
    name: 'bytes that are not UTF-8',
    request: 'POST /Slot',
    headers: JSON_TYPE,
    body: Buffer.from([0x22, 0xff, 0x22]),
    answer: '400 structure',
    says: 'UTF-8',
  },
  {
    name: 'hostile JSON',
    request: 'POST /Slot',
    headers: JSON_TYPE,
    body: '{"__proto__":{}}',
    answer: '400 structure',
  },
  {
    name: 'a body over the limit',
    request: 'POST /Slot',
    headers: JSON_TYPE,
    body: 'x'.repeat(10_001),
    answer: '413 too-long',
    says: 'BODY_BYTES_MAX',
  },
  {
    name: 'a small body that inflates over the limit',
    request: 'POST /Slot',
    headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' },
    body: gzipSync('x'.repeat(1_000_000)),
    answer: '413 too-long',
  },
  {
    name: 'an If-Match that names nothing',
    request: 'PUT /Slot/1',
    headers: { ...JSON_TYPE, 'If-Match': 'W/3' },
    body: SLOT,
    answer: '400 structure',
    says: 'W/"3"',
  },
  {
    name: 'an If-Match of any version',
    request: 'DELETE /Slot/1',
    headers: { 'If-Match': '*' },
    answer: '400 structure',
  },
  {
    name: 'a list in If-Match',
    request: 'DELETE /Slot/1',
    headers: { 'If-Match': '"1", "2"' },
    answer: '400 structure',
  },
  {
    name: 'If-None-Match with a creation',
    request: 'POST /Slot',
    headers: { ...JSON_TYPE, 'If-None-Match': '*' },
    body: SLOT,
    answer: '400 not-supported',
    says: 'If-None-Exist',
  },
  {
    name: 'If-None-Match with a deletion',
    request: 'DELETE /Slot/1',
    headers: { 'If-None-Match': '*' },
    answer: '400 not-supported',
    says: 'PUT',
  },
  {
    name: 'a version in the If-None-Match of a write',
    request: 'PUT /Slot/1',
    headers: { ...JSON_TYPE, 'If-None-Match': 'W/"3"' },
    body: SLOT,
    answer: '400 not-supported',
    says: 'is *',
  },
  {
    name: 'If-Match and If-None-Match',
    request: 'PUT /Slot/1',
    headers: { ...JSON_TYPE, 'If-None-Match': '*', 'If-Match': 'W/"3"' },
    body: SLOT,
    answer: '400 structure',
    says: 'exclude each other',
  },
  {
    name: 'an If-None-Exist that asks nothing',
    request: 'POST /Slot',
    headers: { ...JSON_TYPE, 'If-None-Exist': '' },
    body: SLOT,
    answer: '400 structure',
  },
  {
    name: 'a condition twice',
    request: 'POST /Slot?_id=1',
    headers: { ...JSON_TYPE, 'If-None-Exist': '_id=1' },
    body: SLOT,
    answer: '400 structure',
  },
  { name: 'an unknown definition', request: 'GET /StructureDefinition/nothing', answer: '404 not-found' },
  {
    name: 'a version of a definition',
    request: 'GET /StructureDefinition/availability/_history/1',
    answer: '404 not-found',
  },
  { name: 'a crash', request: 'GET /Slot/broken', answer: '500 exception' },
];

describe('every failure leaves as an OperationOutcome', () => {
  test.each(DOORS)('$name: $answer', async ({ request: line, headers = {}, body, answer, says, allow }) => {
    const services = fakeServices();
    const [method, target] = line.split(' ') as [string, string];
    const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    const call = request(fakeServer({}, services))[verb](target).set(headers);
    // Superagent would write a Buffer as JSON.
    const response = await (body === undefined ? call : call.serialize((data: unknown) => data as string).send(body));
    const { resourceType, issue } = JSON.parse(response.text) as OperationOutcome;
    expect([resourceType, `${response.status} ${issue[0]?.code}`]).toEqual(['OperationOutcome', answer]);
    expect(response.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
    const texts = { details: { text: expect.any(String) }, diagnostics: expect.stringContaining(says ?? '') };
    expect(issue[0]).toMatchObject(texts);
    expect(response.headers['allow']).toBe(allow);
    expect(services.calls.filter(({ verb }) => verb !== 'read')).toEqual([]);
  });

  test('a chunked body over the limit: 413', async () => {
    const call = request(fakeServer())
      .post('/Slot')
      .set({ ...JSON_TYPE, 'Transfer-Encoding': 'chunked' });
    call.write('x'.repeat(10_001));
    const response = await call;
    expect(response.status).toBe(413);
  });

  test('a crash tells the caller nothing and the log everything', async () => {
    const server = fakeServer();
    const response = await request(server).get('/Slot/broken?name=Haddad');
    expect(response.text).not.toContain('secret');
    expect(server.logged).toEqual([
      { fields: { err: expect.any(TypeError), method: 'GET', path: '/Slot/broken' }, message: 'request failed' },
    ]);
  });

  test('a store that cannot be reached: /health is 503', async () => {
    const ping = () => Promise.reject(fault('unavailable', 'The store cannot be reached.'));
    const response = await request(fakeServer({}, fakeServices(), { ping })).get('/health');
    expect([response.status, response.text]).toEqual([503, expect.stringContaining('"transient"')]);
    expect(response.headers['retry-after']).toBe('5');
  });

  test.each([
    ['unavailable', '503 transient', '5'],
    ['too-costly', '422 too-costly', undefined],
    ['too-large', '413 too-long', undefined],
  ] as const)('a store that refuses as %s: %s, on every way to it', async (kind, answer, retryAfter) => {
    const { searches, resources } = fakeServices();
    const refuse = () => Promise.reject(fault(kind, 'The store says so.'));
    const refusing = { read: refuse, version: refuse, create: refuse, update: refuse, patch: refuse, remove: refuse };
    const services = { resources: { ...resources, ...refusing }, searches: { ...searches, search: refuse } };
    const agent = request.agent(fakeServer({}, services));
    const calls = [
      agent.get('/Slot/1'),
      agent.get('/Slot/1/_history/1'),
      agent.get('/Slot?_id=1'),
      agent.post('/Slot/_search').type('form').send('_id=1'),
      agent.post('/Slot').set(JSON_TYPE).send(SLOT),
      agent.put('/Slot/1').set(JSON_TYPE).send(SLOT),
      agent.patch('/Slot/1').set('Content-Type', 'application/json-patch+json').send('[]'),
      agent.delete('/Slot/1'),
    ];
    for (const response of await Promise.all(calls)) {
      const { resourceType, issue } = JSON.parse(response.text) as OperationOutcome;
      expect([resourceType, `${response.status} ${issue[0]?.code}`]).toEqual(['OperationOutcome', answer]);
      expect(issue[0]?.diagnostics).toBe('The store says so.');
      expect(response.headers['retry-after']).toBe(retryAfter);
    }
  });
});
