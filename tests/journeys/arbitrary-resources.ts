/**
 * Random resources of every served type, small and close together, so that searches meet them: ids, names, codes and
 * times come from short lists, and references lead to each other, or nowhere.
 */
import fc from 'fast-check';
import type { FhirResource } from 'fhir/r4.js';
import { SERVED_TYPES } from '../../server/fhir/index.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';

export const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'A', '1', '-'] as const;
export const SYSTEMS = ['http://a', 'http://b'] as const;
export const CODES = ['free', 'booked', '007', '7', 'x'] as const;
export const NAMES = ['Ångström', 'angel', 'An', 'Zoë', 'zo', "O'Neil", 'o%', '\u{1F600}z', '\u{FF5E}'] as const;
const DAYS = ['2027-03-15', '2027-03-16', '2027-03'] as const;

type Part = fc.Arbitrary<unknown>;
/** Elements that stand there or not. */
const some = (parts: Record<string, Part>) => fc.record(parts, { requiredKeys: [] });
const list = (part: Part) => fc.array(part, { minLength: 1, maxLength: 2 });
const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);
const to = (...types: string[]): Part =>
  fc.record({ reference: fc.tuple(oneOf(...types), oneOf(...IDS, 'nobody')).map((parts) => parts.join('/')) });

const identifier = fc.record({ system: oneOf(...SYSTEMS), value: oneOf(...CODES) }, { requiredKeys: ['value'] });
const coding = fc.record({ system: oneOf(...SYSTEMS), code: oneOf(...CODES) }, { requiredKeys: ['code'] });
const concept = fc.record({ coding: list(coding) });
const name = oneOf(...NAMES);
const humanName = fc.record({ family: name, given: list(name), text: name }, { requiredKeys: ['family'] });
const address = fc.record(
  { city: name, country: name, postalCode: oneOf(...CODES), state: name, use: oneOf('temp', 'work') },
  { requiredKeys: ['country'] },
);
const telecom = fc.record({ system: oneOf('phone', 'email'), value: oneOf(...CODES) });
const period = fc.record(
  { start: oneOf('2027-03-01', '2027-03-15'), end: oneOf('2027-03-16', '2027-04') },
  { requiredKeys: ['start'] },
);
const gender = oneOf('male', 'female', 'other');
const person = {
  name: list(humanName),
  gender,
  telecom: list(telecom),
  address: list(address),
  birthDate: oneOf('1974', '1974-12', '1974-12-25'),
};
const services = { serviceCategory: list(concept), serviceType: list(concept), specialty: list(concept) };
const ACTORS = [
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'RelatedPerson',
  'Device',
  'HealthcareService',
  'Location',
];
const OPEN = [rule(hours('09:00', '11:00', 'mon', 'tue'), minutes('duration', 30))];

/** What may stand in a resource of a type. */
const ELEMENTS: Readonly<Record<string, Record<string, Part>>> = {
  Schedule: { active: fc.boolean(), planningHorizon: period, extension: fc.constant(OPEN), ...services },
  Slot: { appointmentType: concept, ...services },
  Appointment: {
    appointmentType: concept,
    slot: list(to('Slot')),
    reasonCode: list(concept),
    supportingInformation: list(to('Slot', 'Patient')),
    ...services,
  },
  AppointmentResponse: {},
  Practitioner: { active: fc.boolean(), communication: list(concept), ...person },
  PractitionerRole: {
    active: fc.boolean(),
    period,
    practitioner: to('Practitioner'),
    organization: to('Organization'),
    location: list(to('Location')),
    healthcareService: list(to('HealthcareService')),
    code: list(concept),
    specialty: list(concept),
    telecom: list(telecom),
  },
  Location: {
    status: oneOf('active', 'suspended'),
    name,
    address,
    managingOrganization: to('Organization'),
    partOf: to('Location'),
    position: fc.constantFrom(42, 42.3, -10).map((latitude) => ({ latitude, longitude: -83.7 })),
    type: list(concept),
  },
  HealthcareService: {
    active: fc.boolean(),
    name,
    providedBy: to('Organization'),
    location: list(to('Location')),
    category: list(concept),
    type: list(concept),
  },
  Organization: { active: fc.boolean(), address: list(address), partOf: to('Organization'), type: list(concept) },
  Patient: {
    active: fc.boolean(),
    deceasedDateTime: oneOf(...DAYS),
    generalPractitioner: list(to('Practitioner', 'PractitionerRole', 'Organization')),
    managingOrganization: to('Organization'),
    ...person,
  },
  RelatedPerson: { active: fc.boolean(), relationship: list(concept), ...person },
  Device: {
    manufacturer: name,
    modelNumber: name,
    status: oneOf('active', 'inactive'),
    type: concept,
    url: oneOf('http://a', 'http://b'),
    patient: to('Patient'),
    location: to('Location'),
    owner: to('Organization'),
  },
};

/** What has to stand in a resource of a type, beside its times. */
const NEEDED: Readonly<Record<string, Record<string, Part>>> = {
  Schedule: { actor: list(to(...ACTORS)) },
  Slot: { schedule: to('Schedule'), status: oneOf('free', 'busy', 'busy-unavailable', 'busy-tentative') },
  Appointment: {
    status: oneOf('booked', 'pending', 'cancelled', 'noshow'),
    participant: list(fc.record({ actor: to(...ACTORS), status: oneOf('accepted', 'needs-action') })),
  },
  AppointmentResponse: {
    appointment: to('Appointment'),
    participantStatus: oneOf('accepted', 'declined'),
    actor: to(...ACTORS),
  },
  RelatedPerson: { patient: to('Patient') },
  Organization: { name },
};

const meta = fc.record(
  {
    ...{ tag: list(coding), security: list(coding) },
    ...{ profile: list(oneOf('http://a', 'http://b')), source: oneOf('http://a', 'http://b') },
  },
  { requiredKeys: ['tag'] },
);

/** What only the server writes has no place in a request. */
const WRITTEN = SERVED_TYPES.filter((type) => type !== 'AuditEvent');

const bare = oneOf(...WRITTEN, 'Slot', 'Appointment', 'Schedule').chain((type) =>
  fc
    .tuple(
      fc.record({ id: oneOf(...IDS), ...NEEDED[type] }),
      some({ meta, identifier: list(identifier), ...ELEMENTS[type] }),
    )
    .map(([needed, more]) => ({ resourceType: type, ...more, ...needed })),
);

/** Resources of different names; no two Slots begin at one time, so that none lies over another. */
export const resources: fc.Arbitrary<readonly FhirResource[]> = fc
  .uniqueArray(bare, { selector: ({ resourceType, id }) => `${resourceType}/${id}`, minLength: 60, maxLength: 90 })
  .map((all) =>
    all.map((one, at) => ({ ...one, ...timesOf(one.resourceType, at), ...claimless(one) }) as FhirResource),
  );

/** An Appointment at another time than its Slots could not be booked: it names them, and claims nothing. */
function claimless(one: object): object {
  return 'slot' in one ? { status: 'noshow' } : {};
}

const STEP_MS = 1_800_000;
const FIRST_MS = Date.parse('2027-03-15T09:00:00Z');

function timesOf(type: string, at: number): object {
  if (type !== 'Slot' && type !== 'Appointment') return {};
  const startMs = FIRST_MS + at * STEP_MS;
  return { start: new Date(startMs).toISOString(), end: new Date(startMs + STEP_MS).toISOString() };
}
