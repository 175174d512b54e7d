import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { prettyJson } from '../../server/http/pretty.js';
import { fakeServer, fakeServices } from './fake-services.js';

const FHIR = 'application/fhir+json; charset=utf-8';
const PLAIN = 'application/json; charset=utf-8';
/** XML and JSON alike, then the types of DSTU2. */
const HAPI_ACCEPT =
  'application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9';
const SLOT = '{"resourceType":"Slot","comment":"Größe"}';

describe('what is answered', () => {
  test.each([
    ['application/fhir+json', FHIR],
    ['application/json', PLAIN],
    ['*/*', FHIR],
    ['application/*', FHIR],
    ['application/json;charset=utf-8', PLAIN],
    ['application/fhir+json; fhirVersion=4.0', FHIR],
    ['application/fhir+json;q=0.5, application/json', PLAIN],
    ['application/json, */*;q=0.1', PLAIN],
    ['application/fhir+json, */*; q=0.1', FHIR], // Medplum
    [HAPI_ACCEPT, FHIR],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', FHIR], // a browser
  ])('Accept: %s gives %s', async (accept, type) => {
    const response = await request(fakeServer()).get('/Slot/1').set('Accept', accept);
    expect([response.status, response.headers['content-type']]).toEqual([200, type]);
  });

  test('without Accept it is FHIR JSON', async () => {
    const response = await request(fakeServer()).get('/Slot/1').unset('Accept');
    expect(response.headers['content-type']).toBe(FHIR);
  });

  test.each([
    ['json', FHIR],
    ['application/fhir+json', FHIR], // the + arrives as a space
    ['application%2Ffhir%2Bjson', FHIR],
    ['application/json', PLAIN],
    ['json&_format=json', FHIR],
  ])('_format=%s wins over Accept', async (format, type) => {
    const response = await request(fakeServer()).get(`/Slot/1?_format=${format}`).set('Accept', 'application/xml');
    expect([response.status, response.headers['content-type']]).toEqual([200, type]);
  });

  test('_pretty breaks lines and keeps every digit', async () => {
    const response = await request(fakeServer()).get('/Patient/1?_pretty=true');
    expect(response.text).toContain('\n  "multipleBirth": 1.50\n}');
  });

  test.each([{}, [], [[]], { a: [] }, { a: [{}, 1, -2.5e3, true, null, 'x'] }, 'a "quoted\\" {text}, [1]: 2', 17])(
    'prettyJson agrees with JSON.stringify on %j',
    (value) => expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2)),
  );
});

describe('what is read', () => {
  test.each([
    'application/fhir+json',
    'application/json',
    'application/json; charset=UTF-8', // fhirclient
    'Application/FHIR+JSON;charset="utf-8";fhirVersion=4.0',
  ])('a resource as %s', async (type) => {
    const services = fakeServices();
    const { status } = await request(fakeServer({}, services)).post('/Slot').set('Content-Type', type).send(SLOT);
    expect([status, services.calls[0]?.body?.plain]).toEqual([201, JSON.parse(SLOT)]);
  });

  test('a compressed resource', async () => {
    const services = fakeServices();
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    const call = request(fakeServer({}, services)).post('/Slot').set(headers);
    const { status } = await call.serialize((data: unknown) => data as string).send(gzipSync(SLOT));
    expect([status, services.calls[0]?.body?.plain]).toEqual([201, JSON.parse(SLOT)]);
  });

  test('a Content-Type on GET does not matter', async () => {
    const { status } = await request(fakeServer()).get('/Slot').set('Content-Type', 'text/plain');
    expect(status).toBe(200);
  });
});
