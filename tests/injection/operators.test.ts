/**
 * What a request says is data: no name and no value of it becomes an operator, a path or a prototype. Each is either
 * refused, or taken for the text that it is.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource, Patient } from 'fhir/r4.js';
import { SERVED_TYPES, searchParametersOf } from '../../server/fhir/index.js';
import { bodyOf, idsOf, journeyStores, startServer, type TestServer } from '../journeys/server.js';
import { asValue, EVIL, EVIL_NAMES, jsonWith } from './evil.js';

const JSON_TYPE = 'application/fhir+json';

/** One resource of each type, in which no text is evil. */
const INNOCENT: Readonly<Record<string, FhirResource>> = {
  Schedule: { resourceType: 'Schedule', id: 'i', actor: [{ reference: 'Practitioner/i' }] },
  Slot: {
    resourceType: 'Slot',
    id: 'i',
    schedule: { reference: 'Schedule/i' },
    status: 'busy',
    start: '2027-03-15T13:00:00Z',
    end: '2027-03-15T13:30:00Z',
  },
  Appointment: {
    resourceType: 'Appointment',
    id: 'i',
    status: 'proposed',
    participant: [{ actor: { reference: 'Patient/i' }, status: 'accepted' }],
  },
  AppointmentResponse: {
    resourceType: 'AppointmentResponse',
    id: 'i',
    appointment: { reference: 'Appointment/i' },
    actor: { reference: 'Patient/i' },
    participantStatus: 'accepted',
  },
  Practitioner: { resourceType: 'Practitioner', id: 'i', name: [{ family: 'Innocent' }] },
  PractitionerRole: { resourceType: 'PractitionerRole', id: 'i', practitioner: { reference: 'Practitioner/i' } },
  Location: { resourceType: 'Location', id: 'i', name: 'Innocent' },
  HealthcareService: { resourceType: 'HealthcareService', id: 'i', name: 'Innocent' },
  Organization: { resourceType: 'Organization', id: 'i', name: 'Innocent' },
  Patient: {
    resourceType: 'Patient',
    id: 'i',
    identifier: [{ system: 'http://innocent', value: '1' }],
    name: [{ family: 'Innocent' }],
  },
  RelatedPerson: { resourceType: 'RelatedPerson', id: 'i', patient: { reference: 'Patient/i' } },
  Device: { resourceType: 'Device', id: 'i', url: 'http://innocent', manufacturer: 'Innocent' },
};

/** A Patient whose every text is one evil text. */
const evilPatient = (text: string, at: number): Patient => ({
  resourceType: 'Patient',
  id: `evil-${at}`,
  meta: { tag: [{ system: text, code: text }] },
  extension: [{ url: text, valueString: text }],
  identifier: [{ system: text, value: text }],
  name: [{ family: text, given: [text] }],
  address: [{ city: text }],
});

/** What only the server writes is refused whatever it is. */
const WRITTEN = SERVED_TYPES.filter((type) => type !== 'AuditEvent');

const PATIENTS = EVIL.map(evilPatient);

describe.each(journeyStores)('data stays data on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    const inOrder = ['Practitioner', 'Patient', 'Schedule', 'Slot', 'Appointment'];
    const others = WRITTEN.filter((type) => !inOrder.includes(type));
    await server.put(...[...inOrder, ...others].map((type) => INNOCENT[type] as FhirResource), ...PATIENTS);
  });
  afterAll(() => server.close());

  const strictly = (path: string) => server.http.get(path).set('Prefer', 'handling=strict');

  describe('searches', () => {
    test.each(SERVED_TYPES)('%s: no parameter finds the innocent by an evil value', async (type) => {
      const wrong: unknown[] = [];
      for (const code of searchParametersOf(type).keys()) {
        for (const text of EVIL) {
          const path = `/${type}?${code}=${encodeURIComponent(text)}`;
          const answer = await strictly(path);
          const found = idsOf(answer as never).filter((id) => !id.startsWith('evil-'));
          if (![200, 400].includes(answer.status) || found.length > 0) wrong.push([path, answer.status, found]);
        }
      }
      expect(wrong).toEqual([]);
    });

    test.each(EVIL.map((text, at) => [text, `evil-${at}`]))('%j finds the one that has it', async (text, id) => {
      const value = asValue(text);
      // By its beginning `a.b` is found by no other text, but `.` begins `.*`, and `_` begins `__proto__`.
      const beginners = PATIENTS.filter(({ name }) => name?.[0]?.family?.startsWith(text)).map((one) => one.id);
      const holders = PATIENTS.filter(({ name }) => name?.[0]?.family?.includes(text)).map((one) => one.id);
      const expected: Record<string, unknown[]> = {
        [`identifier=${value}`]: [id],
        [`identifier=${value}|${value}`]: [id],
        [`identifier=${value}|`]: [id],
        [`_tag=${value}`]: [id],
        [`name:exact=${value}`]: [id],
        [`address-city:exact=${value}`]: [id],
        [`family=${value}`]: beginners,
        [`family:contains=${value}`]: holders,
        [`identifier=${value}&family:exact=${value}`]: [id],
        [`identifier:not=${value}&_id=i,${id}`]: ['i'],
      };
      const found: Record<string, unknown> = {};
      for (const query of Object.keys(expected)) {
        found[query] = idsOf(await server.get(`/Patient?${query}&_sort=_id`));
      }
      const sorted = Object.entries(expected).map(([query, ids]) => [query, ids.toSorted()]);
      expect(found).toEqual(Object.fromEntries(sorted));
    });

    test.each(EVIL_NAMES)('no parameter is called %s', async (name) => {
      const written = encodeURIComponent(name);
      const queries = [
        `${written}=1`,
        `identifier%5B${written}%5D=1`,
        `identifier:${written}=1`,
        `general-practitioner.${written}=1`,
        `general-practitioner:${written}.name=1`,
        `general-practitioner:Practitioner.${written}=1`,
        `_sort=${written}`,
        `_include=${written}:${written}`,
        `_include=Patient:${written}`,
        `_revinclude=${written}:${written}`,
        `_revinclude=Slot:${written}`,
        `_total=${written}`,
        `_summary=${written}`,
        `_count=${written}`,
        `_after=${written}`,
      ];
      const statuses = await Promise.all(queries.map(async (query) => (await strictly(`/Patient?${query}`)).status));
      expect(queries.filter((_, at) => statuses[at] !== 400)).toEqual([]);
      const form = await server.http
        .post('/Patient/_search')
        .set('Prefer', 'handling=strict')
        .type('form')
        .send(queries[0]);
      expect(form.status).toBe(400);
    });

    test('NUL is refused, in names and in values', async () => {
      for (const query of ['identifier=%00', 'identifier=a%00b', '%00=1', 'identifier%00=1']) {
        expect((await server.get(`/Patient?${query}`)).status).toBe(400);
      }
    });

    test('a cursor holds texts and numbers, and no operator', async () => {
      const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
      const ask = async (query: string, after: string) => (await server.get(`/Patient?${query}_after=${after}`)).status;
      for (const evil of [{ $gt: '' }, [{ $gt: '' }], [], { constructor: 1 }, true]) {
        expect(await ask('', cursor(evil, '', 'a'))).toBe(400);
        expect(await ask('', cursor(null, evil, 'a'))).toBe(400);
        expect(await ask('', cursor(null, '', evil))).toBe(400);
        expect(await ask('_sort=family&', cursor(evil, 'a'))).toBe(400);
      }
      for (const text of [...EVIL, '\0', '\ud800', '']) {
        for (const key of [text, null, 1e308, -0]) {
          expect(await ask('', cursor(key, text, text))).toBe(200);
          expect(await ask('_sort=family,-_lastUpdated&', cursor(key, text, text))).toBe(200);
        }
      }
    });
  });

  describe('addresses', () => {
    test.each([...EVIL_NAMES, ...EVIL])('nothing lies at %j', async (text) => {
      const written = encodeURIComponent(text).replace(/^\.$/, '%2E%2E.');
      for (const path of [`/Patient/${written}`, `/${written}/i`, `/Patient/i/_history/${written}`]) {
        const { status } = await server.get(path);
        expect([path, status]).toEqual([path, status === 400 ? 400 : 404]);
      }
      const deleted = await server.http.delete(`/Patient/${written}`);
      expect(deleted.status).toBeLessThan(500);
      expect((await server.get('/Patient?_summary=count')).body.total).toBe(PATIENTS.length + 1);
    });

    test.each(['constructor', 'toString', 'hasOwnProperty', 'a.b', '...'])('%s is an id like any other', async (id) => {
      expect((await server.get(`/Practitioner/${id}`)).status).toBe(404);
      await server.put({ resourceType: 'Practitioner', id });
      await server.put({ resourceType: 'Organization', id, name: id, partOf: { reference: `Organization/${id}` } });
      expect((await server.get(`/Practitioner/${id}`)).body.id).toBe(id);
      expect((await server.get(`/Practitioner/${id}/_history/1`)).body.id).toBe(id);
      expect(idsOf(await server.get(`/Practitioner?_id=${id}`))).toEqual([id]);
      expect(idsOf(await server.get(`/Organization?partof=${id}`))).toEqual([id]);
      expect(idsOf(await server.get(`/Organization?partof:Organization._id=${id}`))).toEqual([id]);
      expect((await server.http.delete(`/Practitioner/${id}`)).status).toBeLessThan(300);
      await server.http.delete(`/Organization/${id}`);
      expect(idsOf(await server.get(`/Practitioner?_id=${id}`))).toEqual([]);
    });
  });

  describe('bodies', () => {
    const put = (type: string, text: string) =>
      server.http.put(`/${type}/new`).set('Content-Type', JSON_TYPE).send(text);

    test.each(WRITTEN)('%s: an element of an evil name is refused, wherever it stands', async (type) => {
      const resource = { ...(INNOCENT[type] as object), id: 'new' };
      for (const name of EVIL_NAMES) {
        const bodies = [
          jsonWith(resource, name, { $gt: '' }),
          jsonWith(resource, 'meta', { '@': 1 }).replace('"@"', JSON.stringify(name)),
          jsonWith(resource, 'extension', [{ url: 'http://x', '@': '' }]).replace('"@"', JSON.stringify(name)),
          jsonWith(resource, 'text', { status: 'empty', '@': {} }).replace('"@"', JSON.stringify(name)),
        ];
        for (const body of bodies) expect([body, (await put(type, body)).status]).toEqual([body, 400]);
      }
      expect((await server.get(`/${type}/new`)).status).toBe(404);
      expect(({} as Record<string, unknown>)['$gt']).toBeUndefined();
    });

    test('an operator in the place of a text is refused', async () => {
      const operators = [{ $gt: '' }, { $ne: null }, [{ $gt: '' }], { $where: '1' }];
      for (const operator of operators) {
        const bodies = [
          { resourceType: operator, id: 'new' },
          { resourceType: 'Patient', id: operator },
          { resourceType: 'Patient', id: 'new', gender: operator },
          { resourceType: 'Patient', id: 'new', identifier: [{ value: operator }] },
          { resourceType: 'Patient', id: 'new', name: [{ family: operator }] },
          { resourceType: 'Patient', id: 'new', meta: { versionId: operator } },
          { resourceType: 'Patient', id: 'new', managingOrganization: { reference: operator } },
        ];
        for (const body of bodies) {
          expect([body, (await put('Patient', JSON.stringify(body))).status]).toEqual([body, 400]);
        }
      }
      expect((await server.get('/Patient/new')).status).toBe(404);
    });

    test.each(EVIL)('%j is kept to the letter, wherever a text may stand', async (text) => {
      const { body } = await server.get(`/Patient/evil-${EVIL.indexOf(text)}`);
      const { meta, ...rest } = evilPatient(text, EVIL.indexOf(text));
      expect(body).toMatchObject(rest);
      expect(body.meta?.tag).toEqual(meta?.tag);
    });

    test.each(['\\u0000', '\\ud800', '\\u0000$where'])('the escape %s in a text is refused or kept', async (escape) => {
      const text = `{"resourceType":"Patient","id":"escape","name":[{"family":"${escape}"}]}`;
      const { status } = await server.http.put('/Patient/escape').set('Content-Type', JSON_TYPE).send(text);
      expect([200, 201, 400]).toContain(status);
      await server.http.delete('/Patient/escape');
    });

    test.each(['/__proto__/evil', '/constructor/prototype/evil', '/$where', '/name/0/$gt', '/name/__proto__'])(
      'a patch of %s changes nothing',
      async (path) => {
        const patch = (op: string) =>
          server.http
            .patch('/Patient/i')
            .set('Content-Type', 'application/json-patch+json')
            .send(JSON.stringify([{ op, path, value: { $gt: '' } }]));
        for (const op of ['add', 'replace', 'test', 'remove']) {
          const { status } = await patch(op);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }
        expect((await server.get('/Patient/i')).body.meta?.versionId).toBe('1');
        expect(({} as Record<string, unknown>)['evil']).toBeUndefined();
      },
    );
  });

  describe('headers', () => {
    test('If-None-Exist with an evil value is a condition on that very text', async () => {
      for (const [at, text] of EVIL.entries()) {
        const create = () =>
          server.http
            .post('/Location')
            .set('If-None-Exist', `identifier=${asValue(text)}`)
            .send({ resourceType: 'Location', identifier: [{ value: text }] });
        const first = await create();
        const again = await create();
        expect([at, first.status, again.status]).toEqual([at, 201, 200]);
        expect(bodyOf(again).id).toBe(bodyOf(first).id);
      }
    });

    test.each(EVIL_NAMES)('If-None-Exist by a parameter %s is refused', async (name) => {
      for (const condition of [`${encodeURIComponent(name)}=1`, `identifier%5B${encodeURIComponent(name)}%5D=1`]) {
        const answer = await server.http
          .post('/Location')
          .set('If-None-Exist', condition)
          .send({ resourceType: 'Location' });
        expect([condition, answer.status]).toEqual([condition, 400]);
      }
    });

    test.each(EVIL)('If-Match: %s is no version', async (text) => {
      for (const header of [text, `W/"${text}"`]) {
        const answer = await server.http
          .put('/Patient/i')
          .set('If-Match', header)
          .send({ resourceType: 'Patient', id: 'i' });
        expect([header, answer.status]).toEqual([header, answer.status === 400 ? 400 : 412]);
      }
      expect((await server.get('/Patient/i')).body.meta?.versionId).toBe('1');
    });

    test.each(EVIL)('Prefer, If-None-Match and the rest with %s do no harm', async (text) => {
      for (const name of [
        'Prefer',
        'If-None-Match',
        'If-Modified-Since',
        'X-Request-Id',
        'Accept',
        'Accept-Language',
      ]) {
        const value = name === 'Prefer' ? `return=${text}, handling=${text}` : text;
        const answer = await server.http.get('/Patient/i').set(name, value);
        expect([name, answer.status]).toEqual([name, name === 'Accept' ? 406 : 200]);
      }
      const created = await server.http
        .post('/Location')
        .set('Prefer', `return=${text}`)
        .send({ resourceType: 'Location' });
      expect(created.status).toBe(201);
    });
  });
});
