/** What `load` makes of Appointments and the Slots under them, in whatever order they come. On each store. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirResource, Slot } from 'fhir/r4.js';
import { DAYS_MOVED_MAX } from '../../server/booking/stage-schedule.js';
import { parseJson } from '../../server/fhir/index.js';
import { booking, scheduleOf, seats, slotOf, wordsFor } from './booking-words.js';
import { journeyStores, startServer, type TestServer } from './server.js';

const CONTEXT = { base: 'http://127.0.0.1:8080', strict: false };

const busy = { status: 'busy' as const };
const [P1, R1]: FhirResource[] = [
  { resourceType: 'Practitioner', id: 'p1' },
  { resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/p1' } },
];
const PEOPLE: FhirResource[] = [P1!, R1!, { resourceType: 'Patient', id: 'q1' }];
const SCHEDULES = [scheduleOf('s1', 'Practitioner/p1'), scheduleOf('s3', 'PractitionerRole/r1')];
const SLOTS: Slot[] = [
  slotOf('x', 's3', '13:00', '13:30'),
  slotOf('a', 's1', '13:00', '13:30', busy),
  slotOf('b', 's1', '13:30', '14:00'),
  slotOf('c', 's1', '14:00', '14:30', { status: 'busy-unavailable' }),
  slotOf('d', 's1', '14:30', '15:00', { status: 'busy-tentative' }),
  slotOf('e', 's1', '15:00', '15:30', { ...seats(3), ...busy }),
  slotOf('t', 's1', '17:00', '17:30', { status: 'busy-tentative' }),
  slotOf('f', 's1', '15:30', '16:00', busy),
];
const APPOINTMENTS = [
  { ...booking(['a'], '13:00', '13:30'), id: 'onA' },
  { ...booking([], '13:30', '14:00', { supportingInformation: [{ reference: 'Schedule/s1' }] }), id: 'onB' },
  { ...booking(['c'], '14:00', '14:30'), id: 'onC' },
  { ...booking(['d'], '14:30', '15:00', { status: 'pending' }), id: 'onD' },
  { ...booking(['e'], '15:00', '15:30'), id: 'onE' },
  { ...booking(['t'], '17:00', '17:30'), id: 'onT' },
];
const ALL: FhirResource[] = [...PEOPLE, ...SCHEDULES, ...SLOTS, ...APPOINTMENTS];

describe.each(journeyStores)('C3, load, on $name', (store) => {
  let server: TestServer;
  const { book, patch, put, statusOf, expectSound } = wordsFor(() => server);

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
  });
  afterEach(async () => {
    await expectSound();
    await server.close();
  });

  const load = async (resources: readonly FhirResource[]) =>
    (
      await server.resources.load(
        resources.map((one) => ({ body: parseJson(JSON.stringify(one)) })),
        CONTEXT,
      )
    ).map((one) => (one.ok ? one.outcome : one.fault.message));
  const statuses = () => Promise.all(SLOTS.map(({ id }) => statusOf(`Slot/${id}`)));

  test.each([
    ['in order', ALL],
    ['what rests on others first', [...APPOINTMENTS, ...SLOTS, ...SCHEDULES, ...PEOPLE]],
  ])('an export, %s: every Appointment has its time, and what it fills is no longer busy by hand', async (_, all) => {
    expect(new Set(await load(all))).toEqual(new Set(['created']));
    expect(await statuses()).toEqual([
      ...['busy-unavailable', 'busy', 'busy', 'busy-unavailable', 'busy-tentative', 'busy', 'busy', 'busy'],
    ]);
    await patch('Appointment/onA', { status: 'cancelled' });
    await patch('Appointment/onE', { status: 'cancelled' });
    // Slot e has places left: it stays busy as it was written.
    expect([await statusOf('Slot/a'), await statusOf('Slot/x'), await statusOf('Slot/e')]).toEqual([
      ...['free', 'free', 'busy'],
    ]);
  });

  test('the same again makes no new version of anything', async () => {
    await load(ALL);
    server.clock.ms += 60_000;
    const versions = async () =>
      (await server.store.scan(undefined, 1_000)).versions.map((one) => [one.id, one.revision]);
    const before = await versions();
    expect(new Set(await load(ALL))).toEqual(new Set(['unchanged']));
    expect(await versions()).toEqual(before);
    expect((await server.get('/Appointment/onB')).body).toMatchObject({ slot: [{ reference: 'Slot/b' }] });
  });

  test('what is refused leaves nothing behind in the others of its batch', async () => {
    await load(ALL);
    const moved = slotOf('f', 's1', '13:30', '14:00', busy);
    const [taken, fine] = await load([moved, slotOf('g', 's1', '16:00', '16:30')]);
    expect([taken, fine]).toEqual([expect.stringContaining('of the same Schedule'), 'created']);
    expect(await statusOf('Slot/f')).toBe('busy');
    const other = { ...scheduleOf('s1', 'Device/d1') };
    const [refused] = await load([other, slotOf('h', 's1', '17:00', '17:30')]);
    expect(refused).toContain('still to come');
    const second = { ...booking(['a'], '13:00', '13:30'), id: 'second' };
    expect(await load([second, { ...booking(['g'], '16:00', '16:30'), id: 'onG' }])).toEqual([
      ...['Slot/a is busy. Choose another time.', 'created'],
    ]);
  });

  test('Slots that came before their Schedule, or while it came, lie where its actors have their time', async () => {
    await load(PEOPLE);
    const ids = Array.from({ length: 10 }, (_, n) => `new${n}`);
    const slotOn = (id: string, at: string, start: string, end: string) => slotOf(`${id}-${at}`, id, start, end);
    const scheduled = (id: string) => scheduleOf(id, `Device/${id}`);
    await load(ids.map((id) => slotOn(id, 'early', '09:00', '09:30')));
    const later = (at: number) => ids.map((id) => slotOn(id, `later${at}`, `1${at}:00`, `1${at}:30`));
    const fresh = ids.map((id) => scheduled(`fresh-${id}`));
    const onFresh = ids.map((id) => slotOn(`fresh-${id}`, 'with', '12:00', '12:30'));
    await Promise.all([load(later(0)), load(ids.map(scheduled)), load(later(1)), load(onFresh), load(fresh)]);
    // That nothing lies elsewhere is looked at after each test.
    await expectSound();
    const { body } = await server.get(`/Slot?schedule=${ids.map((id) => `${id},fresh-${id}`).join()}&start=2027-03-15`);
    expect(body.total).toBe(40);
  });

  describe('a free Slot at a time that the same doctor is busy on another Schedule', () => {
    const [free, taken] = [slotOf('x', 's3', '13:00', '13:30'), slotOf('a', 's1', '13:15', '13:45', busy)];
    const reason = 'The time lies over time that is taken on Schedule/s1 (2027-03-15T13:15:00.000Z to';

    beforeEach(() => load([...PEOPLE, ...SCHEDULES]));

    test('before the busy one: both are loaded, it is closed, and free with the other', async () => {
      expect(await load([free, taken])).toEqual(['created', 'created']);
      expect(await statusOf('Slot/x')).toBe('busy-unavailable');
      expect(await load([free, taken])).toEqual(['unchanged', 'unchanged']);
      await patch('Slot/a', { status: 'free' });
      expect(await statusOf('Slot/x')).toBe('free');
    });

    test('after it: refused by name, in load as by PUT, and loaded once the other is free', async () => {
      expect(await load([taken, free])).toEqual(['created', expect.stringContaining(reason)]);
      expect((await put(free)).status).toBe(409);
      await patch('Slot/a', { status: 'free' });
      expect(await load([free])).toEqual(['created']);
    });
  });

  test('an Appointment of the past claims nothing, and may lie over another', async () => {
    server.clock.ms = Date.parse('2027-03-16T00:00:00Z');
    await load(ALL);
    const past = (id: string) => ({ ...booking(['b'], '13:30', '14:00', { status: 'fulfilled' }), id });
    expect(await load([past('p1'), past('p2')])).toEqual(['created', 'created']);
    expect(await statusOf('Slot/b')).toBe('free');
  });

  test('an Appointment before its Slot has no time yet; sent again after it, it wins it, or not', async () => {
    await load([...PEOPLE, ...SCHEDULES]);
    const early = { ...booking(['late'], '20:00', '20:30'), id: 'early' };
    expect(await load([early])).toEqual(['created']);
    await load([slotOf('late', 's1', '20:00', '20:30')]);
    expect(await statusOf('Slot/late')).toBe('free');
    const taken = await book(booking(['late'], '20:00', '20:30'));
    expect((await put({ ...early, comment: 'x' } as never)).status).toBe(409);
    await patch(`Appointment/${taken.id}`, { status: 'cancelled' });
    expect((await put({ ...early, comment: 'x' } as never)).status).toBe(200);
    expect(await statusOf('Slot/late')).toBe('busy');
  });

  test('a hold that an export tells of ends when it says', async () => {
    const url = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
    const heldUntil = (id: string, slot: string, start: string, end: string, until: string) => ({
      ...booking([slot], start, end, { status: 'pending', extension: [{ url, valueInstant: until }] }),
      id,
    });
    await load([...PEOPLE, ...SCHEDULES, slotOf('b', 's1', '13:30', '14:00'), slotOf('g', 's1', '16:00', '16:30')]);
    await load([
      heldUntil('running', 'b', '13:30', '14:00', '2027-03-02T00:00:00.000Z'),
      heldUntil('ended', 'g', '16:00', '16:30', '2027-02-02T00:00:00.000Z'),
    ]);
    expect([await statusOf('Appointment/running'), await statusOf('Slot/b')]).toEqual(['pending', 'busy-tentative']);
    expect([await statusOf('Appointment/ended'), await statusOf('Slot/g')]).toEqual(['cancelled', 'free']);
    server.clock.ms = Date.parse('2027-03-02T00:00:00Z');
    expect([await statusOf('Appointment/running'), await statusOf('Slot/b')]).toEqual(['cancelled', 'free']);
  });

  test(`DAYS_MOVED_MAX: a Schedule whose Slots lie on more than ${DAYS_MOVED_MAX} days keeps its actors`, async () => {
    await load([...PEOPLE, ...SCHEDULES]);
    const days = Array.from({ length: DAYS_MOVED_MAX + 1 }, (_, n) => {
      const startMs = Date.parse('2028-01-01T09:00:00Z') + n * 86_400_000;
      const times = { start: new Date(startMs).toISOString(), end: new Date(startMs + 60_000).toISOString() };
      return { ...slotOf(`day${n}`, 's1', '00:00', '00:00'), ...times };
    });
    await load(days);
    const move = () => put(scheduleOf('s1', 'Device/d1'));
    const refused = await move();
    expect({ status: refused.status, code: refused.body.issue?.[0]?.code }).toEqual({
      status: 422,
      code: 'too-costly',
    });
    expect((await server.http.delete('/Slot/day0')).status).toBe(204);
    expect((await move()).status).toBe(200);
  }, 60_000);
});
