import { fault } from '../../base/fault.js';
import type { FindRequest, NamedResource } from '../../booking/index.js';
import {
  conceptOf,
  countOf,
  identifierOf,
  namedResource,
  resourceOf,
  textOf,
  timeOf,
  tokensOf,
  type Parameter,
} from '../../fhir/index.js';
import { named, optional, type OperationInput } from './operation-input.js';

/** A series of one visit is none, and what a caller may plan at once has an end. */
const OCCURRENCES_MIN = 2;
export const OCCURRENCES_MAX = 6;

/** Who asks by one of these is answered as Medplum answers, with contained Slots. */
const MEDPLUM = ['schedule', 'service-type-reference', 'ignore-appointment', 'occurrence-count'];

/** They are understood, and change nothing. */
const WITHOUT_EFFECT = ['timing', 'insurance-reference', 'coverage'];

/**
 * The question of a `$find`, whichever ecosystem's words it is asked in.
 * @throws {Fault} `invalid` for a value that cannot be read
 */
export function findRequestOf(input: OperationInput): FindRequest {
  const { base } = input.exchange.context;
  const all = <T>(names: readonly string[], read: (parameter: Parameter) => T) => named(input, ...names).map(read);
  const one =
    (type: string) =>
    (parameter: Parameter): NamedResource =>
      namedResource(parameter, type, base);
  const day = (parameter: Parameter) => timeOf(parameter, true);
  const newPatients = all(['patient-resource'], (parameter) => resourceOf(parameter, ['Patient'], base));
  const request = {
    ...optional(input, 'start', 'start', day),
    ...optional(input, 'end', 'end', day),
    practitioners: all(['practitioner', 'provider'], one('Practitioner')),
    locations: all(['location-reference'], one('Location')),
    locationTexts: all(['location-string', 'location'], textOf),
    organizations: all(['organization'], one('Organization')),
    specialties: all(['specialty'], tokensOf).flat(),
    visitTypes: all(['visit-type', 'service-type'], tokensOf).flat(),
    patients: all(['patient-reference'], one('Patient')),
    newPatientCount: newPatients.length,
    reasons: all(['reason'], conceptOf),
    ...optional(input, 'referral-identifier', 'referral', identifierOf),
    schedules: all(['schedule'], one('Schedule')),
    ...optional(input, 'service-type-reference', 'healthcareService', one('HealthcareService')),
    ...optional(input, 'ignore-appointment', 'ignoreAppointment', one('Appointment')),
    ...optional(input, 'occurrence-count', 'occurrenceCount', occurrencesOf),
    containedSlots: named(input, ...MEDPLUM).length > 0,
    ...optional(input, '_count', 'count', countOf),
    ...optional(input, '_cursor', 'cursor', textOf),
  };
  const [ignoring] = named(input, 'ignore-appointment');
  if (ignoring && request.occurrenceCount !== undefined) {
    throw fault('invalid', 'ignore-appointment and occurrence-count do not go together.', ignoring.place);
  }
  return request;
}

/** What the caller should know of parameters that change nothing. */
export function withoutEffectNotices(input: OperationInput): readonly string[] {
  const names = new Set(named(input, ...WITHOUT_EFFECT).map(({ name }) => name));
  return [...names].map((name) => `The parameter ${name} has no effect on the times that are found.`);
}

function occurrencesOf(parameter: Parameter): number {
  const count = countOf(parameter);
  if (count >= OCCURRENCES_MIN && count <= OCCURRENCES_MAX) return count;
  throw fault('invalid', `occurrence-count is from ${OCCURRENCES_MIN} to ${OCCURRENCES_MAX}.`, parameter.place);
}
