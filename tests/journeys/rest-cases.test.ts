/** What conformance suites try of reads, writes and Bundles, on each store: https://hl7.org/fhir/R4/http.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { booking, scheduleOf, slotOf } from './booking-words.js';
import { bodyOf, idsOf, journeyStores, linkOf, startServer, type TestServer } from './server.js';

describe.each(journeyStores)('REST on $name', (store) => {
  let server: TestServer;
  let tries = 0;

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
    await server.put({ resourceType: 'Patient', id: 'q1' }, scheduleOf('s1', 'Device/none'));
  }, 60_000);
  afterAll(() => server.close());

  const newId = () => `l${(tries += 1)}`;
  const location = (id: string, name = 'x'): FhirResource => ({ resourceType: 'Location', id, name });
  const put = (id: string, headers: Record<string, string> = {}, name = 'x') =>
    server.http.put(`/Location/${id}`).set(headers).send(location(id, name));
  const send = async (type: string, ...requests: readonly object[]) => {
    const entry = requests.map((one) => ('request' in one ? one : { request: one }));
    const answer = await server.http.post('/').send({ resourceType: 'Bundle', type, entry });
    const body = answer.body as Bundle<FhirResource>;
    return { status: answer.status, body, statuses: body.entry?.map(({ response }) => response?.status) };
  };

  describe('If-None-Match: *', () => {
    const NEW = { 'If-None-Match': '*' };

    test('a PUT writes what is not there, or not any more, and nothing else: 412', async () => {
      const id = newId();
      expect((await put(id, NEW)).status).toBe(201);
      const again = await put(id, NEW, 'y');
      expect([again.status, bodyOf(again).issue?.[0]?.diagnostics]).toEqual([412, expect.stringContaining('is there')]);
      expect((await server.get(`/Location/${id}`)).body.meta?.versionId).toBe('1');
      await server.http.delete(`/Location/${id}`);
      expect((await put(id, NEW)).status).toBe(201);
    });

    test('of what a search finds', async () => {
      const identifier = [{ system: 'once', value: newId() }];
      const once = () =>
        server.http
          .put(`/Patient?identifier=once|${identifier[0]?.value}`)
          .set(NEW)
          .send({ resourceType: 'Patient', identifier });
      expect([(await once()).status, (await once()).status]).toEqual([201, 412]);
    });

    test.each(['batch', 'transaction'])('in a %s', async (type) => {
      const [there, fresh] = [newId(), newId()];
      await put(there);
      const asked = (id: string) => ({
        ...{ resource: location(id), request: { method: 'PUT', url: `Location/${id}`, ifNoneMatch: '*' } },
      });
      expect((await send(type, asked(fresh))).statuses).toEqual(['201']);
      const { status, statuses } = await send(type, asked(there));
      expect(statuses ?? status).toEqual(type === 'batch' ? ['412'] : 412);
    });
  });

  test.each(['W/"2"', '"2"', '2'])('an entry names its version as %s', async (ifMatch) => {
    for (const type of ['batch', 'transaction']) {
      const id = newId();
      await put(id);
      await put(id);
      const request = { method: 'PUT', url: `Location/${id}`, ifMatch };
      expect((await send(type, { resource: location(id), request })).statuses).toEqual(['200']);
      const { status, statuses } = await send(type, { resource: location(id), request });
      expect(statuses ?? status).toEqual(type === 'batch' ? ['412'] : 412);
    }
  });

  describe('reading', () => {
    test('an update that names another id changes nothing', async () => {
      const id = newId();
      await put(id);
      expect((await server.http.put(`/Location/${id}`).send(location('another'))).status).toBe(400);
      expect((await server.get('/Location/another')).status).toBe(404);
    });

    test('what the caller has is 304, also with the tag bare; what was deleted is 410', async () => {
      const id = newId();
      const { headers } = await put(id);
      const read = (name: string, value: string) => server.http.get(`/Location/${id}`).set(name, value);
      for (const tag of ['W/"1"', '"1"', '1']) expect((await read('If-None-Match', tag)).status).toBe(304);
      expect((await read('If-Modified-Since', headers['last-modified'] ?? '')).status).toBe(304);
      await put(id, {}, 'y');
      expect((await read('If-None-Match', '1')).status).toBe(200);
      await server.http.delete(`/Location/${id}`);
      expect((await read('If-None-Match', '3')).status).toBe(410);
    });

    test('in a batch, an entry that the caller has is 304', async () => {
      const id = newId();
      await put(id);
      const { statuses } = await send('batch', { method: 'GET', url: `Location/${id}`, ifNoneMatch: '1' });
      expect(statuses).toEqual(['304']);
    });

    test.each(['', '/_history', '/_history/1', '/$meta', '?_summary=text', '/_history/1/$meta'])(
      'HEAD of [type]/[id]%s is GET without a body',
      async (path) => {
        const id = newId();
        await put(id);
        const [got, head] = [
          await server.get(`/Location/${id}${path}`),
          await server.http.head(`/Location/${id}${path}`),
        ];
        expect([head.status, head.text, head.headers['content-length'], head.headers['etag']]).toEqual([
          ...[got.status, undefined, got.headers['content-length'], got.headers['etag']],
        ]);
      },
    );

    test.each(['/', '/_history', '/Location', '/Location/_history', '/metadata', '/$meta', '/Location/$meta'])(
      'HEAD %s is GET without a body',
      async (path) => {
        const [got, head] = [await server.get(path), await server.http.head(path)];
        expect([head.status, head.text]).toEqual([got.status, undefined]);
      },
    );
  });

  describe('Prefer', () => {
    const shown = (answer: { readonly text: string }) =>
      answer.text === '' ? 'minimal' : /"resourceType":"(\w+)"/.exec(answer.text)?.[1];
    const MINIMAL = { Prefer: 'return=minimal' };
    const OUTCOME = { Prefer: 'return=OperationOutcome' };

    test.each([
      ['return=minimal', 'minimal'],
      ['return=OperationOutcome', 'OperationOutcome'],
      ['return=representation', 'Location'],
      ['return=presentation', 'Location'],
    ])('%s of a creation, an update, a patch, and of what a search finds: %s', async (prefer, what) => {
      const identifier = [{ system: 'p', value: newId() }];
      const body = { resourceType: 'Location', identifier, name: 'x' };
      const query = `identifier=p|${identifier[0]?.value}`;
      const created = await server.http.post('/Location').set({ Prefer: prefer, 'If-None-Exist': query }).send(body);
      const id = /Location\/([^/]+)/.exec(created.headers['location'] ?? '')?.[1] ?? '';
      const asked = [
        created,
        await server.http.post('/Location').set({ Prefer: prefer, 'If-None-Exist': query }).send(body),
        await server.http
          .put(`/Location/${id}`)
          .set('Prefer', prefer)
          .send({ ...body, id }),
        await server.http.put(`/Location?${query}`).set('Prefer', prefer).send(body),
        await server.http.patch(`/Location/${id}`).set('Prefer', prefer).send({ name: 'y' }),
        await server.http.patch(`/Location?${query}`).set('Prefer', prefer).send({ name: 'z' }),
      ];
      expect(asked.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200]);
      expect(asked.map(shown)).toEqual(Array(6).fill(what));
      expect(asked.map(({ headers }) => headers['etag'])).toEqual(
        ['1', '1', '2', '3', '4', '5'].map((v) => `W/"${v}"`),
      );
    });

    test('of operations that change one resource', async () => {
      await server.put(slotOf('p', 's1', '13:00', '13:30'));
      const asked = { ...booking(['p'], '13:00', '13:30'), status: 'proposed' };
      const held = await server.http.post('/Appointment/$hold').set(MINIMAL).send(asked);
      expect([held.status, held.text, held.headers['expires']]).toEqual([201, '', expect.stringContaining('GMT')]);
      const path = new URL(held.headers['location'] ?? '').pathname.replace('/_history/1', '');
      const booked = await server.http.post(`${path}/$book`).set(OUTCOME).send();
      expect([booked.status, shown(booked), booked.text]).toEqual([
        ...[200, 'OperationOutcome', expect.stringContaining(`${path.slice(1)} is now at version 2.`)],
      ]);
      expect(shown(await server.http.post(`${path}/$cancel`).set(MINIMAL).send())).toBe('minimal');
      expect(shown(await server.http.post('/Slot/p/$disable').set(OUTCOME).send())).toBe('OperationOutcome');
      expect(shown(await server.http.post('/Slot/p/$enable').send())).toBe('Slot');
    });

    test('of the entries of a transaction', async () => {
      const [id, gone] = [newId(), newId()];
      await put(gone);
      const entry = [
        { resource: location(id), request: { method: 'PUT', url: `Location/${id}` } },
        { request: { method: 'DELETE', url: `Location/${gone}` } },
      ];
      const answer = await server.http
        .post('/')
        .set(OUTCOME)
        .send({ resourceType: 'Bundle', type: 'transaction', entry });
      const entries = (answer.body as Bundle).entry ?? [];
      expect(entries.map(({ resource, response }) => [resource, response?.outcome?.resourceType])).toEqual(
        Array(2).fill([undefined, 'OperationOutcome']),
      );
    });
  });

  test('a transaction with a resource twice, or with a condition that several meet, is refused', async () => {
    const id = newId();
    const twice = [
      { resource: location(id), request: { method: 'PUT', url: `Location/${id}` } },
      { request: { method: 'DELETE', url: `Location/${id}` } },
    ];
    expect((await send('transaction', ...twice)).status).toBe(400);
    await server.put(location(newId(), 'same'), location(newId(), 'same'));
    const several = { resource: location(newId()), request: { method: 'PUT', url: 'Location?name=same' } };
    expect((await send('transaction', several)).status).toBe(412);
    expect((await server.get(`/Location/${id}`)).status).toBe(404);
  });

  test('GET and POST of a search find the same; _format counts before Accept', async () => {
    const posted = await server.http.post('/Location/_search').type('form').send('name=same');
    expect(idsOf({ body: bodyOf(posted) })).toEqual(idsOf(await server.get('/Location?name=same')));
    const formatted = await server.http.get('/Location?_format=json').set('Accept', 'application/xml');
    expect([formatted.status, formatted.type]).toEqual([200, 'application/fhir+json']);
    const plain = await server.http.get('/Location?_format=application/json').set('Accept', 'application/fhir+json');
    expect(plain.type).toBe('application/json');
    expect((await server.http.get('/Location?_format=xml').set('Accept', 'application/json')).status).toBe(406);
    expect(linkOf(await server.get('/Location?name=same'), 'self')).toBe('/Location?name=same');
  });
});
