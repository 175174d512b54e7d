/** What a resource goes through, over HTTP on each store: https://hl7.org/fhir/R4/http.html */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Response } from 'supertest';
import { bodyOf, journeyStores, startServer, type TestServer } from './server.js';

const PATCH = 'application/json-patch+json';

describe.each(journeyStores)('interactions on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
  });
  afterEach(() => server.close());

  const put = (text: string, id = 'l1') =>
    server.http.put(`/Location/${id}`).set('Content-Type', 'application/fhir+json').send(text);
  const raw = async (path: string) => (await server.http.get(path).buffer(true).parse(asText)).body as string;

  test('create, read, update, vread, delete: versions and headers', async () => {
    const created = await server.http.post('/Patient').send({ resourceType: 'Patient', active: true });
    expect(created.status).toBe(201);
    const { id } = bodyOf(created);
    expect(created.headers['location']).toMatch(new RegExp(`^http://[^/]+/Patient/${id}/_history/1$`));
    expect(created.headers['etag']).toBe('W/"1"');
    expect(created.headers['last-modified']).toBe('Mon, 01 Mar 2027 12:00:00 GMT');
    expect(bodyOf(created).meta).toEqual({ versionId: '1', lastUpdated: '2027-03-01T12:00:00.000Z' });

    server.clock.ms += 60_000;
    const updated = await server.http.put(`/Patient/${id}`).send({ resourceType: 'Patient', id, active: false });
    expect([updated.status, updated.headers['etag']]).toEqual([200, 'W/"2"']);
    expect((await server.get(`/Patient/${id}/_history/1`)).body).toMatchObject({
      active: true,
      meta: { versionId: '1' },
    });
    expect((await server.get(`/Patient/${id}/_history/2`)).body).toMatchObject({ active: false });

    expect((await server.http.delete(`/Patient/${id}`)).status).toBe(204);
    expect((await server.get(`/Patient/${id}`)).status).toBe(410);
    expect((await server.get(`/Patient/${id}/_history/3`)).status).toBe(410);
    expect((await server.get(`/Patient/${id}/_history/2`)).status).toBe(200);
    expect((await server.get('/Patient')).body.total).toBe(0);

    const again = await server.http.put(`/Patient/${id}`).send({ resourceType: 'Patient', id });
    expect([again.status, again.headers['etag']]).toEqual([201, 'W/"4"']);
  });

  test.each(['9', '0', 'x', '01', '1e0'])('a version %s that never was: 404', async (versionId) => {
    await put('{"resourceType":"Location","id":"l1"}');
    expect((await server.get(`/Location/l1/_history/${versionId}`)).status).toBe(404);
  });

  test('what was written comes back: digits, offsets, fractions, characters, order', async () => {
    const position = '"position":{"longitude":-83.6945691000,"latitude":42.256500,"altitude":1.50e2}';
    const name = '"name":"Süd 😀 \\u00e9 \\/ ‮"';
    await put(`{"resourceType":"Location",${position},${name},"id":"l1"}`);
    const text = await raw('/Location/l1');
    expect(text).toContain(position);
    expect(JSON.parse(text)).toMatchObject({ name: 'Süd 😀 é / ‮' });
    const slot = {
      resourceType: 'Slot',
      schedule: { reference: 'https://other.example/fhir/Schedule/x' },
      status: 'free',
      start: '2027-03-15T09:00:00.120-04:00',
      end: '2027-03-15T13:30:00Z',
    };
    const created = await server.http.post('/Slot').send(slot);
    expect(await raw(`/Slot/${bodyOf(created).id}`)).toContain(
      '"start":"2027-03-15T09:00:00.120-04:00","end":"2027-03-15T13:30:00Z"',
    );
  });

  test('a patch keeps the digits that it does not touch, and takes those that it brings', async () => {
    await put('{"resourceType":"Location","id":"l1","position":{"longitude":1.50,"latitude":2.00}}');
    const patch = '[{"op":"replace","path":"/position/latitude","value":3.10},{"op":"add","path":"/name","value":"x"}]';
    const answer = await server.http.patch('/Location/l1').set('Content-Type', PATCH).send(patch);
    expect(answer.status).toBe(200);
    expect(await raw('/Location/l1')).toContain('"position":{"longitude":1.50,"latitude":3.10},"name":"x"');
  });

  test.each<[string, number, unknown]>([
    ['a test that fails', 422, [{ op: 'test', path: '/name', value: 'other' }]],
    ['a path that leads nowhere', 422, [{ op: 'replace', path: '/address/city', value: 'x' }]],
    ['what makes the resource invalid', 400, [{ op: 'add', path: '/colour', value: 'red' }]],
    ['another id', 400, [{ op: 'replace', path: '/id', value: 'l2' }]],
    ['another type', 400, [{ op: 'replace', path: '/resourceType', value: 'Patient' }]],
    ['no array', 400, { op: 'remove', path: '/name' }],
    ['an unknown operation', 400, [{ op: 'increment', path: '/name' }]],
    ['a value that is missing', 400, [{ op: 'add', path: '/name' }]],
    ['the prototype', 422, [{ op: 'add', path: '/__proto__/polluted', value: 'x' }]],
  ])('a patch with %s: %i, and nothing changes', async (_, status, patch) => {
    await put('{"resourceType":"Location","id":"l1","name":"x"}');
    const answer = await server.http.patch('/Location/l1').set('Content-Type', PATCH).send(JSON.stringify(patch));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect({ status: answer.status, type: bodyOf(answer).resourceType }).toEqual({ status, type: 'OperationOutcome' });
    expect((await server.get('/Location/l1')).body).toMatchObject({ name: 'x', meta: { versionId: '1' } });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a patch of what is not there: 404; of what was deleted: 410', async () => {
    const patch = (id: string) => server.http.patch(`/Location/${id}`).set('Content-Type', PATCH).send('[]');
    expect((await patch('none')).status).toBe(404);
    await put('{"resourceType":"Location","id":"l1"}');
    await server.http.delete('/Location/l1');
    expect((await patch('l1')).status).toBe(410);
  });

  test('a version of ours stands, whatever meta the client sent', async () => {
    await put('{"resourceType":"Location","id":"l1","meta":{"versionId":"99","tag":[{"code":"t"}]}}');
    expect((await server.get('/Location/l1')).body.meta).toEqual({
      versionId: '1',
      lastUpdated: '2027-03-01T12:00:00.000Z',
      tag: [{ code: 't' }],
    });
  });

  test('20 updates with the same If-Match: one wins', async () => {
    await put('{"resourceType":"Location","id":"l1"}');
    const update = (n: number) =>
      server.http
        .put('/Location/l1')
        .set('If-Match', 'W/"1"')
        .send({ resourceType: 'Location', id: 'l1', name: `${n}` });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => update(n)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
    expect((await server.get('/Location/l1')).body.meta?.versionId).toBe('2');
  });

  test.each([
    ['none of them', 'identifier=s|none', 201],
    ['one', 'identifier=s|1', 200],
    ['several', 'active=true', 412],
    ['anything', '_sort=name', 400],
    ['a parameter that does not exist', 'foo=bar', 400],
  ])('If-None-Exist that %s meets', async (_, condition, status) => {
    for (const value of ['1', '2']) {
      const body = { resourceType: 'Patient', id: `p${value}`, active: true, identifier: [{ system: 's', value }] };
      await server.put(body as never);
    }
    const answer = await server.http.post('/Patient').set('If-None-Exist', condition).send({ resourceType: 'Patient' });
    expect(answer.status).toBe(status);
    expect((await server.get('/Patient?_summary=count')).body.total).toBe(status === 201 ? 3 : 2);
  });
});

/** The bytes of an answer, not what a parser makes of them. */
function asText(response: Response, done: (error: Error | null, text: string) => void): void {
  const chunks: Buffer[] = [];
  // While it is parsed, what superagent calls a Response is still the stream that Node has of it.
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => done(null, Buffer.concat(chunks).toString('utf8')));
}
