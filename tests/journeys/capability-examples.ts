/**
 * What it takes to call all that `GET /metadata` claims: a resource of each type, a value for each kind of search
 * parameter, a request for each operation. What has no row here is called the plain way, and where that does not do,
 * the test says to add one.
 */
import type { FhirResource } from 'fhir/r4.js';
import type { SearchParameterDefinition } from '../../server/fhir/index.js';
import { parameters, text, time, to } from './operation-words.js';
import { bodyOf, matchesOf, type TestServer } from './server.js';

const logical = { identifier: { system: 'http://ex.org', value: '7' } };
const literal = (reference: string) => ({ reference });
const START = Date.parse('2027-06-01T08:00:00Z');
const MINUTE_MS = 60_000;
let slotsMade = 0;

/** Half an hour that no other Slot has. */
function freeHalfHour(): { readonly start: string; readonly end: string } {
  const startMs = START + 30 * MINUTE_MS * (slotsMade += 1);
  const [start = '', end = ''] = [startMs, startMs + 30 * MINUTE_MS].map((ms) => new Date(ms).toISOString());
  return { start, end };
}

/**
 * A resource of each type that can be created: with a reference by identifier, and where the type takes one, another
 * to a resource that the test puts there.
 */
export const RESOURCES: Readonly<Record<string, () => Omit<FhirResource, 'id'>>> = {
  Schedule: () => ({ resourceType: 'Schedule', actor: [logical, literal('Location/x')] }),
  Slot: () => ({
    resourceType: 'Slot',
    schedule: { ...logical, ...literal('Schedule/x') },
    status: 'free',
    ...freeHalfHour(),
  }),
  Appointment: () => ({
    resourceType: 'Appointment',
    status: 'proposed',
    participant: [
      { actor: logical, status: 'needs-action' },
      { actor: literal('Patient/x'), status: 'needs-action' },
    ],
  }),
  AppointmentResponse: () => ({
    resourceType: 'AppointmentResponse',
    appointment: logical,
    actor: literal('Patient/x'),
    participantStatus: 'accepted',
  }),
  Practitioner: () => ({
    resourceType: 'Practitioner',
    qualification: [{ code: { text: 'MD' }, issuer: logical }],
  }),
  PractitionerRole: () => ({
    resourceType: 'PractitionerRole',
    organization: logical,
    practitioner: literal('Practitioner/x'),
  }),
  Location: () => ({ resourceType: 'Location', managingOrganization: logical }),
  HealthcareService: () => ({ resourceType: 'HealthcareService', providedBy: logical }),
  Organization: () => ({ resourceType: 'Organization', name: 'Clinic', partOf: logical }),
  Patient: () => ({ resourceType: 'Patient', generalPractitioner: [logical, literal('Practitioner/x')] }),
  RelatedPerson: () => ({ resourceType: 'RelatedPerson', patient: logical }),
  Device: () => ({ resourceType: 'Device', owner: logical, patient: literal('Patient/x') }),
};

/** Where a resource of a type stands for the whole test, so that others may refer to it. */
export const KEPT = 'x';

const VALUES: Readonly<Record<SearchParameterDefinition['type'], string>> = {
  token: 'http://ex.org/v|a',
  reference: 'x',
  date: 'ge2027-03-15',
  string: 'a',
  number: '30',
  uri: 'http://ex.org/a',
  special: '42.25|-83.69|1|km',
};
/** Of single parameters that take no value of their kind. */
const OWN_VALUES: Readonly<Record<string, string>> = { _id: 'x', _type: 'Slot,Schedule', '-location': 'x' };
const MODIFIED_VALUES: Readonly<Record<string, string>> = { missing: 'false', 'of-type': 'http://ex.org/v|a|1' };

/** A well-formed value. @throws {Error} for a kind of parameter without an example */
export function valueOf(name: string, kind: string, modifier = ''): string {
  const value = MODIFIED_VALUES[modifier] ?? OWN_VALUES[name] ?? VALUES[kind as keyof typeof VALUES];
  if (value === undefined) throw new Error(`Add a value of a ${kind} parameter to VALUES in capability-examples.ts.`);
  return modifier === 'identifier' ? VALUES.token : value;
}

/** What is sent to an operation at a place. */
interface Example {
  readonly path: string;
  readonly body?: object;
}

type Level = 'system' | 'type' | 'instance' | 'version';

/** A time of Schedule/s1 that nobody has: the id of its Slot, and of a proposal to book it. */
async function freshTime(server: TestServer): Promise<{ readonly id: string; readonly start: string }> {
  const [slot] = matchesOf(await server.get('/Slot?schedule=s1&_count=1')) as { id?: string; start?: string }[];
  return { id: slot?.id ?? '', start: slot?.start ?? '' };
}

/** Of an Appointment that an operation has made. */
async function made(server: TestServer, code: 'hold' | 'book'): Promise<string> {
  const { id } = await freshTime(server);
  const answer = await server.http.post(`/Appointment/${id}/$${code}`).send(parameters());
  return bodyOf(answer).entry?.[0]?.resource?.id ?? '';
}

const untilTen = parameters(time('until', '2027-03-01T10:00:00Z'), text('key', 'zebra'));

/** Each makes for itself what it needs. */
const SLOT_STATUS_FREE = 'system=http://hl7.org/fhir/slotstatus&code=free';

function terms(level: Level, type: string, id: string, code: string, more = ''): Promise<Example> {
  const url = `http://hl7.org/fhir/${type === 'ValueSet' ? 'ValueSet/' : ''}${id}`;
  return Promise.resolve({
    path: level === 'type' ? `/${type}/${code}?url=${url}&${more}` : `/${type}/${id}/${code}?${more}`,
  });
}

async function tagged(server: TestServer, type: string, code: string): Promise<Example> {
  const valueMeta = { tag: [{ system: 'http://ex.org/v', code: 'b' }] };
  return { path: `/${type}/${await keptId(server, type)}/${code}`, body: parameters(['meta', { valueMeta }]) };
}

const OPERATIONS: Readonly<Record<string, (server: TestServer, level: Level, type: string) => Promise<Example>>> = {
  'Appointment/$find': () => Promise.resolve({ path: '/Appointment/$find?schedule=s1' }),
  'Appointment/$hold': (server, level) => asked(server, level, 'hold'),
  'Appointment/$book': (server, level) => asked(server, level, 'book'),
  'Appointment/$cancel': async (server, level) => {
    const id = await made(server, 'book');
    if (level === 'instance') return { path: `/Appointment/${id}/$cancel` };
    return { path: '/Appointment/$cancel', body: parameters(to('appointment-reference', `Appointment/${id}`)) };
  },
  'Appointment/$confirm': async (server) => ({ path: `/Appointment/${await made(server, 'hold')}/$confirm` }),
  'Appointment/$reschedule': async (server) => {
    const id = await made(server, 'book');
    const { start } = await freshTime(server);
    return { path: `/Appointment/${id}/$reschedule`, body: parameters(time('start', start)) };
  },
  'Slot/$lock': async (server) => ({ path: `/Slot/${(await freshTime(server)).id}/$lock`, body: untilTen }),
  'Slot/$unlock': async (server) => {
    const { id } = await freshTime(server);
    await server.http.post(`/Slot/${id}/$lock`).send(untilTen);
    return { path: `/Slot/${id}/$unlock`, body: parameters(text('key', 'zebra')) };
  },
  'Slot/$disable': async (server) => ({ path: `/Slot/${(await freshTime(server)).id}/$disable` }),
  '$meta-add': (server, _, type) => tagged(server, type, '$meta-add'),
  '$meta-delete': (server, _, type) => tagged(server, type, '$meta-delete'),
  $validate: async (server, level, type) => {
    const id = await keptId(server, type);
    if (level === 'instance') return { path: `/${type}/${id}/$validate` };
    const body = RESOURCES[type]?.() ?? (await server.get(`/${type}/${id}`)).body;
    return { path: `/${type}/$validate`, body };
  },
  'ValueSet/$expand': (_, level) => terms(level, 'ValueSet', 'slotstatus', '$expand'),
  'ValueSet/$validate-code': (_, level) => terms(level, 'ValueSet', 'slotstatus', '$validate-code', SLOT_STATUS_FREE),
  'CodeSystem/$validate-code': (_, level) =>
    terms(level, 'CodeSystem', 'slotstatus', '$validate-code', SLOT_STATUS_FREE),
  'CodeSystem/$lookup': () => Promise.resolve({ path: `/CodeSystem/$lookup?${SLOT_STATUS_FREE}` }),
  'Slot/$enable': async (server) => ({ path: `/Slot/${(await freshTime(server)).id}/$enable` }),
};

async function asked(server: TestServer, level: Level, code: 'hold' | 'book'): Promise<Example> {
  const { id } = await freshTime(server);
  if (level === 'instance') return { path: `/Appointment/${id}/$${code}` };
  const body = parameters(to('appointment-reference', `Appointment/${id}`));
  return { path: `/Appointment/$${code}`, body };
}

/** A request to an operation: of its row, or else without parameters, at the resource that is kept. */
export async function operationExample(
  server: TestServer,
  { type = '', code }: { readonly type?: string; readonly code: string },
  level: Level,
): Promise<Example> {
  const example = OPERATIONS[`${type}/$${code}`] ?? OPERATIONS[`$${code}`];
  if (example) return example(server, level, type);
  const instance = `/${type}/${await keptId(server, type)}`;
  const starts = { system: '', type: `/${type}`, instance, version: `${instance}/_history/1` };
  return { path: `${starts[level]}/$${code}` };
}

/** The id of a resource of a type that is there: ours, or for what the server has by itself, the first. */
export async function keptId(server: TestServer, type: string): Promise<string> {
  if (Object.hasOwn(RESOURCES, type)) return KEPT;
  return matchesOf(await server.get(`/${type}`))[0]?.id ?? '';
}
