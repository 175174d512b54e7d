/** Every limit of a question is an error that says so. README, "Limits". */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Schedule, Slot } from 'fhir/r4.js';
import { COMPUTED_SLOTS_MAX, WINDOW_DAYS_MAX } from '../../server/booking/generate-slots.js';
import { INCLUDED_MAX } from '../../server/booking/includes.js';
import { SCHEDULES_ASKED_MAX } from '../../server/booking/slot-plan.js';
import { SLOT_DAYS_MAX } from '../../server/booking/slot-writes.js';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { journeyStores, startServer, type TestServer } from './server.js';

const DAY_MS = 86_400_000;
const plusDays = (days: number) => new Date(Date.parse('2027-01-01') + days * DAY_MS).toISOString();
const schedule = (id: string, ...rules: Parameters<typeof rule>[0][]): Schedule => ({
  ...scheduleWith([rule(...rules)]),
  id,
});

describe.each(journeyStores)('limits on $name', (store) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(store, '2027-01-01T00:00:00Z');
    await server.put(schedule('s1', hours('09:00', '10:00')));
  });
  afterAll(() => server.close());

  const expectTooCostly = async (query: string) => {
    const { status, body } = await server.get(`/Slot?${query}`);
    expect({ status, code: body.issue?.[0]?.code }).toEqual({ status: 422, code: 'too-costly' });
  };

  test(`WINDOW_DAYS_MAX: ${WINDOW_DAYS_MAX} days are answered, one more is not, of no Schedule either`, async () => {
    const start = plusDays(0);
    expect((await server.get(`/Slot?schedule=s1&start=${start}&end=${plusDays(WINDOW_DAYS_MAX)}`)).status).toBe(200);
    await expectTooCostly(`schedule=s1&start=${start}&end=${plusDays(WINDOW_DAYS_MAX + 1)}`);
    await expectTooCostly(`schedule=none&start=${start}&end=${plusDays(WINDOW_DAYS_MAX + 1)}`);
    await expectTooCostly(`schedule=s1&status=free&start=ge${start}&start=lt${plusDays(WINDOW_DAYS_MAX + 1)}`);
  });

  test('WINDOW_DAYS_MAX: a FHIR search of stored Slots alone has no such bound', async () => {
    const query = `schedule=s1&status=entered-in-error&start=ge${plusDays(0)}&start=lt${plusDays(400)}`;
    expect((await server.get(`/Slot?${query}`)).status).toBe(200);
  });

  test(`SCHEDULES_ASKED_MAX: more than ${SCHEDULES_ASKED_MAX} schedules in one question`, async () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `n${n}`).join();
    const ask = (count: number) =>
      server.http
        .post('/Slot/_search')
        .type('form')
        .send({ schedule: names(count), duration: '20' });
    expect((await ask(SCHEDULES_ASKED_MAX)).status).toBe(200);
    // A chain finds as many as there are.
    const own = await startServer(store, '2027-01-01T00:00:00Z');
    const opened = own.resources;
    const many = Array.from({ length: SCHEDULES_ASKED_MAX + 1 }, (_, n) => schedule(`m${n}`, hours('09:00', '10:00')));
    await opened.load(
      many.map((one) => ({ body: { plain: one, exact: one } })),
      { base: 'http://x', strict: false },
    );
    for (const query of ['schedule.active:missing=true', 'status=free', '']) {
      expect((await own.get(`/Slot?${query}`)).status).toBe(422);
    }
    await own.close();
  });

  test(`COMPUTED_SLOTS_MAX: more than ${COMPUTED_SLOTS_MAX} slots in one question`, async () => {
    const always = nested('availableTime', part('allDay', { valueBoolean: true }));
    await server.put(schedule('a1', always, minutes('duration', 1)), schedule('a2', always, minutes('duration', 1)));
    const days = '&start=2027-01-01&end=2027-03-01&_count=1';
    expect((await server.get(`/Slot?schedule=a1${days}`)).body.total).toBe(60 * 1440);
    await expectTooCostly(`schedule=a1,a2${days}`);
    await expectTooCostly('schedule=a1&start=2027-01-01&end=2027-03-31&_count=1');
  });

  test(`INCLUDED_MAX: more than ${INCLUDED_MAX} resources beside the matches`, async () => {
    const own = await startServer(store, '2027-01-01T00:00:00Z');
    const slots = Array.from({ length: INCLUDED_MAX + 1 }, (_, n): Slot => {
      const start = Date.parse('2027-01-01T00:00:00Z') + n * 60_000;
      const times = { start: new Date(start).toISOString(), end: new Date(start + 60_000).toISOString() };
      return { resourceType: 'Slot', id: `x${n}`, schedule: { reference: 'Schedule/s1' }, status: 'busy', ...times };
    });
    await own.put(schedule('s1', hours('09:00', '10:00')));
    await own.resources.load(
      slots.map((one) => ({ body: { plain: one, exact: one } })),
      { base: 'http://x', strict: false },
    );
    const { status, body } = await own.get('/Schedule?_revinclude=Slot:schedule');
    expect({ status, code: body.issue?.[0]?.code }).toEqual({ status: 422, code: 'too-costly' });
    await own.close();
  });

  test(`SLOT_DAYS_MAX: a stored Slot of more than ${SLOT_DAYS_MAX} days`, async () => {
    const long = (days: number) => ({
      resourceType: 'Slot',
      schedule: { reference: 'Schedule/s1' },
      status: 'busy-unavailable',
      start: plusDays(1_000),
      end: plusDays(1_000 + days),
    });
    expect((await server.http.post('/Slot').send(long(SLOT_DAYS_MAX + 1))).status).toBe(422);
    expect((await server.http.post('/Slot').send(long(SLOT_DAYS_MAX))).status).toBe(201);
  });
});
