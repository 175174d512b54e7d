/** What a store may hold, written through a server as clients do, and the questions that it has to answer. */
import type { FhirResource } from 'fhir/r4.js';
import type { Store, StoredVersion } from '../../server/store/index.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from '../journeys/fixture.js';
import { hours, rule, scheduleWith } from '../booking/rule-builder.js';
import { serverOver } from '../journeys/server.js';

/** Where the requests of `serverOver` are sent to. */
const OWN = 'http://127.0.0.1:8080';
const ELSEWHERE = 'https://ehr.example.org/fhir';

/** References by our own address and by another server's; bare dates that are days of an actor's zone. */
const REFERRING: readonly FhirResource[] = [
  {
    resourceType: 'Schedule',
    id: 'absolute',
    actor: [{ reference: `${OWN}/Practitioner/p1` }, { reference: `${ELSEWHERE}/Practitioner/p1` }],
    planningHorizon: { start: '2027-03-01', end: '2027-03-31' },
  },
  {
    resourceType: 'Appointment',
    id: 'absolute',
    status: 'proposed',
    participant: [
      { actor: { reference: `${OWN}/Patient/q1/_history/1` }, status: 'accepted' },
      { actor: { reference: `${ELSEWHERE}/Patient/q2` }, status: 'accepted' },
    ],
  },
  { resourceType: 'Patient', id: 'born', birthDate: '1980-02-29', name: [{ family: 'Ü 😀 "quoted"\\' }] },
];

const WITH_RULES = scheduleWith([rule(hours('09:00', '12:00', 'mon'))], { id: 'ruled' });

/** Resources, history, a deletion, a conditional create, units and their records. */
export async function fill(store: Store, defaultTimezone = 'UTC'): Promise<void> {
  const server = serverOver(store, '2027-03-01T00:00:00Z', defaultTimezone);
  const { http, clock } = server;
  await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS, ...REFERRING, WITH_RULES);
  for (const family of ['One', 'Two', 'Three']) {
    clock.ms += 60_000;
    await server.put({ resourceType: 'Patient', id: 'q1', name: [{ family }] });
  }
  await http.delete('/Slot/D').expect(204);
  const patient = { resourceType: 'Patient', identifier: [{ system: 'http://mrn', value: '1' }] };
  await http.post('/Patient').set('If-None-Exist', 'identifier=http://mrn|1').send(patient).expect(201);
}

/** Under our own address, since that is how the clients of both stores ask. */
const QUESTIONS = [
  ...['Schedule', 'Slot', 'Appointment', 'Patient', 'Practitioner', 'Location'].map((type) => `/${type}?_count=100`),
  '/Schedule?actor=Practitioner/p1',
  `/Schedule?actor=${OWN}/Practitioner/p1`,
  `/Schedule?actor=${ELSEWHERE}/Practitioner/p1`,
  '/Schedule?actor:Practitioner.name=haddad',
  '/Schedule?date=2027-03-31T22:00:00-04:00',
  '/Schedule?date=lt2027-03-01T04:30:00Z',
  '/Schedule?date=lt2027-03-01T05:30:00Z',
  '/Appointment?patient=Patient/q1',
  `/Appointment?patient=${ELSEWHERE}/Patient/q2`,
  '/Appointment?slot=C&_include=Appointment:patient',
  '/Patient?birthdate=1980-02-29',
  '/Patient?name=ü&_lastUpdated=ge2027-01-01',
  '/Patient?identifier=http://mrn|1',
  '/Patient?family=three',
  '/Slot?schedule=s1&start=2027-03-15&end=2027-03-17',
  '/Slot?schedule=ruled&start=2027-03-15&end=2027-03-15&duration=30',
  '/Slot?schedule.actor=Practitioner/p1&status=free&_sort=-start',
  '/Slot?status:not=free&_total=accurate',
  '/Slot/D',
  '/Patient/q1/_history/1',
  '/Patient/q1/_history/3',
];

/** The answers of a store to all of the questions. */
export async function answersOf(store: Store, defaultTimezone = 'UTC'): Promise<readonly unknown[]> {
  const server = serverOver(store, '2027-03-10T00:00:00Z', defaultTimezone);
  const answers: unknown[] = [];
  for (const question of QUESTIONS) {
    const { status, body } = await server.get(question);
    answers.push({ question, status, body });
  }
  return answers;
}

/** Every version of a store, in an order of ours. */
export async function versionsIn(store: Store): Promise<readonly StoredVersion[]> {
  const versions: StoredVersion[] = [];
  let place: string | undefined;
  do {
    const page = await store.scan(place, 1_000);
    versions.push(...page.versions);
    place = page.next;
  } while (place !== undefined);
  const name = ({ type, id, revision }: StoredVersion) => `${type}/${id}/${String(revision).padStart(9, '0')}`;
  return versions.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** So many Patients, some with history, and a unit at a high revision, restored in one go. */
export async function fillMany(store: Store, count: number): Promise<void> {
  const document = (type: string, id: string, revision: number, current: boolean) => ({
    ...{ type, id, revision, updatedMs: 1_000 * revision, deleted: false, current },
    text: JSON.stringify({ resourceType: type, id, active: revision % 2 === 0 }),
    ...{ index: {}, order: { timeMs: null, text: '' } },
  });
  for (let from = 0; from < count; from += 1_000) {
    const ids = Array.from({ length: Math.min(1_000, count - from) }, (_, at) => `p${from + at}`);
    const histories = ids.filter((_, at) => at % 10 === 0).map((id) => document('Patient', id, 1, false));
    await store.restore([...ids.map((id) => document('Patient', id, 2, true)), ...histories]);
  }
  await store.restore([document('Unit', 'Schedule/s1/20527', 57, true)]);
}
