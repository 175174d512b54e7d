/** fhirclient 2.6.3, the client of SMART: https://docs.smarthealthit.org/client-js/ */
import { describe, expect, test } from '@jest/globals';
import smart from 'fhirclient';
import type { Appointment, Bundle, CapabilityStatement, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { journeyStores } from '../journeys/server.js';
import { clinicOn, tellJourney, type JourneyClient } from './journey.js';

const clientOf = (baseUrl: string) => smart({} as never, {} as never).client(baseUrl);

tellJourney('fhirclient', (baseUrl): JourneyClient => {
  const client = clientOf(baseUrl);
  const of = <T>(answer: Promise<unknown>) => answer as Promise<T>;
  const json = { 'Content-Type': 'application/json' };
  const post = (url: string, body: FhirResource) =>
    client.request({ url, method: 'POST', headers: json, body: JSON.stringify(body) });
  return {
    capabilities: () => of<CapabilityStatement>(client.request('metadata')),
    read: (type, id) => of<FhirResource>(client.request(`${type}/${id}`)),
    create: (resource) => of(client.create(resource as never)),
    createOnce: (resource, query) => of(client.create(resource as never, { headers: { 'If-None-Exist': query } })),
    update: (resource, ifMatch) =>
      of(client.update(resource as never, { ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }) })),
    patch: (type, id, steps) => of<FhirResource>(client.patch(`${type}/${id}`, steps)),
    remove: (type, id) => client.delete(`${type}/${id}`),
    async pages(type, query) {
      const pages = await of<Bundle[]>(client.request(`${type}?${query}`, { pageLimit: 0 }));
      return pages.map(({ entry = [] }) => entry.map(({ resource }) => resource?.id ?? ''));
    },
    find: (query) => of<Bundle<FhirResource>>(client.request(`Appointment/$find?${query}`)),
    operate: (name, parameters) => of<FhirResource>(post(`Appointment/${name}`, parameters)),
    send: (bundle) => of<Bundle>(post('', bundle)),
    refusalOf(thrown) {
      const { status, message } = thrown as { status: number; message: string };
      const outcome = JSON.parse(message.slice(message.indexOf('{'))) as OperationOutcome;
      return { status, code: outcome.issue[0]?.code };
    },
  };
});

describe.each(journeyStores)('fhirclient on $name', (store) => {
  const clinic = clinicOn(store);
  const client = () => clientOf(clinic().baseUrl);

  test('of a creation that answers without a body it reads the resource from where Location says', async () => {
    const headers = { Prefer: 'return=minimal' };
    const created = await client().create({ resourceType: 'Patient', gender: 'other' }, { headers });
    expect(created).toMatchObject({ resourceType: 'Patient', gender: 'other', meta: { versionId: '1' } });
  });

  test('the release of FHIR is 4', async () => expect(await client().getFhirRelease()).toBe(4));

  test('references are resolved in what a search finds', async () => {
    await clinic().server.put({
      ...{ resourceType: 'Appointment', id: 'resolved', status: 'proposed' },
      participant: [{ actor: { reference: 'Patient/paged-a' }, status: 'accepted' }],
    });
    const resolveReferences = ['participant.0.actor'];
    const found = await client().request<Bundle>('Appointment?_id=resolved', { resolveReferences });
    const { participant } = found.entry?.[0]?.resource as Appointment;
    expect(participant[0]?.actor).toMatchObject({ resourceType: 'Patient', id: 'paged-a' });
  });
});
