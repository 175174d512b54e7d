/** What entries of Bundles name: each other and what a GET reads. https://hl7.org/fhir/R4/bundle.html#references */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, FhirResource, Patient } from 'fhir/r4.js';
import { SCHEDULES } from './fixture.js';
import { journeyStores, startServer, type TestServer } from './server.js';

const PATIENT: Patient = { resourceType: 'Patient', active: true };

const post = (resource: FhirResource, fullUrl?: string): BundleEntry<FhirResource> => ({
  ...(fullUrl !== undefined && { fullUrl }),
  ...{ resource, request: { method: 'POST', url: resource.resourceType } },
});

describe.each(journeyStores)('entries of Bundles on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T12:00:00Z');
    await server.put(...SCHEDULES, { resourceType: 'Patient', id: 'p1' });
  });
  afterAll(() => server.close());

  async function send(type: string, entries: readonly BundleEntry<FhirResource>[]) {
    const answer = await server.http.post('/').send({ resourceType: 'Bundle', type, entry: entries });
    const body = answer.body as Bundle<FhirResource>;
    return { status: answer.status, body, statuses: body.entry?.map(({ response }) => response?.status) };
  }

  test('a relative reference is one below the root of its own entry', async () => {
    const person: FhirResource = { resourceType: 'RelatedPerson', patient: { reference: 'Patient/p1' } };
    const { body } = await send('transaction', [
      post(PATIENT, 'http://other.example/fhir/Patient/p1'),
      post(person, 'http://other.example/fhir/RelatedPerson/1'),
      post(person, 'http://third.example/fhir/RelatedPerson/1'),
      post(person),
    ]);
    const [patient, ...persons] = (body.entry ?? []).map(({ resource }) => resource);
    const expected = [`Patient/${patient?.id}`, 'Patient/p1', 'Patient/p1'];
    expect(persons).toMatchObject(expected.map((reference) => ({ patient: { reference } })));
  });

  test('a version goes from what names an entry, a fragment stays', async () => {
    const div = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="urn:uuid:patient#f">x</a></div>';
    const patient = { reference: 'urn:uuid:patient/_history/1' };
    const { body } = await send('transaction', [
      post(PATIENT, 'urn:uuid:patient'),
      post({ resourceType: 'RelatedPerson', patient, text: { status: 'additional', div } }),
    ]);
    const place = `Patient/${body.entry?.[0]?.resource?.id}`;
    expect(body.entry?.[1]?.resource).toMatchObject({
      patient: { reference: place },
      text: { div: div.replace('urn:uuid:patient', place) },
    });
  });

  test('a conditional reference by what is no parameter is refused as such', async () => {
    const actor = [{ reference: 'Patient?foo=1' }];
    const { status, body } = await send('transaction', [post({ resourceType: 'Schedule', actor })]);
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringMatching(/Patient has no search parameter .*foo/),
    ]);
    expect(JSON.stringify(body)).not.toContain('strict');
  });

  test('the meta of a version, which stands deepest of all that a GET reads', async () => {
    const place = 'Patient/p1/_history/1';
    const request = { method: 'GET' as const, url: `${place}/$meta` };
    const elsewhere = { method: 'GET' as const, url: 'Patient/p1/other/1/$meta' };
    const { body, statuses } = await send('batch', [{ request }, { request: elsewhere }]);
    expect(statuses).toEqual(['200', '400']);
    expect(body.entry?.[0]?.resource).toMatchObject({ parameter: [{ valueMeta: { versionId: '1' } }] });
  });

  test('an operation that only POST asks may change nothing: it is part of a transaction', async () => {
    const request = { method: 'POST', url: 'Patient/$validate' };
    expect((await send('transaction', [{ resource: PATIENT, request } as BundleEntry<FhirResource>])).statuses).toEqual(
      ['200'],
    );
  });

  test('all that a GET reads: of the system, of several types, of what belongs to a patient', async () => {
    const urls = ['metadata', '_history?_count=1', '?_type=Location', 'Patient/q1/*', 'Patient/q1/Patient'];
    const { body, statuses } = await send(
      'batch',
      urls.map((url) => ({ request: { method: 'GET' as const, url } })),
    );
    expect(statuses).toEqual(Array(5).fill('200'));
    const [statement, history, ...found] = (body.entry ?? []).map(({ resource }) => resource);
    expect([statement?.resourceType, history]).toMatchObject(['CapabilityStatement', { type: 'history' }]);
    const idsFound = found.map((page) => (page as Bundle).entry?.map(({ resource }) => resource?.id));
    expect(idsFound).toEqual([['l1'], ['q1'], ['q1']]);
  });
});
