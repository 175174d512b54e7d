/** Staff who go against the rules (issue 7, point 6), by operation and by plain write, on each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEvent } from 'fhir/r4.js';
import { makeApiKeys } from '../../server/auth/index.js';
import { newSecret } from '../../server/base/secret.js';
import { validateResource } from '../../server/fhir/index.js';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { wordsFor } from './booking-words.js';
import {
  asking,
  EXAMPLE_NOW,
  operationsOf,
  parameters,
  PATIENTS,
  storedSlot,
  text,
  to,
  whole,
} from './operation-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const REASON_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/override-reason';
const REASON = 'Emergency';
const STRICT = scheduleWith([
  rule(
    ...[hours('13:00', '16:00'), minutes('duration', 30), minutes('minimumNotice', 120)],
    ...[
      minutes('bookingWindow', 14, 'd'),
      nested('limit', part('per', { valueCode: 'day' }), part('count', { valuePositiveInt: 1 })),
    ],
  ),
]);

describe.each(journeyStores)('on $name', (store) => {
  let server: TestServer;
  const { post, get, everything } = operationsOf(() => server);
  const { expectSound } = wordsFor(() => server);
  let staff: Record<string, string>;
  let visitor: Record<string, string>;

  beforeEach(async () => {
    server = await startServer(store, EXAMPLE_NOW);
    const room = { resourceType: 'Schedule' as const, id: 'room', actor: [{ display: 'Room' }] };
    await server.put(...PATIENTS, { resourceType: 'Practitioner', id: 'p1' }, STRICT, room);
    await server.put(storedSlot('A', '13:00', '13:30', { status: 'busy' }), storedSlot('B', '14:00', '14:30'));
    const keys = makeApiKeys({ store: server.store, clock: { nowMs: () => server.clock.ms }, newSecret });
    staff = { Authorization: `Bearer ${(await keys.create('front desk', ['override'])).key}` };
    visitor = { Authorization: `Bearer ${(await keys.create('web page', [])).key}` };
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const at = (start: string, end: string) =>
    parameters(whole('appointment', asking(undefined, start, end)), to('schedule', 'Schedule/s1'));
  const audits = async () => matchesOf(await server.get('/AuditEvent')) as AuditEvent[];

  test.each([
    ['sooner than the notice', '13:00', '13:30', 'notice'],
    ['outside the hours', '20:00', '20:30', 'closed'],
    ['off the grid', '14:10', '14:40', 'off-grid'],
    ['in the past', '10:00', '10:30', 'past'],
  ])('%s: refused without a reason, booked with one, which is kept in both', async (_, start, end, rule) => {
    expect((await post('Appointment/$book', at(start, end), staff)).status).toBe(422);
    expect(await audits()).toEqual([]);
    const asked = { ...at(start, end) };
    asked.parameter?.push({ name: 'override-reason', valueString: REASON });
    const booked = await post('Appointment/$book', asked, staff);
    expect(booked.status).toBe(201);
    expect(booked.appointment.extension).toEqual([{ url: REASON_URL, valueString: REASON }]);
    const [event] = await audits();
    expect(event).toMatchObject({
      agent: [{ name: 'front desk', requestor: true }],
      entity: [{ what: { reference: `Appointment/${booked.id}` } }],
    });
    expect(event?.outcomeDesc).toContain(REASON);
    expect(event?.outcomeDesc).toContain(rule);
    expect(validateResource(event, 'AuditEvent')).toEqual([]);
    const found = await get(`AuditEvent?entity=Appointment/${booked.id}`);
    expect(found.body.total).toBe(1);
    expect((await get(`AuditEvent/${event?.id}`)).status).toBe(200);
  });

  test('without the right 403, by operation and by plain write, and nothing is changed', async () => {
    const asked = at('13:00', '13:30');
    asked.parameter?.push({ name: 'override-reason', valueString: REASON });
    const plain = { ...asking('B', '14:00', '14:30'), status: 'booked' };
    const before = await everything();
    for (const caller of [visitor, {}]) {
      expect((await post('Appointment/$book', asked, caller)).status).toBe(403);
      expect((await post('Appointment', plain, { ...caller, 'X-Override-Reason': REASON })).status).toBe(403);
    }
    expect(await everything()).toEqual(before);
  });

  test('a Slot that was written busy is booked, by header and plain write', async () => {
    const booking = { ...asking('A', '13:00', '13:30'), status: 'booked' };
    expect((await post('Appointment', booking, staff)).status).toBe(409);
    const answer = await post('Appointment', booking, { ...staff, 'X-Override-Reason': REASON });
    expect(answer.status).toBe(201);
    expect(answer.appointment.extension).toEqual([{ url: REASON_URL, valueString: REASON }]);
    expect((await audits()).length).toBe(1);
    expect((await post('Appointment', booking, { ...staff, 'X-Override-Reason': REASON })).status).toBe(409);
  });

  test('the limit gives way; capacity, a lock and a hold never', async () => {
    const forced = async (start: string, end: string) =>
      post('Appointment/$book', at(start, end), { ...staff, 'X-Override-Reason': REASON });
    expect((await forced('14:00', '14:30')).status).toBe(201);
    expect((await post('Appointment/$book', at('14:30', '15:00'), staff)).status).toBe(422);
    expect((await forced('14:30', '15:00')).status).toBe(201);
    const before = await everything();
    expect((await forced('14:00', '14:30')).status).toBe(409);
    expect((await forced('14:10', '14:40')).status).toBe(409);
    expect(await everything()).toEqual(before);
    await post('Slot/B/$lock', parameters(['until', { valueDateTime: '2027-03-15T13:00:00Z' }], text('key', 'zebra')));
    const locked = asking('B', '14:00', '14:30');
    expect((await post('Appointment/$book', locked, { ...staff, 'X-Override-Reason': REASON })).status).toBe(409);
  });

  test('where no rule has to give way, nothing is kept', async () => {
    const answer = await post('Appointment/$book', at('15:00', '15:30'), { ...staff, 'X-Override-Reason': REASON });
    expect([answer.status, answer.appointment.extension, await audits()]).toEqual([201, undefined, []]);
  });

  test.each(['post', 'put', 'patch', 'delete'] as const)('nobody writes an AuditEvent: %s 405', async (method) => {
    const path = method === 'post' ? '/AuditEvent' : '/AuditEvent/x';
    expect((await server.http[method](path).set(staff).send({ resourceType: 'AuditEvent' })).status).toBe(405);
  });
});
