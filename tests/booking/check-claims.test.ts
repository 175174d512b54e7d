/** The checker finds what it is for: each way in which a store could say two things of the same time. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Appointment, PractitionerRole, Slot } from 'fhir/r4.js';
import { checkStore } from '../../server/booking/check-claims.js';
import type { Claim, Unit } from '../../server/claims/index.js';
import { booking, scheduleOf, slotOf, wordsFor } from '../journeys/booking-words.js';
import { hold } from '../journeys/hold.js';
import { BOOKING_SETTINGS, journeyStores, startServer, type TestServer } from '../journeys/server.js';
import { hours, minutes, rule } from './rule-builder.js';

const [MEMORY] = journeyStores;
/** 2027-03-15 */
const DAY = 20_892;

let server: TestServer;
const { book, free } = wordsFor(() => server);

beforeEach(async () => {
  if (!MEMORY) throw new Error('There is no store in memory.');
  server = await startServer(MEMORY, '2027-03-01T00:00:00Z');
  await server.put(
    { resourceType: 'Practitioner', id: 'p1' },
    { resourceType: 'Device', id: 'd1' },
    { resourceType: 'Patient', id: 'q1' },
    {
      ...scheduleOf('s1', 'Practitioner/p1'),
      actor: ['Practitioner/p1', 'Device/d1'].map((reference) => ({ reference })),
    },
    scheduleOf('s2', 'Practitioner/p1'),
    scheduleOf('s3', 'Location/l1', { extension: [rule(hours('09:00', '11:00'), minutes('duration', 30))] }),
    slotOf('a', 's1', '13:00', '13:30'),
    slotOf('b', 's2', '14:00', '14:30'),
    slotOf('c', 's1', '15:00', '15:30'),
  );
  expect(DAY).toBe(Date.parse('2027-03-15') / 86_400_000);
});
afterEach(() => server.close());

const { exclusiveActors } = BOOKING_SETTINGS;
const findings = () => checkStore(server.store, server.clock.ms, { exclusiveActors });

/** Changes a document behind the back of the engine. */
async function tamper<T>(type: string, id: string, change: (content: T) => unknown): Promise<void> {
  const document = await server.store.read({ type, id });
  const text = JSON.stringify(change(JSON.parse(document?.text ?? '{}') as T));
  const rest = { index: {}, order: { timeMs: null, text: '' }, keepHistory: false, deleted: false };
  const expectedRevision = document?.revision ?? 0;
  await server.store.commit([{ kind: 'put', type, id, text, updatedMs: server.clock.ms, expectedRevision, ...rest }]);
}
const inUnit = (timeline: string, change: (unit: Unit) => unknown) => tamper(UNIT, `${timeline}/${DAY}`, change);
const UNIT = 'Unit';
const withClaims = (change: (claim: Claim) => Claim[]) => (unit: Unit) => ({
  ...unit,
  claims: (unit.claims ?? []).flatMap(change),
});

test('a store that the engine wrote is sound, holds before and after their end too', async () => {
  await book(booking(['a'], '13:00', '13:30'));
  await hold(server, { ...booking(['b'], '14:00', '14:30'), id: 'h' }, '2027-03-01T00:05:00Z');
  expect(await findings()).toEqual([]);
  server.clock.ms += 600_000;
  expect(await findings()).toEqual([]);
});

test('a claim without its Appointment, or of one that does not occupy', async () => {
  const { id } = await book(booking(['b'], '14:00', '14:30'));
  await tamper<Appointment>('Appointment', id ?? '', (one) => ({ ...one, status: 'cancelled' }));
  expect(await findings()).toEqual([expect.stringContaining('has an Appointment that is cancelled.')]);
  await inUnit(
    'Practitioner/p1',
    withClaims((claim) => [{ ...claim, by: 'Appointment/none' }]),
  );
  expect(await findings()).toEqual([expect.stringContaining('has no such Appointment.')]);
});

test('an Appointment without its claims', async () => {
  const { id } = await book(booking(['b'], '14:00', '14:30'));
  await inUnit(
    'Practitioner/p1',
    withClaims(() => []),
  );
  await tamper<Slot>('Slot', 'b', (slot) => ({ ...slot, status: 'free' }));
  expect(await findings()).toEqual([`Appointment/${id} is booked without the time of Slot/b.`]);
});

test('a claim that its Appointment does not name, of a Slot and of a Schedule', async () => {
  const { id } = await book(booking(['b'], '14:00', '14:30'));
  await tamper<Appointment>('Appointment', id ?? '', (one) => ({ ...one, slot: [{ display: 'at two' }] }));
  const notNamed = expect.stringMatching(/^the booked time .* of Appointment\/.* is not named by it\.$/);
  expect(await findings()).toEqual([notNamed]);
  const schedule = [{ reference: 'Schedule/s1' }];
  await tamper<Appointment>('Appointment', id ?? '', (one) => ({ ...one, supportingInformation: schedule }));
  expect(await findings()).toEqual([expect.stringContaining('without the time of Schedule/s1'), notNamed]);
});

test('a claim at another time than the Slot that it is of, or than its Appointment says', async () => {
  const { id: ofSlot = '' } = await book(booking(['b'], '14:00', '14:30'));
  const early = (claim: Claim) => [{ ...claim, endMs: claim.endMs - 60_000 }];
  await inUnit('Practitioner/p1', withClaims(early));
  const notNamed = expect.stringMatching(/14:29:00.000Z of Appointment\/.* is not named by it\.$/);
  expect(await findings()).toEqual([`Appointment/${ofSlot} is booked without the time of Slot/b.`, notNamed]);
});

test('a claim at another time than from start to end of an Appointment that names its Schedule', async () => {
  const named = { supportingInformation: [{ reference: 'Schedule/s3' }] };
  // Imported, for it lies beside the grid.
  await server.put({ ...booking([], '09:10', '09:25', named), id: 'off' });
  expect(await findings()).toEqual([]);
  await tamper<Appointment>('Appointment', 'off', (one) => ({ ...one, end: '2027-03-15T09:30:00Z' }));
  expect(await findings()).toEqual([
    'Appointment/off is booked without the time of Schedule/s3.',
    expect.stringContaining('09:25:00.000Z of Appointment/off on Schedule/s3 as Slot/-'),
  ]);
});

test('a claim that stands on one timeline only', async () => {
  await book(booking(['a'], '13:00', '13:30'));
  await inUnit(
    'Device/d1',
    withClaims(() => []),
  );
  expect(await findings()).toEqual([expect.stringMatching(/^Unit\/Device\/d1\/\d+ lacks the booked time/)]);
});

test('a claim where it does not belong', async () => {
  await book(booking(['b'], '14:00', '14:30'));
  const { claims } = JSON.parse(
    (await server.store.read({ type: UNIT, id: `Practitioner/p1/${DAY}` }))?.text ?? '',
  ) as Unit;
  await tamper(UNIT, `Device/d9/${DAY}`, () => ({ slots: [], claims }));
  expect(await findings()).toEqual([expect.stringMatching(/^Unit\/Device\/d9\/\d+ has too much/)]);
});

test('a Slot whose status is not that of its claims, and one that the units have forgotten', async () => {
  await tamper<Slot>('Slot', 'a', (slot) => ({ ...slot, status: 'busy' }));
  expect(await findings()).toEqual(['Slot/a is busy; by its claims it is free.']);
  await tamper<Slot>('Slot', 'a', (slot) => ({ ...slot, status: 'free' }));
  await inUnit('Practitioner/p1', (unit) => ({ ...unit, slots: unit.slots.filter(({ id }) => id !== 'b') }));
  expect(await findings()).toEqual(['Slot/b lies in units in another way.']);
});

test('a hold that ends at another time than its Appointment says, or its Slot', async () => {
  await hold(server, { ...booking(['b'], '14:00', '14:30'), id: 'h' }, '2027-03-01T00:05:00Z');
  await inUnit(
    'Practitioner/p1',
    withClaims((claim) => [{ ...claim, untilMs: (claim.untilMs ?? 0) + 60_000 }]),
  );
  expect(await findings()).toEqual([
    expect.stringContaining('held for another time'),
    expect.stringContaining('Slot/b announces [free from 2027-03-01T00:05'),
  ]);
});

/** Another Appointment and its claim, made of one that is there. */
async function doubled(id: string, timeline: string, parts: Partial<Claim>): Promise<void> {
  await tamper<Appointment>('Appointment', 'second', () => ({}));
  const { text = '{}' } = (await server.store.read({ type: 'Appointment', id })) ?? {};
  await tamper('Appointment', 'second', () => ({ ...(JSON.parse(text) as Appointment), id: 'second' }));
  await inUnit(
    timeline,
    withClaims((claim) => [claim, { ...claim, by: 'Appointment/second', ...parts }]),
  );
}

test('more in a stored Slot than it takes', async () => {
  const { id } = await book(booking(['b'], '14:00', '14:30'));
  await doubled(id ?? '', 'Practitioner/p1', {});
  expect(await findings()).toEqual(['Slot/b takes 1, and 2 have it.']);
});

test('more at a computed time than its rule takes, one of them beside the grid', async () => {
  const [slot = ''] = await free('s3');
  const { id } = await book(booking([slot], '09:00', '09:30'));
  const startMs = Date.parse('2027-03-15T09:15:00Z');
  await doubled(id ?? '', 'Schedule/s3', { startMs, endMs: startMs + 1_800_000 });
  expect((await findings()).filter((one) => one.startsWith('More than may be had at once'))).toHaveLength(2);
});

test('a Schedule whose role has gone to another Practitioner behind its back, until it is written again', async () => {
  const role = (practitioner: string): PractitionerRole => ({
    ...{ resourceType: 'PractitionerRole', id: 'r', practitioner: { reference: `Practitioner/${practitioner}` } },
  });
  const schedule = scheduleOf('ofRole', 'PractitionerRole/r');
  await server.put({ resourceType: 'Practitioner', id: 'p2' }, role('p1'), schedule);
  await server.put(slotOf('r1', 'ofRole', '16:00', '16:30'));
  await tamper<PractitionerRole>('PractitionerRole', 'r', () => role('p2'));
  expect(await findings()).toEqual([
    'Schedule/ofRole takes the time of Practitioner/p1, but by its actors that of Practitioner/p2: ' +
      'PUT it again as it is.',
  ]);
  await server.put(schedule);
  expect(await findings()).toEqual([]);
});

test('Schedules that lie by another setting of EXCLUSIVE_ACTORS', async () => {
  const found = await checkStore(server.store, server.clock.ms, { exclusiveActors: ['Practitioner', 'Location'] });
  expect(found).toEqual([
    expect.stringMatching(/^Schedule\/s1 .* of Practitioner\/p1 and Device\/d1, but .* that of Practitioner\/p1:/),
    expect.stringMatching(/^Schedule\/s3 .* of Schedule\/s3, but .* that of Location\/l1:/),
  ]);
});

test('one doctor twice at once', async () => {
  const { id } = await book(booking(['b'], '14:00', '14:30'));
  await doubled(id ?? '', 'Practitioner/p1', { schedule: 's1', stored: false });
  expect(await findings()).toContainEqual(expect.stringMatching(/^Practitioner\/p1 has Appointment.* at once\.$/));
});

test('a stored Slot over a computed time that is booked', async () => {
  const [slot = ''] = await free('s3');
  await book(booking([slot], '09:00', '09:30'));
  await tamper<Slot>('Slot', 'over', () => ({ ...slotOf('over', 's3', '09:15', '09:45'), status: 'busy-unavailable' }));
  const place = { id: 'over', startMs: Date.parse('2027-03-15T09:15:00Z'), endMs: Date.parse('2027-03-15T09:45:00Z') };
  await inUnit('Schedule/s3', (unit) => ({ ...unit, slots: [place] }));
  expect(await findings()).toEqual([expect.stringMatching(/^Slot\/over lies over Appointment/)]);
});
