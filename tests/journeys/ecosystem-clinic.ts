/** The clinic of `fixtures/ecosystems/`, at which the clients of other ecosystems call. */
import { readFileSync } from 'node:fs';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import type { TestServer } from './server.js';

/** Puts its resources into a server. */
export async function loadClinic(server: Pick<TestServer, 'put'>): Promise<void> {
  const { entry = [] } = JSON.parse(readFileSync('fixtures/ecosystems/clinic.json', 'utf8')) as Bundle<FhirResource>;
  await server.put(...entry.flatMap(({ resource }) => resource ?? []));
}
