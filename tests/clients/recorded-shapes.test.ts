/** What clients send that do not run here, as it was recorded or read in their source, over HTTP on each store. */
import { describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { bodyOf, journeyStores, linkOf, matchesOf } from '../journeys/server.js';
import { clinicOn } from './journey.js';

const patientOf = (value: string, parts: Partial<Patient> = {}): Patient => ({
  ...{ resourceType: 'Patient', identifier: [{ system: 'http://mrn', value }] },
  ...parts,
});

describe.each(journeyStores)('recorded shapes on $name', (store) => {
  const clinic = clinicOn(store);
  const http = () => clinic().server.http;

  describe('HAPI, in Java', () => {
    /** XML and JSON alike, then the types of DSTU2. */
    const HEADERS = {
      Accept:
        'application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, ' +
        'application/json+fhir;q=0.9',
      'Accept-Charset': 'utf-8',
      'Accept-Encoding': 'gzip',
    };

    test('asks for the version of FHIR before all else, and takes JSON', async () => {
      const answer = await http().get('/metadata').set(HEADERS);
      expect(answer.headers['content-type']).toMatch(/^application\/fhir\+json/);
      expect(answer.body).toMatchObject({ fhirVersion: '4.0.1' });
    });

    test.each(['1', '"1"'])('If-Match: %s, as it was before 2025, is met once', async (ifMatch) => {
      const id = `hapi-${ifMatch.length}`;
      const put = (active: boolean) =>
        http()
          .put(`/Patient/${id}?_format=json`)
          .set({ ...HEADERS, 'Content-Type': 'application/fhir+json; charset=UTF-8' })
          .send(JSON.stringify({ resourceType: 'Patient', id, active }));
      await put(true);
      const answers = [await put(false).set('If-Match', ifMatch), await put(true).set('If-Match', ifMatch)];
      expect(answers.map(({ status }) => status)).toEqual([200, 412]);
    });
  });

  describe('fhirpy', () => {
    const HEADERS = { Accept: 'application/fhir+json', 'Content-Type': 'application/json' };
    const send = (method: 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) =>
      http()[method](path).set(HEADERS).send(body);

    test('get_or_create is a POST with a search, and creates once', async () => {
      const body = patientOf('got');
      const answers = [1, 2].map(() => () => send('post', '/Patient?identifier=http://mrn|got', body));
      const [first, second] = [await answers[0]!(), await answers[1]!()];
      expect([first.status, second.status, bodyOf(second).id]).toEqual([201, 200, bodyOf(first).id]);
    });

    test('a patch is a plain object: what it names is set, null takes away', async () => {
      await clinic().server.put(patientOf('patched', { id: 'py', gender: 'other', active: true }));
      const patched = await send('patch', '/Patient/py', { gender: 'female', active: null });
      expect([patched.status, patched.body]).toMatchObject([200, { gender: 'female', id: 'py' }]);
      expect(patched.body).not.toHaveProperty('active');
    });

    test('patch, update and delete name a resource by a search', async () => {
      await clinic().server.put(patientOf('by-search', { id: 'sought' }));
      const path = '/Patient?identifier=http://mrn|by-search';
      expect((await send('patch', path, { active: true })).body).toMatchObject({ id: 'sought', active: true });
      expect((await send('put', path, patientOf('by-search'))).body).not.toHaveProperty('active');
      expect((await send('delete', path)).status).toBe(204);
      expect((await http().get('/Patient/sought')).status).toBe(410);
    });

    test('a bare If-None-Match is the version: 304', async () => {
      const read = (version: string) => http().get('/Patient/paged-a').set('If-None-Match', version);
      expect([(await read('1')).status, (await read('2')).status]).toEqual([304, 200]);
    });

    test.each(['Patient?family=Paged', 'Slot?schedule=dr-one&start=2027-03-20&end=2027-03-20'])(
      'count() of %s reads a total',
      async (search) => {
        const body = bodyOf(await http().get(`/${search}&_count=0&_totalMethod=count`).set(HEADERS));
        expect([body.total, matchesOf({ body })]).toEqual([search.startsWith('Slot') ? 4 : 5, []]);
      },
    );
  });

  describe('Firely, in .NET', () => {
    const XML = 'application/fhir+xml; fhirVersion=4.0';

    test('asks for a summary of the capabilities, which has the version of FHIR', async () => {
      const answer = await http()
        .get('/metadata?_summary=true')
        .set('Accept', 'application/fhir+json; fhirVersion=4.0');
      expect(answer.body).toMatchObject({ fhirVersion: '4.0.1' });
    });

    test.each([
      ['Accept', 406],
      ['Content-Type', 415],
    ])('XML, its default, as %s is refused in JSON with advice: %i', async (header, status) => {
      const json = { Accept: 'application/fhir+json', 'Content-Type': 'application/fhir+json' };
      const answer = await http().post('/Patient').set(json).set(header, XML).send('<Patient/>');
      expect([answer.status, answer.headers['content-type']]).toEqual([
        status,
        expect.stringMatching(/^application\/fhir\+json/),
      ]);
      expect(bodyOf(answer).issue?.[0]?.diagnostics).toContain('ResourceFormat.Json');
    });

    test('a creation with all its headers', async () => {
      const create = () =>
        http()
          .post('/Patient')
          .set({ Accept: 'application/fhir+json; fhirVersion=4.0', Prefer: 'return=minimal, handling=lenient' })
          .set({ 'Content-Type': 'application/fhir+json; fhirVersion=4.0; charset=utf-8' })
          .set({ 'If-None-Exist': 'identifier=http://mrn|firely' })
          .send(JSON.stringify(patientOf('firely')));
      const [first, second] = [await create(), await create()];
      expect([first.status, first.text, second.status]).toEqual([201, '', 200]);
      expect(second.headers['location']).toBe(first.headers['location']);
    });
  });

  /** Models of fhir.resources take no empty array and no null. */
  test.each([
    '/metadata',
    '/Patient?_count=0',
    '/Slot?schedule=dr-one&start=2027-03-20&end=2027-03-20',
    '/Slot?schedule=nowhere&start=2027-03-20&end=2027-03-20',
    '/Patient?family=Paged&_elements=gender&_count=2',
    '/Patient/_history?_count=2',
    '/Appointment/$find?schedule=dr-one&start=2027-03-20&end=2027-03-20',
    '/Appointment/$find?schedule=nowhere&start=2027-03-20&end=2027-03-20',
    '/Patient/nobody',
  ])('nothing in %s is empty', async (path) => {
    expect(emptyIn((await http().get(path)).body)).toEqual([]);
  });

  test('an offset whose + was not escaped is one, whoever asks', async () => {
    const query = (plus: string) =>
      '/Slot?schedule=dr-one&status=free&' +
      `start=ge2027-03-20T11:30:00${plus}02:00&start=lt2027-03-20T12:30:00${plus}02:00`;
    const starts = await Promise.all(
      ['+', '%2B'].map(async (plus) =>
        matchesOf({ body: bodyOf(await http().get(query(plus))) }).map((slot) => (slot as { start?: string }).start),
      ),
    );
    expect(starts[0]).toEqual(['2027-03-20T09:30:00+00:00', '2027-03-20T10:00:00+00:00']);
    expect(starts[1]).toEqual(starts[0]);
  });

  test.each([
    '/Patient?family=Paged&_count=2',
    '/?_type=Practitioner,Patient&_count=2',
    '/Slot?schedule=dr-one&start=2027-03-20&end=2027-03-21&_count=2',
    '/Patient/_history?_count=2',
    '/_history?_count=2',
    '/Appointment/$find?schedule=dr-one&start=2027-03-20&end=2027-03-21&_count=2',
  ])('a _count=1000 added to the next link of %s changes nothing', async (path) => {
    const first = await clinic().server.get(path);
    const [next] = (first.body.link ?? []).filter(({ relation }) => relation === 'next');
    expect(next?.url).toMatch(/^http:\/\/127\.0\.0\.1:8080\//);
    const [asGiven, withMore] = ['', '&_count=1000'].map((more) =>
      clinic().server.get(`${linkOf(first, 'next')}${more}`),
    );
    const { body } = await withMore!;
    expect(body.entry).toHaveLength(2);
    expect(body).toEqual((await asGiven!).body);
  });
});

/** The paths of empty arrays and objects, and of nulls. */
function emptyIn(value: unknown, path = ''): readonly string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  const parts = Object.entries(value);
  return parts.length === 0 ? [path] : parts.flatMap(([name, part]) => emptyIn(part, `${path}/${name}`));
}
