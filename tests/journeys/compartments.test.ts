/** What belongs to a patient, over HTTP on each store: https://hl7.org/fhir/R4/compartmentdefinition-patient.html */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { idsOf, includedOf, journeyStores, linkOf, startServer, type TestServer } from './server.js';

const MORE: FhirResource[] = [
  { resourceType: 'RelatedPerson', id: 'r1', patient: { reference: 'Patient/q1' } },
  { resourceType: 'RelatedPerson', id: 'r2', patient: { reference: 'Patient/q2' } },
  { resourceType: 'Patient', id: 'q3', link: [{ other: { reference: 'Patient/q1' }, type: 'seealso' }] },
  {
    ...{ resourceType: 'AppointmentResponse', id: 'x1', appointment: { reference: 'Appointment/a1' } },
    ...{ actor: { reference: 'Patient/q1' }, participantStatus: 'accepted' },
  },
  {
    ...{ resourceType: 'Appointment', id: 'a3', status: 'cancelled' },
    participant: [{ actor: { reference: 'Patient/q1' }, status: 'declined' }],
  },
];

describe.each(journeyStores)('the compartment of a Patient on $name', (store) => {
  let server: TestServer;
  const ids = async (path: string) => idsOf(await server.get(path));
  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS, ...MORE);
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    ['/Patient/q1/Appointment', ['a3', 'a1']],
    ['/Patient/q1/Appointment?status=booked', ['a1']],
    ['/Patient/q1/Appointment?status=proposed', []],
    ['/Patient/q1/Appointment?_sort=status', ['a1', 'a3']],
    ['/Patient/q2/Appointment', ['a2']],
    ['/Patient/q1/AppointmentResponse', ['x1']],
    ['/Patient/q1/RelatedPerson', ['r1']],
    ['/Patient/q1/Patient', ['q1', 'q3']],
    ['/Patient/q1/*?patient=q2', []],
    ['/Patient/q1/*?patient=q1', ['a3', 'a1', 'x1', 'r1']],
    ['/Patient/q1/*?patient=q1&birthdate=2000', []],
    ['/Patient/q1/*?nothing=1&_type=Appointment,RelatedPerson', ['a3', 'a1', 'r1']],
    ['/Patient/q1/Schedule', []],
    ['/Patient/q1/AuditEvent', []],
    ['/Patient/nobody/Appointment', []],
  ])('GET %s', async (path, expected) => expect(await ids(path)).toEqual(expected));

  test('links stay within: the self link, and the next page', async () => {
    const first = await server.get('/Patient/q1/Appointment?_count=1&_total=accurate');
    expect([idsOf(first), first.body.total]).toEqual([['a3'], 2]);
    expect(linkOf(first, 'self')).toMatch(/\/Patient\/q1\/Appointment\?_count=1&_total=accurate$/);
    const second = await server.get(linkOf(first, 'next') ?? '');
    expect([idsOf(second), linkOf(second, 'next')]).toEqual([['a1'], undefined]);
  });

  test('a form asks the same, and what is included may lie outside', async () => {
    const form = { status: 'booked', _include: 'Appointment:slot' };
    const answer = await server.http.post('/Patient/q1/Appointment/_search').type('form').send(form);
    expect([idsOf(answer), includedOf(answer)]).toEqual([['a1'], ['Slot/C']]);
  });

  test.each(['/Patient/q1/Slot', '/Patient/q1/Location', '/Schedule/s1/Slot', '/Patient/q1/appointment'])(
    'GET %s: there is no such place',
    async (path) => expect((await server.get(path)).status).toBe(404),
  );

  test('only searches: an odd id is refused, and a write', async () => {
    expect((await server.get('/Patient/q_1/Appointment')).status).toBe(400);
    const written = await server.http.post('/Patient/q1/Appointment').send(APPOINTMENTS[0]);
    expect([written.status, written.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await server.get('/Patient/q1/Appointment/_search')).status).toBe(405);
    expect((await server.get('/Patient/q1/Appointment?status=')).status).toBe(400);
  });

  test('GET /metadata names the compartment', async () => {
    expect((await server.get('/metadata')).body).toMatchObject({
      rest: [{ compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'] }],
    });
  });
});
