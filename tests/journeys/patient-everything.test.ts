/** All that belongs to a patient, over HTTP on each store: https://hl7.org/fhir/R4/patient-operation-everything.html */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { EVERYTHING_MAX, LOOKED_AT_PER_PAGE_MAX, PATIENTS_PER_PAGE_MAX } from '../../server/booking/everything.js';
import { put } from '../store/documents.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import {
  bodyOf,
  includedOf,
  journeyStores,
  linkOf,
  matchesOf,
  startServer,
  type Answer,
  type TestServer,
} from './server.js';

const MORE: FhirResource[] = [
  { resourceType: 'Organization', id: 'o1', name: 'Lakeside Clinic' },
  { resourceType: 'Organization', id: 'o2', name: 'of nobody' },
  { resourceType: 'Patient', id: 'q1', managingOrganization: { reference: 'Organization/o1' } },
  { resourceType: 'RelatedPerson', id: 'r1', patient: { reference: 'Patient/q1' } },
  { resourceType: 'RelatedPerson', id: 'r2', patient: { reference: 'Patient/q2' } },
  {
    ...{ resourceType: 'AppointmentResponse', id: 'x1', appointment: { reference: 'Appointment/a1' } },
    ...{ actor: { reference: 'Patient/q1' }, participantStatus: 'accepted' },
  },
  {
    ...{ resourceType: 'Appointment', id: 'a3', status: 'cancelled' },
    ...{ start: '2027-02-01T10:00:00Z', end: '2027-02-01T10:30:00Z' },
    // Of another patient, who takes part too.
    participant: ['q1', 'q2'].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'declined' as const })),
  },
];

const OWN = ['Patient/q1', 'Appointment/a1', 'Appointment/a3', 'AppointmentResponse/x1', 'RelatedPerson/r1'];
/** What a1 and q1 refer to, and what these do. */
const SUPPORTING = ['Location/l1', 'Organization/o1', 'Practitioner/p1', 'Schedule/s1', 'Slot/C'];

/** Of patient e1, whose resources name what is of e2: Schedule/es2 of e2, Schedule/es3 of e2's relative, Device/ed2. */
const OF_TWO: FhirResource[] = [
  { resourceType: 'Patient', id: 'e1' },
  { resourceType: 'Patient', id: 'e2' },
  { resourceType: 'Location', id: 'el' },
  { resourceType: 'RelatedPerson', id: 'er1', patient: { reference: 'Patient/e1' } },
  { resourceType: 'RelatedPerson', id: 'er2', patient: { reference: 'Patient/e2' } },
  { resourceType: 'Device', id: 'ed1', patient: { reference: 'Patient/e1' } },
  { resourceType: 'Device', id: 'ed2', patient: { reference: 'Patient/e2' } },
  { resourceType: 'Device', id: 'ed3' },
  { resourceType: 'Schedule', id: 'es1', actor: [{ reference: 'RelatedPerson/er1' }] },
  { resourceType: 'Schedule', id: 'es2', actor: [{ reference: 'Patient/e2' }, { reference: 'Location/el' }] },
  { resourceType: 'Schedule', id: 'es3', actor: [{ reference: 'RelatedPerson/er2' }] },
  ...['es1', 'es2', 'es3', 'es2'].map((schedule, at): FhirResource => {
    const [start, end] = [`2027-03-15T1${at}:00:00Z`, `2027-03-15T1${at}:30:00Z`];
    const id = `e${at}`;
    return { resourceType: 'Slot', id, schedule: { reference: `Schedule/${schedule}` }, status: 'free', start, end };
  }),
  {
    ...{ resourceType: 'Appointment', id: 'ea', status: 'proposed' },
    slot: ['e0', 'e1', 'e2'].map((id) => ({ reference: `Slot/${id}` })),
    participant: ['Patient/e1', 'Device/ed1', 'Device/ed2', 'Device/ed3'].map((reference) => ({
      ...{ actor: { reference }, status: 'needs-action' },
    })),
  },
];

/** Nobody may write one: it tells of a Slot that e1 has nothing else to do with. */
const AUDITED = put('AuditEvent/ee', {
  index: { patient: [{ kind: 'reference', target: 'Patient/e1' }] },
  text: '{"resourceType":"AuditEvent","id":"ee","entity":[{"what":{"reference":"Slot/e3"}}]}',
});

const ownOf = (answer: Pick<Answer, 'body'>) =>
  matchesOf(answer).map(({ resourceType, id }) => `${resourceType}/${id}`);
const allOf = (answer: Answer) => [...ownOf(answer), ...includedOf(answer)];

describe.each(journeyStores)('Patient/$everything on $name', (store) => {
  let server: TestServer;
  const all = async (path: string) => allOf(await server.get(path));
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS, ...MORE);
  });
  afterAll(() => server.close());

  test('what belongs to the patient, then what that refers to, and nothing of anybody else', async () => {
    const answer = await server.get('/Patient/q1/$everything');
    expect([ownOf(answer), includedOf(answer), answer.body.total]).toEqual([OWN, SUPPORTING, OWN.length]);
  });

  test.each<[string, string[]]>([
    // The answer to an appointment is of the time of the appointment; what has no time is always there.
    ['start=2027-03-01', OWN.filter((name) => name !== 'Appointment/a3')],
    ['end=2027-02-01', ['Patient/q1', 'Appointment/a3', 'RelatedPerson/r1']],
    ['start=2027-02-02&end=2027-03-14', ['Patient/q1', 'RelatedPerson/r1']],
    ['_type=Appointment,RelatedPerson&_type=Patient', OWN.filter((name) => !name.startsWith('AppointmentR'))],
    ['_type=Slot', []],
    ['_since=2027-03-01T00:00:00Z', []],
  ])('%s', async (query, expected) => {
    expect(ownOf(await server.get(`/Patient/q1/$everything?${query}`))).toEqual(expected);
  });

  test('a type may be one that only comes along', async () => {
    expect(includedOf(await server.get('/Patient/q1/$everything?_type=Slot'))).toEqual(['Slot/C']);
  });

  test('_since: what has changed, though what refers to it has not', async () => {
    server.clock.ms += 60_000;
    await server.put({ resourceType: 'Organization', id: 'o1', name: 'Lakeside' });
    const found = await all('/Patient/q1/$everything?_since=2027-03-01T00:00:30Z');
    expect(found).toEqual(['Organization/o1']);
  });

  test('pages have each resource once, whatever comes in between', async () => {
    const found: string[] = [];
    let next: string | undefined = '/Patient/q1/$everything?_count=3';
    for (let page = 0; next !== undefined; page++) {
      const answer: Answer = await server.get(next);
      found.push(...allOf(answer));
      next = linkOf(answer, 'next');
      const first: FhirResource = { resourceType: 'RelatedPerson', id: 'r0', patient: { reference: 'Patient/q1' } };
      if (page === 1) await server.put(first);
    }
    await server.http.delete('/RelatedPerson/r0');
    expect(found.filter((name) => name !== 'RelatedPerson/r0')).toEqual([...OWN, ...SUPPORTING]);
  });

  test('of all patients, one after the other, what they share once on a page', async () => {
    const found = await all('/Patient/$everything');
    expect(ownOf(await server.get('/Patient/$everything'))).toEqual([
      ...[...OWN, 'Patient/q2', 'Appointment/a2', 'RelatedPerson/r2'],
    ]);
    expect(new Set(found).size).toBe(found.length);
    const first = await server.get('/Patient/$everything?_count=11&_type=Patient,RelatedPerson');
    const second = await server.get('/Patient/$everything?_count=1&_type=Patient');
    expect([linkOf(first, 'next'), ownOf(second)]).toEqual([undefined, ['Patient/q1']]);
    expect(await all(linkOf(second, 'next') ?? '')).toEqual(['Patient/q2']);
  });

  test('by POST, whose next page is asked by GET', async () => {
    const parameter = [
      { name: '_type', valueCode: 'Appointment' },
      { name: '_count', valueInteger: 1 },
      { name: 'start', valueDate: '2027-01-01' },
    ];
    const path = '/Patient/q1/$everything';
    const answer = await server.http.post(path).send({ resourceType: 'Parameters', parameter });
    expect([answer.status, ownOf(answer)]).toEqual([200, ['Appointment/a1']]);
    const next = linkOf({ status: 200, headers: {}, body: bodyOf(answer) }, 'next');
    expect(await all(next ?? '')).toEqual(['Appointment/a3']);
  });

  test.each<[string, number, string]>([
    ['/Patient/nobody/$everything', 404, 'not-found'],
    ['/Patient/q1/$everything?start=soon', 400, 'value'],
    ['/Patient/q1/$everything?start=2027-03-02&end=2027-03-01', 400, 'value'],
    ['/Patient/q1/$everything?_type=Observation', 400, 'value'],
    ['/Patient/q1/$everything?_count=0', 400, 'value'],
    ['/Patient/q1/$everything?_since=2027&_since=2028', 400, 'value'],
    ['/Patient/q1/$everything?_after=x', 400, 'value'],
  ])('GET %s: %d', async (path, status, code) => {
    const answer = await server.get(path);
    expect([answer.status, answer.body.issue?.[0]?.code]).toEqual([status, code]);
  });

  test('an unknown parameter is remarked, and with handling=strict refused', async () => {
    const answer = await server.get('/Patient/q1/$everything?_type=Patient&x=1');
    const remarks = answer.body.entry?.filter(({ search }) => search?.mode === 'outcome');
    expect([ownOf(answer), remarks?.length]).toEqual([['Patient/q1'], 1]);
    const strict = await server.http.get('/Patient/q1/$everything?x=1').set('Prefer', 'handling=strict');
    expect(strict.status).toBe(400);
  });

  test('GET /metadata names it, with the definition of R4', async () => {
    const { text } = await server.http.get('/metadata');
    const definition = 'http://hl7.org/fhir/OperationDefinition/Patient-everything';
    expect(text.split(definition).length).toBe(2);
  });
});

const [embedded] = journeyStores;

describe.each(journeyStores)('what a patient shares with another, on $name', (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...OF_TWO);
    await server.store.commit([AUDITED]);
  });
  afterAll(() => server.close());

  test('no Device or Schedule of the other, nor what it leads to; Slots of the Appointment alone', async () => {
    const answer = await server.get('/Patient/e1/$everything');
    expect(ownOf(answer)).toEqual(['Patient/e1', 'Appointment/ea', 'AuditEvent/ee', 'RelatedPerson/er1']);
    expect(includedOf(answer)).toEqual(['Device/ed1', 'Device/ed3', 'Schedule/es1', 'Slot/e0', 'Slot/e1', 'Slot/e2']);
  });

  test.each(['_type=Appointment', '_count=3'])('%s: what no page shows is not read', async (query) => {
    const readMany = jest.spyOn(server.store, 'readMany');
    await server.get(`/Patient/e1/$everything?${query}`);
    const types = readMany.mock.calls.flatMap(([keys]) => keys.map(({ type }) => type));
    readMany.mockRestore();
    expect(types.filter((type) => type !== 'Patient')).toEqual([]);
  });
});

describe('limits of $everything, on the embedded store', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(embedded!, '2027-03-01T00:00:00Z');
  });
  afterAll(() => server.close());

  async function related(id: string, count: number) {
    const patient = [{ kind: 'reference', target: `Patient/${id}` }] as const;
    const own = Array.from({ length: count }, (_, at) =>
      put(`RelatedPerson/${id}-${at}`, { index: { patient }, text: `{"resourceType":"RelatedPerson","id":"${at}"}` }),
    );
    await server.store.commit(own);
  }

  test('PATIENTS_PER_PAGE_MAX patients are looked at for a page, and the next one goes on', async () => {
    const ids = Array.from({ length: PATIENTS_PER_PAGE_MAX + 5 }, (_, at) => `p${1_000 + at}`);
    await server.store.commit(
      ids.map((id) => put(`Patient/${id}`, { text: `{"resourceType":"Patient","id":"${id}"}` })),
    );
    const first = await server.get('/Patient/$everything?_count=1000');
    const second = await server.get(linkOf(first, 'next') ?? '');
    expect([ownOf(first).length, ownOf(second).length]).toEqual([PATIENTS_PER_PAGE_MAX, 5]);
    expect([...ownOf(first), ...ownOf(second)]).toEqual(ids.map((id) => `Patient/${id}`));
  });

  test('LOOKED_AT_PER_PAGE_MAX resources end a page with their patient, and the next one goes on', async () => {
    await related('p1050', LOOKED_AT_PER_PAGE_MAX);
    const first = await server.get('/Patient/$everything?_type=Patient,Device&_count=1000');
    const second = await server.get(linkOf(first, 'next') ?? '');
    expect([ownOf(first).length, ownOf(second)[0], ownOf(second).length]).toEqual([51, 'Patient/p1051', 54]);
  });

  test.each(['/Patient/p1050/$everything?_type=Device', '/Patient/$everything?_type=Patient'])(
    'others have their turn during GET %s',
    async (path) => {
      const ended: string[] = [];
      const asked = [path, '/health'].map((one) => server.get(one).then(() => ended.push(one)));
      await Promise.all(asked);
      expect(ended).toEqual(['/health', path]);
    },
  );

  test('more than EVERYTHING_MAX resources of one patient are too many', async () => {
    await related('p1000', EVERYTHING_MAX + 1);
    const answer = await server.get('/Patient/p1000/$everything');
    expect([answer.status, answer.body.issue?.[0]?.code]).toEqual([422, 'too-costly']);
  });
});
