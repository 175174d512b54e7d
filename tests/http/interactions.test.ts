import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { fakeServer, fakeServices, LAST_MODIFIED } from './fake-services.js';

const JSON_TYPE = { 'Content-Type': 'application/fhir+json' };
const PATCH_TYPE = { 'Content-Type': 'application/json-patch+json' };
const BASE = 'https://slots.example.org/fhir';
const SLOT = '{"resourceType":"Slot"}';

/** A server with a base URL, and what its services saw. */
function start() {
  const services = fakeServices();
  return { ...services, server: fakeServer({ baseUrl: `${BASE}/` }, services) };
}

describe('read', () => {
  test('sends the text as stored, with what tells versions apart', async () => {
    const { status, text, headers } = await request(start().server).get('/Patient/a.b-1');
    expect([status, text]).toEqual([200, expect.stringContaining('"multipleBirth":1.50')]);
    expect(headers).toMatchObject({
      etag: 'W/"3"',
      'last-modified': LAST_MODIFIED,
      'content-type': 'application/fhir+json; charset=utf-8',
      'content-length': String(text.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  test.each(['/Patient/1', '/metadata/', '/Patient/1/', '/Patient/1/_history/2/', '/Slot/', '/health/'])(
    'HEAD %s answers as GET does, without the body; a slash at the end does not matter',
    async (path) => {
      const { server } = start();
      const [get, head] = [await request(server).get(path), await request(server).head(path)];
      expect([head.status, head.text, head.headers['content-length']]).toEqual([
        get.status,
        undefined,
        get.headers['content-length'],
      ]);
    },
  );

  test.each([
    ['If-None-Match', 'W/"3"', 304],
    ['If-None-Match', '"3"', 304],
    ['If-None-Match', '3', 304], // fhirpy
    ['If-None-Match', 'W/"1", W/"3"', 304],
    ['If-None-Match', '*', 304],
    ['If-None-Match', 'W/"2"', 200],
    ['If-None-Match', '"', 200],
    ['If-Modified-Since', LAST_MODIFIED, 304],
    ['If-Modified-Since', 'Mon, 15 Mar 2027 12:59:59 GMT', 200],
    ['If-Modified-Since', 'yesterday', 200],
  ])('%s: %s is %i', async (name, value, status) => {
    const response = await request(start().server).get('/Slot/1').set(name, value);
    expect([response.status, response.headers['etag']]).toEqual([status, 'W/"3"']);
    if (status === 304) expect([response.text, response.headers['content-type']]).toEqual(['', undefined]);
  });

  test('If-None-Match counts before If-Modified-Since', async () => {
    const headers = { 'If-None-Match': '"2"', 'If-Modified-Since': LAST_MODIFIED };
    expect((await request(start().server).get('/Slot/1').set(headers)).status).toBe(200);
  });

  test('vread gives that version', async () => {
    const { text, headers } = await request(start().server).get('/Slot/1/_history/2');
    expect([text, headers['etag']]).toEqual([expect.stringContaining('"versionId":"2"'), 'W/"2"']);
  });
});

describe('_summary and _elements on read', () => {
  test.each(['_summary=data', '_elements=identifier,multipleBirth'])('%s cuts and says so', async (query) => {
    for (const path of ['/Patient/1', '/Patient/1/_history/2']) {
      const { status, text } = await request(start().server).get(`${path}?${query}`);
      expect([status, text]).toEqual([200, expect.stringContaining('SUBSETTED')]);
      expect(text).toContain('"multipleBirth":1.50');
    }
  });

  test('_summary=false is the whole', async () => {
    const { text } = await request(start().server).get('/Patient/1?_summary=false');
    expect(text).not.toContain('SUBSETTED');
  });

  test.each(['_summary=count', '_summary=true&_elements=id'])('%s is refused: 400', async (query) => {
    expect((await request(start().server).get(`/Patient/1?${query}`)).status).toBe(400);
  });
});

describe('create', () => {
  test('201 with an absolute Location of the version', async () => {
    const { server, calls } = start();
    const { status, headers, text } = await request(server).post('/Slot').set(JSON_TYPE).send('\uFEFF{"a":1.50}');
    expect([status, headers['location'], headers['etag']]).toEqual([201, `${BASE}/Slot/1/_history/3`, 'W/"3"']);
    expect(text).toContain('"resourceType":"Slot"');
    expect(calls).toMatchObject([
      { verb: 'create', type: 'Slot', body: { plain: { a: 1.5 } }, context: { base: BASE } },
    ]);
  });

  test.each([
    ['identifier=a%7Cb', '/Slot'],
    ['?identifier=a%7Cb', '/Slot'],
    ['Slot?identifier=a%7Cb', '/Slot'],
    [undefined, '/Slot?identifier=a%7Cb'], // fhirpy's get_or_create
    [undefined, '/Slot?identifier=a%7Cb&_format=json'],
  ])('If-None-Exist %s, POST %s: 200, located where a match was found', async (condition, path) => {
    const { server, calls } = start();
    const call = request(server).post(path).set(JSON_TYPE);
    const response = await (condition === undefined ? call : call.set('if-none-exist', condition)).send(SLOT);
    expect([response.status, response.headers['location']]).toEqual([200, `${BASE}/Slot/1/_history/3`]);
    expect(calls[0]?.condition).toEqual([['identifier', 'a|b']]);
  });

  test('a query of presentation alone is no condition', async () => {
    const { server, calls } = start();
    const response = await request(server).post('/Slot?_format=json&_pretty=true').set(JSON_TYPE).send(SLOT);
    expect([response.status, calls[0]?.condition]).toEqual([201, undefined]);
  });
});

describe('Prefer', () => {
  test.each([
    [undefined, 'representation', false],
    ['return=minimal', 'minimal', false],
    ['return="representation"', 'representation', false],
    ['return=OperationOutcome', 'OperationOutcome', false],
    ['return=presentation', 'representation', false], // fhirclient's slip
    ['respond-async', 'representation', false],
    ['handling=strict, return=minimal', 'minimal', true],
    ['return=minimal; handling=strict', 'minimal', true],
    ['handling=lenient, handling=strict', 'representation', false],
  ])('%s', async (prefer, returns, strict) => {
    const { server, calls } = start();
    const call = request(server).put('/Slot/1').set(JSON_TYPE);
    const { status, text, headers } = await (prefer === undefined ? call : call.set('Prefer', prefer)).send(SLOT);
    const shown = text === '' ? 'minimal' : text.includes('"OperationOutcome"') ? 'OperationOutcome' : 'representation';
    expect([status, shown, calls[0]?.context?.strict]).toEqual([200, returns, strict]);
    if (returns === 'minimal') expect([headers['content-length'], headers['content-type']]).toEqual(['0', undefined]);
  });

  test('an OperationOutcome says what was done', async () => {
    const call = request(start().server)
      .post('/Slot')
      .set({ ...JSON_TYPE, Prefer: 'return=OperationOutcome' });
    const { status, text } = await call.send(SLOT);
    const said = 'Slot/1 was created as version 3.';
    const issue = { severity: 'information', code: 'informational', details: { text: said }, diagnostics: said };
    expect([status, JSON.parse(text)]).toEqual([201, { resourceType: 'OperationOutcome', issue: [issue] }]);
  });
});

describe('update, patch and delete', () => {
  test('an update is 200 with Content-Location, under an unknown id 201 with Location', async () => {
    const { server } = start();
    const changed = await request(server).put('/Slot/1').set(JSON_TYPE).send(SLOT);
    expect([changed.status, changed.headers['content-location'], changed.headers['location']]).toEqual([
      200,
      `${BASE}/Slot/1/_history/3`,
      undefined,
    ]);
    const created = await request(server).put('/Slot/new').set(JSON_TYPE).send(SLOT);
    expect([created.status, created.headers['location'], created.headers['content-location']]).toEqual([
      201,
      `${BASE}/Slot/new/_history/3`,
      undefined,
    ]);
  });

  test.each(['W/"3"', '"3"', '3', ' W/"3" '])('If-Match: %s names version 3 to all three', async (ifMatch) => {
    const { server, calls } = start();
    await request(server).put('/Slot/1').set(JSON_TYPE).set('If-Match', ifMatch).send(SLOT);
    await request(server).patch('/Slot/1').set(PATCH_TYPE).set('If-Match', ifMatch).send('[]');
    await request(server).delete('/Slot/1').set('If-Match', ifMatch);
    expect(calls.map(({ verb, ifMatch: version }) => [verb, version])).toEqual([
      ['update', '3'],
      ['patch', '3'],
      ['remove', '3'],
    ]);
  });

  test('a patch reaches the service as it was sent', async () => {
    const { server, calls } = start();
    const patch = [{ op: 'test', path: '/a', value: 1 }];
    const { status } = await request(server).patch('/Slot/1').set(PATCH_TYPE).send(JSON.stringify(patch));
    expect([status, calls[0]?.body?.plain]).toEqual([200, patch]);
  });

  test('a delete is 204 without a body, with the ETag of the deletion where there was something', async () => {
    const { server } = start();
    const there = await request(server).delete('/Slot/1');
    expect([there.status, there.text, there.headers['etag']]).toEqual([204, '', 'W/"3"']);
    expect(there.headers).not.toHaveProperty('content-length');
    const never = await request(server).delete('/Slot/never');
    expect([never.status, never.headers['etag']]).toEqual([204, undefined]);
    const told = await request(server).delete('/Slot/1').set('Prefer', 'return=OperationOutcome');
    expect([told.status, told.text]).toEqual([200, expect.stringContaining('Slot/1 was deleted.')]);
  });
});

describe('the base URL', () => {
  test.each(['127.0.0.1:8080', 'slots_api:80', '[::1]:8080', 'slots.example.org'])(
    'without a setting, links say the host of the request: %s',
    async (host) => {
      const server = fakeServer();
      const headers = { ...JSON_TYPE, Host: host, 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' };
      const { headers: sent } = await request(server).post('/Slot').set(headers).send(SLOT);
      expect(sent['location']).toBe(`http://${host}/Slot/1/_history/3`);
    },
  );

  test('with the setting, neither Host nor X-Forwarded-Host matters', async () => {
    const headers = { ...JSON_TYPE, Host: 'a"b', 'X-Forwarded-Host': 'evil.example' };
    const { headers: sent } = await request(start().server).post('/Slot').set(headers).send(SLOT);
    expect(sent['location']).toBe(`${BASE}/Slot/1/_history/3`);
  });
});
