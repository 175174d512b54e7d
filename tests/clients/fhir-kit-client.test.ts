/** fhir-kit-client 2.0.3: https://github.com/Vermonster/fhir-kit-client */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { Client, type FhirResource as KitResource, type RequestOptions } from 'fhir-kit-client';
import { journeyStores } from '../journeys/server.js';
import { clinicOn, tellJourney, type JourneyClient } from './journey.js';

/** The client types every resource as a bag of unknowns. */
const of = <T>(answer: Promise<unknown>) => answer as Promise<T>;
const sent = (resource: object) => resource as KitResource;
const withHeader = (name: string, value: string | undefined): { options?: RequestOptions } =>
  value === undefined ? {} : { options: { headers: { [name]: value } } };
const queryOf = (query: string) => Object.fromEntries(new URLSearchParams(query));
const idsIn = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource?.id ?? '');

tellJourney('fhir-kit-client', (baseUrl): JourneyClient => {
  const client = new Client({ baseUrl });
  const create = (body: FhirResource, ifNoneExist?: string) =>
    client.create({
      ...{ resourceType: body.resourceType, body: sent(body) },
      ...withHeader('If-None-Exist', ifNoneExist),
    });
  return {
    capabilities: () => of<CapabilityStatement>(client.capabilityStatement()),
    read: (resourceType, id) => of<FhirResource>(client.read({ resourceType, id })),
    create: (resource) => of(create(resource)),
    createOnce: (resource, query) => of(create(resource, query)),
    update: ({ resourceType, id = '', ...rest }, ifMatch) =>
      of(
        client.update({
          ...{ resourceType, id, body: { resourceType, id, ...rest } },
          ...withHeader('If-Match', ifMatch),
        }),
      ),
    patch: (resourceType, id, jsonPatch) => of<FhirResource>(client.patch({ resourceType, id, jsonPatch })),
    remove: (resourceType, id) => client.delete({ resourceType, id }),
    async pages(resourceType, query) {
      const pages: string[][] = [];
      let page = await of<Bundle | undefined>(client.search({ resourceType, searchParams: queryOf(query) }));
      while (page) {
        pages.push(idsIn(page));
        page = (await client.nextPage({ bundle: page as never })) as Bundle | undefined;
      }
      return pages;
    },
    find: (query) =>
      of<Bundle<FhirResource>>(
        client.operation({ name: '$find', resourceType: 'Appointment', method: 'GET', input: queryOf(query) }),
      ),
    operate: (name, input) =>
      of<FhirResource>(client.operation({ name, resourceType: 'Appointment', input: sent(input) })),
    send: (bundle) =>
      of<Bundle>(
        bundle.type === 'batch' ? client.batch({ body: sent(bundle) }) : client.transaction({ body: sent(bundle) }),
      ),
    refusalOf(thrown) {
      const { response } = thrown as { response?: { status: number; data: OperationOutcome } };
      return { status: response?.status, code: response?.data.issue[0]?.code };
    },
  };
});

describe.each(journeyStores)('fhir-kit-client on $name', (store) => {
  const clinic = clinicOn(store);
  const client = () => new Client({ baseUrl: clinic().baseUrl });

  test.each([
    ['by GET', {}],
    ['by POST', { postSearch: true }],
  ])('it searches a type, all types and a compartment %s', async (_, options) => {
    const patient = { reference: 'Patient/paged-b' };
    await clinic().server.put({ resourceType: 'RelatedPerson', id: 'related', patient });
    const search = (asked: object) => of<Bundle>(client().search({ ...asked, options }));
    const birthdate = ['ge1982-01-01', 'le1983-12-31'];
    expect(idsIn(await search({ resourceType: 'Patient', searchParams: { birthdate } }))).toEqual([
      ...['paged-c', 'paged-d'],
    ]);
    expect(idsIn(await search({ searchParams: { _type: 'RelatedPerson,Patient', _id: 'related' } }))).toEqual([
      'related',
    ]);
    const compartment = { resourceType: 'Patient', id: 'paged-b' };
    expect(idsIn(await search({ resourceType: 'RelatedPerson', compartment }))).toEqual(['related']);
  });

  test('an update names a resource by a search', async () => {
    const body = { resourceType: 'Patient', identifier: [{ value: 'kit' }] };
    const update = () => client().update({ resourceType: 'Patient', searchParams: { identifier: 'kit' }, body });
    const [created, updated] = [await update(), await update()];
    expect(updated['id']).toBe(created['id']);
  });

  test('asked for SMART, which is off, it learns so from the capabilities', async () => {
    expect(await client().smartAuthMetadata()).toEqual({});
  });

  test('it reads the history of a resource and of all', async () => {
    const histories = [client().history({ resourceType: 'Patient', id: 'paged-a' }), client().history()];
    const [own, whole] = await Promise.all(histories.map((history) => of<Bundle>(history)));
    expect(own?.entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(['1']);
    expect(whole?.type).toBe('history');
  });

  test('a reference is resolved', async () => {
    const { server, baseUrl } = clinic();
    await server.put({ resourceType: 'Practitioner', id: 'p2' });
    const references = ['Practitioner/p2', `${baseUrl}/Practitioner/p2`];
    const resolved = await Promise.all(references.map((reference) => client().resolve({ reference })));
    expect(resolved.map((one) => one['id'])).toEqual(['p2', 'p2']);
  });
});
