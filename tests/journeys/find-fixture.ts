/** A small clinic that journeys of `$find` ask, and the words in which they do. */
import type { Appointment, Extension, FhirResource, Parameters, ParametersParameter, Schedule } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import type { StoreUnderTest } from '../store/stores.js';
import { bodyOf, matchesOf, startServer, type Answer, type TestServer } from './server.js';

const NOW = '2027-03-01T00:00:00Z';
export const CAPACITY_URL = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity';
export const DAY = 'start=2027-03-15&end=2027-03-15';
export const reference = (text: string) => ({ reference: text });
const person = (resourceType: 'Practitioner' | 'Patient', id: string, more: object = {}): FhirResource => ({
  resourceType,
  id,
  ...more,
});
export const schedule = (
  id: string,
  actors: readonly string[],
  rules: readonly Extension[],
  more: Partial<Schedule> = {},
) => ({
  ...scheduleWith(rules, { actor: actors.map(reference), ...more }),
  id,
});
/** UTC, half an hour each. */
export const open = (from: string, to: string, ...more: Extension[]) =>
  rule(hours(from, to), minutes('duration', 30), ...more);

export function parameters(...parameter: ParametersParameter[]): Parameters {
  return { resourceType: 'Parameters', parameter };
}

/** Two doctors with a Schedule each, and a room without one, on the first of March 2027. */
export async function startClinic(store: StoreUnderTest): Promise<TestServer> {
  const server = await startServer(store, NOW);
  await server.put(
    person('Practitioner', 'p1', { identifier: [{ system: 'http://npi', value: '111' }] }),
    person('Practitioner', 'p2'),
    person('Patient', 'q1'),
    person('Patient', 'q2'),
    { resourceType: 'Organization', id: 'o1', name: 'Lakeside' },
    { resourceType: 'Location', id: 'l1', address: { city: 'Ann Arbor', line: ['1 Main St'] } },
    { resourceType: 'Location', id: 'r1', managingOrganization: reference('Organization/o1') },
    {
      ...{ resourceType: 'PractitionerRole', id: 'role2', practitioner: reference('Practitioner/p2') },
      organization: reference('Organization/o1'),
    },
    schedule('s1', ['Practitioner/p1', 'Location/l1'], [open('09:00', '12:00')]),
    schedule('s2', ['PractitionerRole/role2'], [open('10:00', '13:00')]),
  );
  return server;
}

export function findWords(server: () => TestServer) {
  const find = (query: string) => server().get(`/Appointment/$find?${query}`);
  const post = async (path: string, body: object): Promise<Answer> => {
    const answer = await server().http.post(path).send(body);
    return { status: answer.status, headers: answer.headers, body: bodyOf(answer) };
  };
  const proposals = (answer: Pick<Answer, 'body'>) => matchesOf(answer) as Appointment[];
  const starts = (answer: Pick<Answer, 'body'>) => proposals(answer).map(({ start = '' }) => start.slice(11, 16));
  const notices = ({ body }: Answer) =>
    (body.entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'OperationOutcome' ? resource.issue.map(({ details }) => details?.text) : [],
    );
  return { find, post, proposals, starts, notices };
}
