/** Writes that name a resource by a search, over HTTP on each store: https://hl7.org/fhir/R4/http.html#cond-update */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import type { Param } from '../../server/booking/index.js';
import { parseJson } from '../../server/fhir/index.js';
import { bodyOf, idsOf, journeyStores, startServer, type TestServer } from './server.js';

const identifier = [{ system: 's', value: '1' }];
const PATIENT: Patient = { resourceType: 'Patient', identifier, active: true };

describe.each(journeyStores)('conditional interactions on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
  });
  afterEach(() => server.close());

  const put = (body: object, query = 'identifier=s|1') => server.http.put(`/Patient?${query}`).send(body);
  const patch = (body: object, type = 'application/merge-patch+json', query = 'identifier=s|1') =>
    server.http.patch(`/Patient?${query}`).set('Content-Type', type).send(JSON.stringify(body));
  const remove = (query = 'identifier=s|1') => server.http.delete(`/Patient?${query}`);
  const twice = () => server.put({ ...PATIENT, id: 'one' }, { ...PATIENT, id: 'two' });

  test('50 equal creations with If-None-Exist at once: one resource, and all are told of it', async () => {
    const create = () => server.http.post('/Patient').set('If-None-Exist', 'identifier=s|1').send(PATIENT);
    const answers = await Promise.all(Array.from({ length: 50 }, create));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(49).fill(200), 201]);
    expect(new Set(answers.map((answer) => bodyOf(answer).id)).size).toBe(1);
    expect((await server.get('/Patient?identifier=s|1&_total=accurate')).body.total).toBe(1);
  });

  test.each(['create', 'update'] as const)(
    '50 times %s before any of them has answered: one is created',
    async (verb) => {
      const body = parseJson(JSON.stringify(PATIENT));
      const context = { base: 'http://127.0.0.1:8080', strict: false };
      const condition: Param[] = [['identifier', 's|1']];
      const write = () =>
        verb === 'create'
          ? server.resources.create('Patient', body, context, condition)
          : server.resources.update('Patient', condition, body, context);
      const written = await Promise.all(Array.from({ length: 50 }, write));
      expect(written.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
      expect(new Set(written.map(({ id }) => id)).size).toBe(1);
    },
  );

  describe('update', () => {
    test('what it finds is written, whether or not the body names its id', async () => {
      await server.put({ ...PATIENT, id: 'one' });
      const answer = await put({ ...PATIENT, active: false });
      expect([answer.status, answer.headers['etag'], bodyOf(answer)]).toMatchObject([
        ...[200, 'W/"2"'],
        { id: 'one', active: false },
      ]);
      expect((await put({ ...PATIENT, id: 'one' })).status).toBe(200);
      expect((await put({ ...PATIENT, id: 'other' })).status).toBe(400);
    });

    test('what it does not find is created: under a new id, or under that of the body', async () => {
      const created = await put(PATIENT);
      expect([created.status, bodyOf(created).id]).toEqual([201, expect.stringMatching(/^new-/)]);
      const named = await put({ resourceType: 'Patient', id: 'mine' }, 'identifier=s|2');
      expect([named.status, bodyOf(named).id]).toEqual([201, 'mine']);
      expect((await put({ resourceType: 'Patient', id: 'mine' }, 'identifier=s|3')).status).toBe(409);
    });

    test('20 equal ones at once: one resource', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => put(PATIENT)));
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
      expect(idsOf(await server.get('/Patient'))).toHaveLength(1);
    });

    test('of several it does none: 412', async () => {
      await twice();
      const answer = await put(PATIENT);
      expect([answer.status, bodyOf(answer).issue?.[0]?.code]).toEqual([412, 'multiple-matches']);
    });

    test('If-Match speaks of what was found', async () => {
      await server.put({ ...PATIENT, id: 'one' });
      expect((await put(PATIENT).set('If-Match', 'W/"2"')).status).toBe(412);
      expect((await put(PATIENT).set('If-Match', 'W/"1"')).status).toBe(200);
    });
  });

  describe('patch', () => {
    test.each([
      ['application/merge-patch+json', { active: false }],
      ['application/json', { active: false }],
      ['application/json-patch+json', [{ op: 'replace', path: '/active', value: false }]],
    ])('%s changes what it finds', async (type, body) => {
      await server.put({ ...PATIENT, id: 'one' });
      expect((await patch(body, type)).status).toBe(200);
      expect((await server.get('/Patient/one')).body).toMatchObject({ active: false, meta: { versionId: '2' } });
    });

    test('of none 404, of several 412', async () => {
      expect((await patch({ active: false })).status).toBe(404);
      await twice();
      expect((await patch({ active: false })).status).toBe(412);
    });
  });

  describe('delete', () => {
    test('what it finds is gone, and what it does not find was gone already', async () => {
      await server.put({ ...PATIENT, id: 'one' });
      expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
      expect((await server.get('/Patient/one')).status).toBe(410);
    });

    test('of several it does none: 412', async () => {
      await twice();
      expect((await remove()).status).toBe(412);
      expect(idsOf(await server.get('/Patient'))).toEqual(['one', 'two']);
    });
  });

  test.each([
    ['no search', ''],
    ['what is no parameter', 'colour=red'],
    ['what everything meets', '_count=1'],
  ])('a condition that is %s: 400, and nothing happens', async (_, query) => {
    await server.put({ ...PATIENT, id: 'one' });
    const answers = [await put(PATIENT, query), await patch({ active: false }, undefined, query), await remove(query)];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect((await server.get('/Patient/one')).body.meta?.versionId).toBe('1');
  });
});
