/**
 * One journey that every client library takes, over a server that listens, on each store: from the capabilities to a
 * cancelled booking. A client's own file says by which of its means each step is done.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Appointment, Bundle, CapabilityStatement, FhirResource, Parameters, Patient } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import type { StoreUnderTest } from '../store/stores.js';
import { journeyStores, startServer, type TestServer } from '../journeys/server.js';

/** A step of JSON Patch. */
export interface PatchStep {
  readonly op: 'replace';
  readonly path: string;
  readonly value: string;
}

/** How a client tells that it was refused. */
export interface Refusal {
  /** Absent where the client does not tell it. */
  readonly status?: number | undefined;
  /** The code of the first issue. */
  readonly code: string | undefined;
}

/** What the journey asks of a client: each verb done as its documentation shows it. */
export interface JourneyClient {
  capabilities(): Promise<CapabilityStatement>;
  read(type: string, id: string): Promise<FhirResource>;
  create<T extends FhirResource>(resource: T): Promise<T>;
  /** Create with `If-None-Exist`. */
  createOnce<T extends FhirResource>(resource: T, query: string): Promise<T>;
  /** @param ifMatch an ETag; absent: whatever the version is */
  update<T extends FhirResource>(resource: T, ifMatch?: string): Promise<T>;
  patch(type: string, id: string, steps: PatchStep[]): Promise<FhirResource>;
  remove(type: string, id: string): Promise<unknown>;
  /** The ids on each page, from page to page by the client's own means. */
  pages(type: string, query: string): Promise<readonly (readonly string[])[]>;
  /** `GET Appointment/$find`. */
  find(query: string): Promise<Bundle<FhirResource>>;
  /** `POST Appointment/$name`. */
  operate(name: string, parameters: Parameters): Promise<FhirResource>;
  /** `POST /` of a batch or a transaction. */
  send(bundle: Bundle): Promise<Bundle>;
  refusalOf(thrown: unknown): Refusal;
}

/** A server that listens, with a doctor whose hours are 09:00 to 11:00 UTC, half an hour each, and five patients. */
export interface Clinic {
  readonly server: TestServer;
  readonly baseUrl: string;
}

const NOW = '2027-03-01T00:00:00Z';
const HOURS = rule(hours('09:00', '11:00'), minutes('duration', 30));

const PAGED: Patient[] = ['a', 'b', 'c', 'd', 'e'].map((id, at) => ({
  ...{ resourceType: 'Patient', id: `paged-${id}`, name: [{ family: 'Paged' }], birthDate: `198${at}-01-01` },
}));

/** The clinic of a block of tests, there while they run. */
export function clinicOn(store: StoreUnderTest): () => Clinic {
  let clinic: Clinic;
  beforeAll(async () => {
    const server = await startServer(store, NOW);
    await once(server.server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.server.address() as AddressInfo;
    clinic = { server, baseUrl: `http://127.0.0.1:${port}` };
    await server.put(...PAGED, { resourceType: 'Practitioner', id: 'p1' });
    await server.put(scheduleWith([HOURS], { id: 'dr-one' }));
  });
  afterAll(() => clinic.server.close());
  return () => clinic;
}

/** @param clientOf a client of the server at a base URL, which has no slash at its end */
export function tellJourney(name: string, clientOf: (baseUrl: string) => JourneyClient): void {
  describe.each(journeyStores)(`the journey of ${name} on $name`, (store) => {
    const clinic = clinicOn(store);
    const client = () => clientOf(clinic().baseUrl);
    interactions(client);
    booking(client);
    bundles(client);
  });
}

const refusal = (client: JourneyClient, asked: Promise<unknown>) =>
  asked.then(
    () => ({ status: 0, code: 'not refused' }),
    (thrown: unknown) => client.refusalOf(thrown),
  );

function interactions(client: () => JourneyClient): void {
  const patientOf = (family: string): Patient => ({ resourceType: 'Patient', name: [{ family }] });

  test('the capabilities are of R4, with Slots that can be searched for', async () => {
    const { fhirVersion, rest } = await client().capabilities();
    expect(fhirVersion).toBe('4.0.1');
    const slot = rest?.[0]?.resource?.find(({ type }) => type === 'Slot');
    expect(slot?.interaction).toContainEqual({ code: 'search-type' });
  });

  test('what is created comes back with its id, and is read as it was written', async () => {
    const created = await client().create(patientOf('Created'));
    expect(await client().read('Patient', created.id ?? '')).toEqual(created);
  });

  test('what is created on condition is created once', async () => {
    const identifier = [{ system: 'http://mrn', value: 'once' }];
    const createOnce = () => client().createOnce({ ...patientOf('Once'), identifier }, 'identifier=http://mrn|once');
    const [first, second] = [await createOnce(), await createOnce()];
    expect(second.id).toBe(first.id);
    expect(await client().pages('Patient', 'identifier=http://mrn|once')).toEqual([[first.id]]);
  });

  test.each([
    ['Patient', 'family=Paged&_sort=-birthdate&_count=2', [2, 2, 1]],
    ['Slot', 'schedule=dr-one&start=2027-03-20&end=2027-03-21&_count=3', [3, 3, 2]],
  ])('pages of %s?%s lead to the end, and none comes twice', async (type, query, sizes) => {
    const pages = await client().pages(type, query);
    expect(pages.map((page) => page.length)).toEqual(sizes);
    expect(new Set(pages.flat()).size).toBe(sizes.reduce((a, b) => a + b));
  });

  test('an update of the version that was read is the next one; of an earlier one it is refused: 412', async () => {
    const created = await client().create(patientOf('First'));
    const changed = { ...created, name: [{ family: 'Second' }] };
    expect((await client().update(changed, 'W/"1"')).meta?.versionId).toBe('2');
    const stale = await refusal(client(), client().update(changed, 'W/"1"'));
    expect(stale).toEqual({ ...(stale.status !== undefined && { status: 412 }), code: 'conflict' });
  });

  test('a patch changes one element', async () => {
    const { id = '' } = await client().create(patientOf('Unpatched'));
    const patched = await client().patch('Patient', id, [{ op: 'replace', path: '/name/0/family', value: 'Patched' }]);
    expect(patched).toMatchObject({ id, meta: { versionId: '2' }, name: [{ family: 'Patched' }] });
  });

  test('what is deleted is gone: 410', async () => {
    const { id = '' } = await client().create(patientOf('Deleted'));
    await client().remove('Patient', id);
    const gone = await refusal(client(), client().read('Patient', id));
    expect(gone).toEqual({ ...(gone.status !== undefined && { status: 410 }), code: 'deleted' });
  });
}

function booking(client: () => JourneyClient): void {
  const offered = async (): Promise<Appointment[]> => {
    const { entry = [] } = await client().find(
      'schedule=dr-one&start=2027-03-15&end=2027-03-15&patient-reference=paged-a',
    );
    return entry.flatMap(({ resource }) => (resource?.resourceType === 'Appointment' ? [resource] : []));
  };
  const starts = async () => (await offered()).map(({ start = '' }) => start.slice(11, 16));
  const whole = (appointment: Appointment): Parameters => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'appointment', resource: appointment }],
  });
  const named = (id: string): Parameters => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'appointment-reference', valueUri: `Appointment/${id}` }],
  });
  const inAnswer = (answer: FhirResource): Appointment => {
    const { entry = [] } = answer as Bundle;
    return entry[0]?.resource as Appointment;
  };

  test('a time that is found is held, booked and cancelled; meanwhile it is not offered', async () => {
    expect(await starts()).toEqual(['09:00', '09:30', '10:00', '10:30']);
    const [first] = await offered();
    const held = inAnswer(await client().operate('$hold', whole(first!)));
    expect([held.status, await starts()]).toEqual(['pending', ['09:30', '10:00', '10:30']]);
    const booked = inAnswer(await client().operate('$book', named(held.id ?? '')));
    expect([booked.id, booked.status, await starts()]).toEqual([held.id, 'booked', ['09:30', '10:00', '10:30']]);
    await client().operate('$cancel', named(booked.id ?? ''));
    expect(await client().read('Appointment', booked.id ?? '')).toMatchObject({ status: 'cancelled' });
    expect(await starts()).toContain('09:00');
  });

  test('a time that another has is refused: 409', async () => {
    const last = (await offered()).at(-1)!;
    await client().operate('$book', whole(last));
    const taken = await refusal(client(), client().operate('$book', whole(last)));
    expect(taken).toEqual({ ...(taken.status !== undefined && { status: 409 }), code: 'conflict' });
  });
}

function bundles(client: () => JourneyClient): void {
  const post = (fullUrl: string, resource: FhirResource) => ({
    ...{ fullUrl, resource, request: { method: 'POST' as const, url: resource.resourceType } },
  });

  test('a transaction: what its entries call each other are the ids that they get', async () => {
    const [patient, relative] = [
      'urn:uuid:8c1d3a2e-6e0b-4c0f-9a51-0d5b8f9f0a01',
      'urn:uuid:0b0f9a51-8c1d-4c0f-9a51-0d5b8f9f0a02',
    ];
    const { type, entry = [] } = await client().send({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        post(relative, { resourceType: 'RelatedPerson', patient: { reference: patient } }),
        post(patient, { resourceType: 'Patient' }),
      ],
    });
    expect([type, ...entry.map(({ response }) => response?.status.slice(0, 3))]).toEqual([
      ...['transaction-response', '201', '201'],
    ]);
    const [relativeId = '', patientId = ''] = entry.map(({ response }) => response?.location?.split('/').at(-3));
    expect(await client().read('RelatedPerson', relativeId)).toMatchObject({
      patient: { reference: `Patient/${patientId}` },
    });
  });

  test('a batch: each entry has an answer of its own', async () => {
    const get = (url: string) => ({ request: { method: 'GET' as const, url } });
    const { type, entry = [] } = await client().send({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [get('Patient/paged-a'), get('Patient/nobody'), get('Patient?family=Paged&_count=1')],
    });
    expect(type).toBe('batch-response');
    expect(entry.map(({ response }) => response?.status.slice(0, 3))).toEqual(['200', '404', '200']);
    expect(entry.map(({ resource }) => resource?.resourceType)).toEqual(['Patient', undefined, 'Bundle']);
  });
}
