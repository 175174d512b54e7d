import type { FhirResource } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import type { Store, StoredDocument } from '../store/index.js';
import type { FindRequest, NamedResource } from './bookings.js';
import { resourceOf } from './schedule-reader.js';

/** How many resources and texts one question may name. */
export const NAMED_IN_FIND_MAX = 100;
/** Resources looked at that have one identifier: mostly it is one. */
const SAME_IDENTIFIER_READ = 10;

/** The names of a question, looked up: references to what is there, one list for each name that was given. */
export interface NamesFound {
  readonly practitioners: readonly (readonly string[])[];
  readonly locations: readonly (readonly string[])[];
  readonly organizations: readonly (readonly string[])[];
  readonly patients: readonly string[];
  readonly schedules: readonly string[];
  readonly healthcareService: FhirResource | undefined;
  /** `Appointment/a1` whose time counts as free. */
  readonly ignored: string | undefined;
  /** Whether something is missing without which no time fits. */
  readonly isHopeless: boolean;
  /** What is not there. */
  readonly notices: readonly string[];
}

/**
 * Looks up the resources that a question names. What is not there gives nothing, and a notice.
 *
 * @throws {Fault} `too-costly` beyond {@link NAMED_IN_FIND_MAX} names; `rule` for an Appointment to ignore that is
 *   not there
 */
export async function findNames(store: Store, request: FindRequest): Promise<NamesFound> {
  const { practitioners, locations, locationTexts, organizations, patients, schedules } = request;
  const lists = [practitioners, locations, locationTexts, organizations, patients, schedules];
  const count = lists.reduce((sum, list) => sum + list.length, 0) + request.specialties.length;
  if (count > NAMED_IN_FIND_MAX) {
    throw fault('too-costly', `One question names at most ${NAMED_IN_FIND_MAX} resources; ask in parts.`);
  }
  const notices: string[] = [];
  const all = async (type: string, names: readonly NamedResource[]) => {
    const found: StoredDocument[][] = [];
    for (const name of names) found.push(await lookUp(store, type, name, notices));
    return found;
  };
  const references = (found: StoredDocument[][]) => found.map((some) => some.map(({ type, id }) => `${type}/${id}`));
  const patientsFound = references(await all('Patient', patients)).flatMap(([first]) => first ?? []);
  const schedulesFound = references(await all('Schedule', schedules)).flatMap(([first]) => first ?? []);
  const [service] = await all('HealthcareService', request.healthcareService ? [request.healthcareService] : []);
  const ignored = request.ignoreAppointment && (await lookUp(store, 'Appointment', request.ignoreAppointment, []))[0];
  if (request.ignoreAppointment && !ignored) {
    const message = `${textOf('Appointment', request.ignoreAppointment)} does not exist on this server.`;
    throw fault('rule', message, 'ignore-appointment');
  }
  return {
    practitioners: references(await all('Practitioner', practitioners)),
    locations: references(await all('Location', locations)),
    organizations: references(await all('Organization', organizations)),
    patients: [...new Set(patientsFound)],
    schedules: [...new Set(schedulesFound)],
    healthcareService: resourceOf(service?.[0])[0],
    ignored: ignored && `Appointment/${ignored.id}`,
    isHopeless:
      patientsFound.length < patients.length ||
      schedulesFound.length < schedules.length ||
      (request.healthcareService !== undefined && !service?.[0]),
    notices,
  };
}

async function lookUp(store: Store, type: string, name: NamedResource, notices: string[]): Promise<StoredDocument[]> {
  const found = 'reference' in name ? await byId(store, type, name.reference) : await byIdentifier(store, type, name);
  if (found.length === 0) notices.push(`${textOf(type, name)} does not exist on this server.`);
  return found;
}

async function byId(store: Store, type: string, reference: string): Promise<StoredDocument[]> {
  const document = await store.read({ type, id: reference.slice(type.length + 1) });
  return document && !document.deleted ? [document] : [];
}

async function byIdentifier(
  store: Store,
  type: string,
  { identifier }: Extract<NamedResource, { readonly identifier: unknown }>,
): Promise<StoredDocument[]> {
  const { system, value: code } = identifier;
  const filter = { kind: 'token', param: 'identifier', code, ...(system !== undefined && { system }) } as const;
  const found = await store.search({ type, filter, sort: [], limit: SAME_IDENTIFIER_READ });
  return found.map(({ document }) => document);
}

/** A name as a caller writes it in a query. */
export function nameText(name: NamedResource): string {
  return 'reference' in name ? name.reference : `${name.identifier.system ?? ''}|${name.identifier.value}`;
}

function textOf(type: string, name: NamedResource): string {
  return 'reference' in name ? name.reference : `A ${type} with the identifier ${nameText(name)}`;
}
