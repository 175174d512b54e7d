/** Conditions on other resources and what comes along with matches, over HTTP on each store: chains, `_has`, `*`. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Appointment, FhirResource, Slot } from 'fhir/r4.js';
import { REFERRING_MAX } from '../../server/booking/slot-plan.js';
import { hours, minutes, rule } from '../booking/rule-builder.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { bodyOf, idsOf, includedOf, journeyStores, linkOf, startServer, type TestServer } from './server.js';

const WEEKDAY_HOURS = rule(hours('09:00', '10:00'), minutes('duration', 30));

/** Beside the fixture: p1 works for o1 by the role r1, p2 has opening hours. */
const MORE: FhirResource[] = [
  { resourceType: 'Organization', id: 'top', name: 'Lake County' },
  { resourceType: 'Organization', id: 'o1', name: 'Lakeside', partOf: { reference: 'Organization/top' } },
  {
    resourceType: 'PractitionerRole',
    id: 'r1',
    active: true,
    practitioner: { reference: 'Practitioner/p1' },
    organization: { reference: 'Organization/o1' },
  },
  { resourceType: 'Practitioner', id: 'p3' },
  { resourceType: 'Schedule', id: 'open', actor: [{ reference: 'Practitioner/p3' }], extension: [WEEKDAY_HOURS] },
];

const appointment = (id: string, status: Appointment['status'], slot?: Slot): Appointment => ({
  ...{ resourceType: 'Appointment', id, status },
  ...(slot?.id !== undefined && { start: slot.start, end: slot.end, slot: [{ reference: `Slot/${slot.id}` }] }),
  participant: [{ actor: { reference: 'Patient/q2' }, status: 'accepted' }],
});

describe.each(journeyStores)('related resources on $name', (store) => {
  let server: TestServer;
  const ids = async (path: string) => idsOf(await server.get(path));

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS, ...MORE);
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    ['/Patient?_has:Appointment:patient:status=booked', ['q1']],
    ['/Patient?_has:Appointment:patient:status=booked,proposed', ['q1', 'q2']],
    ['/Patient?_has:Appointment:patient:status:not=booked', ['q2']],
    ['/Patient?_has:Appointment:patient:status=booked&_has:Appointment:patient:status=proposed', []],
    ['/Patient?_has:Appointment:actor:date=ge2027-03-15&_has:Appointment:actor:date=lt2027-03-16', ['q1']],
    ['/Patient?_has:Appointment:patient:_id=a2', ['q2']],
    ['/Schedule?_has:Slot:schedule:_has:Appointment:slot:patient=q1', ['s1']],
    ['/Practitioner?_has:Schedule:actor:_has:Slot:schedule:start=2027-03-16', ['p1']],
    ['/Organization?_has:PractitionerRole:organization:practitioner.identifier=http://npi|111', ['o1']],
    ['/Slot?status=busy&_has:Appointment:slot:patient=q1', ['C']],
    ['/Slot?_has:Appointment:slot:status=cancelled', []],
    ['/Schedule?actor:Practitioner._has:PractitionerRole:practitioner:organization.name=lakeside', ['s1']],
  ])('GET %s', async (path, expected) => expect(await ids(path)).toEqual(expected));

  test.each<[string, string[]]>([
    ['/Appointment?slot.schedule.actor:Practitioner.name=haddad', ['a1']],
    ['/Appointment?slot.schedule.actor:Location.name=lakeside', ['a1']],
    ['/Appointment?slot:Slot.schedule:Schedule.actor:Practitioner.name=nobody', []],
    ['/PractitionerRole?organization.partof.name=lake%20county', ['r1']],
    ['/Schedule?actor._id=p1', ['s1']],
  ])('chains of several references: GET %s', async (path, expected) => expect(await ids(path)).toEqual(expected));

  test('_has goes on in the links, and on the next page', async () => {
    const first = await server.get('/Patient?_has:Appointment:patient:status=booked,proposed&_count=1');
    expect(linkOf(first, 'self')).toContain('_has:Appointment:patient:status=booked,proposed');
    expect([...idsOf(first), ...(await ids(linkOf(first, 'next') ?? ''))]).toEqual(['q1', 'q2']);
  });

  test('_has beside schedule makes no availability question: Slots of every status are judged', async () => {
    expect(await ids('/Slot?schedule=s1&_has:Appointment:slot:_id=a1')).toEqual(['C']);
  });

  test('_has finds computed slots by the Appointments that refer to them', async () => {
    const [slot] = ((await server.get('/Slot?schedule=open&start=2027-03-15&end=2027-03-15')).body.entry ?? []).map(
      ({ resource }) => resource as Slot,
    );
    const booked = await server.http.post('/Appointment').send(appointment('x', 'booked', slot));
    expect(booked.status).toBe(201);
    const { id } = bodyOf(booked);
    expect(await ids(`/Slot?start=2027-03-15&_has:Appointment:slot:_id=${String(id)}`)).toEqual([slot?.id]);
    expect(await ids(`/Slot?_id=${String(slot?.id)}&_has:Appointment:slot:patient=q2`)).toEqual([slot?.id]);
    expect(await ids(`/Slot?_id=${String(slot?.id)}&_has:Appointment:slot:patient=q1`)).toEqual([]);
    await server.http.post(`/Appointment/${String(id)}/$cancel`);
  });

  test(`REFERRING_MAX: more than ${REFERRING_MAX} resources that meet _has, where slots are computed`, async () => {
    const own = await startServer(store, '2027-03-01T00:00:00Z');
    await own.put(...SCHEDULES, ...MORE);
    const many = Array.from({ length: REFERRING_MAX + 1 }, (_, at) => appointment(`m${at}`, 'cancelled'));
    await own.resources.load(
      many.map((one) => ({ body: { plain: one, exact: one } })),
      { base: 'http://x', strict: false },
    );
    const { status, body } = await own.get('/Slot?_has:Appointment:slot:status=cancelled');
    expect({ status, code: body.issue?.[0]?.code }).toEqual({ status: 422, code: 'too-costly' });
    expect((await own.get('/Slot?_has:Appointment:slot:status=cancelled&_has:Appointment:slot:_id=m1')).status).toBe(
      422,
    );
    expect((await own.get('/Slot?_has:Appointment:slot:_id=m1')).status).toBe(200);
    await own.close();
  });

  test('_revinclude with * brings what refers by any parameter, of one type or of every type', async () => {
    const all = await server.get('/Practitioner?_id=p1&_revinclude=*');
    expect(includedOf(all).sort()).toEqual(['Appointment/a1', 'PractitionerRole/r1', 'Schedule/s1']);
    const appointments = await server.get('/Practitioner?_id=p1&_revinclude=Appointment:*');
    expect(includedOf(appointments)).toEqual(['Appointment/a1']);
    expect(includedOf(await server.get('/Practitioner?_id=p1&_revinclude=Slot:*'))).toEqual([]);
  });

  test('what comes along belongs to its page, once, and counts for neither page nor total', async () => {
    const first = await server.get('/Slot?_id=A,B,H&_count=2&_sort=_id&_include=Slot:schedule&_total=accurate');
    const second = await server.get(linkOf(first, 'next') ?? '');
    expect([first, second].map((page) => [...idsOf(page), ...includedOf(page), page.body.total])).toEqual([
      ['A', 'B', 'Schedule/s1', 3],
      ['H', 'Schedule/s2', 3],
    ]);
  });

  test('_include with * brings all that a match refers to; :iterate goes on from there', async () => {
    const answer = await server.get('/Appointment?_id=a1&_include=*');
    expect(includedOf(answer).sort()).toEqual(['Patient/q1', 'Practitioner/p1', 'Slot/C']);
    const further = await server.get('/Appointment?_id=a1&_include=Appointment:slot&_include:iterate=Slot:*');
    expect(includedOf(further)).toEqual(['Slot/C', 'Schedule/s1']);
    const upwards = await server.get('/PractitionerRole?_include=*&_include:iterate=Organization:partof');
    expect(includedOf(upwards).sort()).toEqual(['Organization/o1', 'Organization/top', 'Practitioner/p1']);
    const downwards = await server.get('/Practitioner?_id=p1&_revinclude:iterate=*');
    expect(includedOf(downwards)).toEqual(
      expect.arrayContaining(['Schedule/s1', 'Slot/A', 'Slot/G', 'Appointment/a1']),
    );
  });
});
