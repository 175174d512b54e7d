/** What a fuzz run asks about: a small clinic, written through the API, and what the server makes of it. */
import type { FhirResource, Slot } from 'fhir/r4.js';
import type { ServerInProcess } from '../workloads/bookings/server.js';
import type { Document } from './document.js';
import type { Known } from './requests.js';

/** Where the clock of a run begins: a Monday. */
export const START = '2027-03-01T08:00:00.000Z';

const AVAILABILITY = 'https://fhir-slots.dev/fhir/StructureDefinition/availability';
const to = (reference: string) => ({ reference });
const identifier = [{ system: 'http://ex.org', value: 'a' }];
const period = (hour: string) => ({ start: `2027-03-02T${hour}:00:00Z`, end: `2027-03-02T${hour}:30:00Z` });

const slot = (id: string, hour: string, status: Slot['status']): Slot => ({
  ...{ resourceType: 'Slot', id, schedule: to('Schedule/x'), status },
  ...period(hour),
});

const CLINIC: readonly FhirResource[] = [
  { resourceType: 'Organization', id: 'x', identifier, name: 'Clinic' },
  { resourceType: 'Location', id: 'x', name: 'Lakeside', position: { latitude: 42, longitude: -83 } },
  { resourceType: 'Practitioner', id: 'x', identifier, name: [{ family: 'Haddad' }] },
  { resourceType: 'Practitioner', id: 'y' },
  { resourceType: 'HealthcareService', id: 'x', name: 'Visits' },
  { resourceType: 'PractitionerRole', id: 'x', practitioner: to('Practitioner/x'), location: [to('Location/x')] },
  { resourceType: 'Patient', id: 'x', identifier, name: [{ family: 'Doe' }], birthDate: '1974-12-25' },
  { resourceType: 'RelatedPerson', id: 'x', patient: to('Patient/x') },
  { resourceType: 'Device', id: 'x', patient: to('Patient/x') },
  { resourceType: 'Schedule', id: 'x', actor: [to('Practitioner/x'), to('Location/x')] },
  {
    ...{ resourceType: 'Schedule', id: 'rule', actor: [to('Practitioner/y')] },
    extension: [
      {
        url: AVAILABILITY,
        extension: [
          {
            url: 'availableTime',
            extension: [
              ...['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => ({ url: 'daysOfWeek', valueCode: day })),
              { url: 'availableStartTime', valueTime: '09:00:00' },
              { url: 'availableEndTime', valueTime: '12:00:00' },
            ],
          },
          {
            url: 'duration',
            valueDuration: { value: 30, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
          },
        ],
      },
    ],
  },
  slot('x', '10', 'free'),
  slot('y', '11', 'free'),
  slot('z', '12', 'busy'),
  {
    ...{ resourceType: 'Appointment', id: 'x', status: 'booked', slot: [to('Slot/x')], ...period('10') },
    participant: [{ actor: to('Patient/x'), status: 'accepted' }],
  },
  {
    resourceType: 'Appointment',
    id: 'y',
    status: 'proposed',
    participant: [{ actor: to('Patient/x'), status: 'needs-action' }],
  },
  {
    ...{ resourceType: 'AppointmentResponse', id: 'x', appointment: to('Appointment/x') },
    ...{ actor: to('Patient/x'), participantStatus: 'accepted' },
  },
];

/** Samples of what is not stored by itself: a Bundle of each kind, and Parameters for operations. */
const OTHERS: Readonly<Record<string, readonly object[]>> = {
  Bundle: (['batch', 'transaction'] as const).map((type) => ({
    ...{ resourceType: 'Bundle', type },
    entry: [
      { request: { method: 'PUT', url: 'Patient/x' }, resource: { resourceType: 'Patient', id: 'x', active: true } },
      { request: { method: 'GET', url: 'Slot?status=free' } },
      {
        fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
        request: { method: 'POST', url: 'Patient', ifNoneExist: '_id=x' },
        resource: { resourceType: 'Patient' },
      },
    ],
  })),
  Parameters: [
    [],
    [
      { name: 'key', valueString: 'zebra' },
      { name: 'until', valueDateTime: '2027-03-01T12:00:00Z' },
    ],
    [
      { name: 'start', valueDateTime: '2027-03-02T09:00:00Z' },
      { name: 'schedule', valueReference: to('Schedule/rule') },
    ],
    [{ name: 'appointment-reference', valueReference: to('Appointment/x') }],
    [{ name: 'meta', valueMeta: { tag: [{ system: 'http://ex.org', code: 'a' }] } }],
  ].map((parameter) => ({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) })),
  JsonPatch: [[{ op: 'add', path: '/language', value: 'en' }], [{ op: 'remove', path: '/status' }]],
};

interface Searchset {
  readonly entry?: readonly { readonly resource: FhirResource }[];
}

/** Writes the clinic, or what of it is gone; what the server does not take any more stays as it is. */
export async function writeClinic(server: ServerInProcess): Promise<void> {
  for (const body of CLINIC) await server.ask({ method: 'PUT', path: `${body.resourceType}/${body.id ?? ''}`, body });
}

/** What there is of each type that the document lets search: stored, computed and proposed. */
export async function readKnown(server: ServerInProcess, { paths }: Document): Promise<Known> {
  const types = Object.keys(paths).flatMap((path) => /^\/([A-Z]\w+)$/.exec(path)?.[1] ?? []);
  const ids = new Map<string, readonly string[]>();
  const samples = new Map<string, readonly object[]>(Object.entries(OTHERS));
  for (const type of types) {
    const found = await resourcesAt(server, `${type}?_count=10`);
    const more = type === 'Slot' ? await resourcesAt(server, 'Slot?schedule=rule&_count=10') : [];
    const proposed =
      type === 'Appointment' ? await resourcesAt(server, 'Appointment/$find?schedule=rule&_count=10') : [];
    ids.set(
      type,
      [...found, ...more, ...proposed].flatMap(({ id }) => id ?? []),
    );
    samples.set(type, [...found, ...proposed]);
  }
  return { ids, samples };
}

async function resourcesAt(server: ServerInProcess, path: string): Promise<readonly FhirResource[]> {
  const { body } = await server.ask({ method: 'GET', path });
  return ((body as Searchset).entry ?? []).map(({ resource }) => resource);
}
