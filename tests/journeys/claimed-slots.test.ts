/** Computed slots that somebody has claimed, as FHIR searches find them (design §3); cases B05, R07, G20, G21, G27. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Appointment, Extension, Slot } from 'fhir/r4.js';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { NEW_YORK, PRACTITIONER } from './rule-fixture.js';
import {
  bodyOf,
  idsOf,
  includedOf,
  journeyStores,
  linkOf,
  matchesOf,
  startServer,
  startsOf,
  type TestServer,
} from './server.js';

const NOW = '2027-03-01T00:00:00Z';
const MONDAY = 'start=2027-03-15&end=2027-03-15';
const HALF_HOURS = minutes('duration', 30);
const open = (...more: Extension[]) => rule(hours('09:00', '11:00'), HALF_HOURS, ...more);

describe.each(journeyStores)('claimed computed slots on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, NOW);
    await server.put({ resourceType: 'Patient', id: 'q1' }, PRACTITIONER, scheduleWith([open()]));
  });
  afterEach(() => server.close());

  const free = async (schedule = 's1', window = MONDAY) =>
    idsOf(await server.get(`/Slot?schedule=${schedule}&${window}`));
  const search = (query: string) => server.get(`/Slot?schedule=s1&start=2027-03-15&${query}`);
  const statuses = (answer: Awaited<ReturnType<typeof search>>) =>
    matchesOf(answer).map((slot) => [slot.id, (slot as Slot).status]);
  const book = async (slot = '', status: Appointment['status'] = 'booked') => {
    const { start, end } = (await server.get(`/Slot/${slot}`)).body as unknown as Slot;
    const answer = await server.http.post('/Appointment').send({
      ...{ resourceType: 'Appointment', status, start, end, slot: [{ reference: `Slot/${slot}` }] },
      participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
    });
    return { status: answer.status, id: bodyOf(answer).id ?? '' };
  };
  const lock = (slot = '') =>
    server.http.post(`/Slot/${slot}/$lock`).send({
      resourceType: 'Parameters',
      parameter: [
        { name: 'until', valueDateTime: '2027-03-01T01:00:00Z' },
        { name: 'key', valueString: 'k' },
      ],
    });

  test('are found by their status, and by no status among the free ones in order of start', async () => {
    const [a, b, c, d] = await free();
    await book(b);
    await lock(c);
    await server.http.post(`/Slot/${d}/$disable`);
    expect(await free()).toEqual([a]);
    expect(statuses(await search('status=free'))).toEqual([[a, 'free']]);
    expect(statuses(await search('status=busy'))).toEqual([[b, 'busy']]);
    expect(statuses(await search('status=busy-tentative'))).toEqual([[c, 'busy-tentative']]);
    expect(statuses(await search('status=busy-unavailable'))).toEqual([[d, 'busy-unavailable']]);
    expect(statuses(await search('status=free,busy'))).toEqual([
      [a, 'free'],
      [b, 'busy'],
    ]);
    const all = await search('status=busy,busy-tentative,busy-unavailable,free&_sort=start');
    expect(idsOf(all)).toEqual([a, b, c, d]);
    expect(idsOf(await search('status:not=free'))).toEqual([b, c, d]);
    expect((await search('status=entered-in-error')).body.total).toBe(0);
    expect((await server.get(`/Slot/${b}`)).body).toEqual(matchesOf(await search('status=busy'))[0]);
  });

  test('stand on pages with the real total', async () => {
    const ids = await free();
    await book(ids[1]);
    await book(ids[3]);
    const first = await search('status=free,busy&_count=3&_total=accurate');
    expect([first.body.total, idsOf(first)]).toEqual([4, ids.slice(0, 3)]);
    const second = await server.get(linkOf(first, 'next') ?? '');
    expect([idsOf(second), linkOf(second, 'next')]).toEqual([ids.slice(3), undefined]);
    expect((await search('status=busy&_summary=count')).body.total).toBe(2);
  });

  test('are found without a Schedule named, in the window that the self link tells', async () => {
    const [a] = await free();
    await book(a);
    expect(idsOf(await server.get('/Slot?status=busy&start=2027-03-15'))).toEqual([a]);
    const soon = await server.get('/Slot?status=busy');
    expect([idsOf(soon), linkOf(soon, 'self')?.includes('_window=')]).toEqual([[], true]);
    expect(idsOf(await server.get('/Slot?status=busy&start=2027-03-16'))).toEqual([]);
  });

  test('are busy-tentative while they are held, and no longer', async () => {
    const [a] = await free();
    const held = await server.http.post('/Appointment/$hold').send({
      ...{ resourceType: 'Appointment', status: 'proposed', slot: [{ reference: `Slot/${a}` }] },
      participant: [{ actor: { reference: 'Patient/q1' }, status: 'accepted' }],
    });
    expect(held.status).toBe(201);
    expect(idsOf(await search('status=busy-tentative'))).toEqual([a]);
    server.clock.ms += 5 * 60_000;
    expect(idsOf(await search('status=busy-tentative'))).toEqual([]);
    expect(idsOf(await search('status=free'))).toContain(a);
  });

  test('B05: with room left one is free and listed, and not among the busy', async () => {
    await server.put(scheduleWith([open(part('capacity', { valuePositiveInt: 2 }))]));
    const [a] = await free();
    await book(a);
    expect(await free()).toContain(a);
    expect(idsOf(await search('status=busy'))).toEqual([]);
    expect(idsOf(await search('status:not=entered-in-error'))).toEqual(await free());
    await book(a);
    expect(await free()).not.toContain(a);
    expect(idsOf(await search('status=busy'))).toEqual([a]);
  });

  test('are found while their rule is gone, or their Schedule inactive', async () => {
    const [a] = await free();
    await book(a);
    await server.put(scheduleWith([rule(hours('10:00', '11:00'), HALF_HOURS)]));
    expect(statuses(await search('status=busy,busy-unavailable'))).toEqual([[a, 'busy']]);
    await server.put({ resourceType: 'Schedule', id: 's1', active: false, actor: [{ reference: 'Practitioner/p1' }] });
    expect(statuses(await search('status=busy,busy-unavailable'))).toHaveLength(1);
  });

  test('come along with their Appointments, and these with them', async () => {
    const [a] = await free();
    const { id } = await book(a);
    expect(includedOf(await server.get(`/Appointment?_id=${id}&_include=Appointment:slot`))).toEqual([`Slot/${a}`]);
    expect(includedOf(await search('status=busy&_revinclude=Appointment:slot'))).toEqual([`Appointment/${id}`]);
  });

  test('R07: what one Schedule of a doctor has booked, the other lists no more, nor as its own', async () => {
    await server.put({ ...scheduleWith([open()]), id: 's3' });
    const [a] = await free();
    const [other] = await free('s3');
    await book(a);
    expect(await free('s3')).not.toContain(other);
    expect(idsOf(await server.get('/Slot?status=busy&start=2027-03-15'))).toEqual([a]);
    expect((await server.get(`/Slot/${other}`)).body.status).toBe('busy-unavailable');
  });

  test('G20: with minimum notice what is too near is not listed, and refused', async () => {
    const [early = ''] = await free();
    await server.put(scheduleWith([open(minutes('minimumNotice', 120))]));
    server.clock.ms = Date.parse('2027-03-15T07:07:00Z');
    expect(startsOf(await server.get(`/Slot?schedule=s1&${MONDAY}`))[0]).toContain('T09:30');
    expect((await book(early)).status).toBe(422);
  });

  test('G21: day 14 of the booking window is in, day 15 is not, counted where the rule is', async () => {
    const window = minutes('bookingWindow', 14, 'd');
    await server.put(scheduleWith([rule(NEW_YORK, hours('20:00', '21:00'), HALF_HOURS, window)]));
    // The last of February in New York, the first of March in UTC.
    server.clock.ms = Date.parse('2027-03-01T03:00:00Z');
    const days = startsOf(await server.get('/Slot?schedule=s1&start=2027-03-13&end=2027-03-17')).map((text) =>
      text.slice(0, '2027-03-14'.length),
    );
    expect([...new Set(days)]).toEqual(['2027-03-13', '2027-03-14']);
  });

  test('G27: a limit by day counts local days, those that UTC calls the next among them', async () => {
    const limit = nested('limit', part('count', { valuePositiveInt: 2 }), part('per', { valueCode: 'day' }));
    await server.put(scheduleWith([rule(NEW_YORK, hours('21:00', '00:00'), HALF_HOURS, limit)]));
    const evening = await free();
    expect(evening).toHaveLength(6);
    // 23:00 and 23:30 in New York: after midnight in UTC.
    expect([(await book(evening[4])).status, (await book(evening[5])).status]).toEqual([201, 201]);
    expect(await free()).toEqual([]);
    expect((await book(evening[0])).status).toBe(422);
    expect(await free('s1', 'start=2027-03-16&end=2027-03-16')).toHaveLength(6);
  });
});
