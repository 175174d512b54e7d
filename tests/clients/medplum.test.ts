/** @medplum/core 4.5.2: https://www.medplum.com/docs/sdk/core.medplumclient */
import { describe, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Bundle, CapabilityStatement, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { journeyStores } from '../journeys/server.js';
import { clinicOn, tellJourney, type JourneyClient } from './journey.js';

tellJourney('@medplum/core', (baseUrl): JourneyClient => {
  const client = new MedplumClient({ baseUrl, fhirUrlPath: '', cacheTime: 0 });
  const of = <T>(answer: Promise<unknown>) => answer as Promise<T>;
  return {
    capabilities: () => of<CapabilityStatement>(client.get(client.fhirUrl('metadata'))),
    read: (type, id) => of<FhirResource>(client.readResource(type as never, id)),
    create: (resource) => of(client.createResource(resource as never)),
    createOnce: (resource, query) => of(client.createResourceIfNoneExist(resource as never, query)),
    update: (resource, ifMatch) =>
      of(
        client.updateResource(resource as never, {
          ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }),
        }),
      ),
    patch: (type, id, steps) => of<FhirResource>(client.patchResource(type as never, id, steps)),
    remove: (type, id) => client.deleteResource(type, id),
    async pages(type, query) {
      const pages: string[][] = [];
      for await (const page of client.searchResourcePages(type as never, query)) {
        pages.push((page as readonly FhirResource[]).map(({ id = '' }) => id));
      }
      return pages;
    },
    find: (query) =>
      of<Bundle<FhirResource>>(client.get(`${client.fhirUrl('Appointment', '$find').toString()}?${query}`)),
    operate: (name, parameters) => of<FhirResource>(client.post(client.fhirUrl('Appointment', name), parameters)),
    send: (bundle) => of<Bundle>(client.executeBatch(bundle)),
    refusalOf(thrown) {
      const { outcome } = thrown as { outcome: OperationOutcome };
      return { code: outcome.issue[0]?.code };
    },
  };
});

describe.each(journeyStores)('@medplum/core on $name', (store) => {
  const clinic = clinicOn(store);
  const client = (autoBatchTime = 0) =>
    new MedplumClient({ baseUrl: clinic().baseUrl, fhirUrlPath: '', cacheTime: 0, autoBatchTime });

  test('upsertResource updates what its search finds, and creates what it does not', async () => {
    const identifier = [{ system: 'http://mrn', value: 'upserted' }];
    const upsert = () => client().upsertResource({ resourceType: 'Patient', identifier }, 'identifier=upserted');
    const [created, updated] = [await upsert(), await upsert()];
    expect(updated.id).toBe(created.id);
  });

  test('reads of one moment go as one batch, and each gets what it asked for', async () => {
    const batching = client(5);
    const asked = [batching.readResource('Patient', 'paged-a'), batching.readResource('Patient', 'nobody')];
    const [found, missing] = await Promise.allSettled(asked);
    expect(found).toMatchObject({ status: 'fulfilled', value: { id: 'paged-a' } });
    expect(missing).toMatchObject({ status: 'rejected', reason: { outcome: { issue: [{ code: 'not-found' }] } } });
  });

  test('the message of a refusal says what is wrong, and what of it', async () => {
    const { message } = (await client()
      .readResource('Patient', 'nobody')
      .catch((thrown: unknown) => thrown)) as Error;
    expect(message).toMatch(/^There is no such thing\. \(.*Patient\/nobody.*\)/);
  });
});
