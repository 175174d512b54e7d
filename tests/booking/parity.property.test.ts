/** Case G34: what is listed can be booked, what is not listed is refused, whatever the rules and the bookings. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Extension, Slot } from 'fhir/r4.js';
import { checkStore } from '../../server/booking/check-claims.js';
import { Fault } from '../../server/base/fault.js';
import { parseJson } from '../../server/fhir/index.js';
import { scheduleOf } from '../journeys/booking-words.js';
import { journeyStores, matchesOf, startServer, type TestServer } from '../journeys/server.js';
import { hours, minutes, nested, part, rule } from './rule-builder.js';

const MINUTE = 60_000;
const CONTEXT = { base: 'http://127.0.0.1:8080', strict: false };

/** Days, three of them with a change of clocks at night, and zones in which they lie. */
const place = fc.constantFrom(
  ['2027-03-14', 'America/New_York'],
  ['2027-11-07', 'America/New_York'],
  ['2027-04-04', 'Australia/Lord_Howe'],
  ['2027-03-28', 'Antarctica/Troll'],
  ['2027-03-16', 'Asia/Kolkata'],
  ['2027-03-16', 'UTC'],
);
const optional = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const face = (quarters: number) =>
  `${String(Math.floor(quarters / 4) % 24).padStart(2, '0')}:${String((quarters % 4) * 15).padStart(2, '0')}`;

const arbitraryRule = fc
  .record({
    start: fc.nat(80),
    length: fc.integer({ min: 4, max: 24 }),
    duration: fc.constantFrom(20, 30, 45, 60),
    interval: optional([15, 30, 40]),
    offset: optional([5, 15]),
    before: optional([10, 15]),
    after: optional([5, 30]),
    capacity: optional([1, 2]),
    limit: optional([1, 2, 3]),
    per: fc.constantFrom('day', 'week', 'month'),
    notice: optional([60, 600]),
    window: optional([1, 3]),
    pool: optional(['x']),
    closed: fc.boolean(),
  })
  .map(
    ({ start, length, ...one }) =>
      (zone: string, day: string): Extension =>
        rule(
          part('timezone', { valueCode: zone }),
          hours(face(start), face(start + length)),
          minutes('duration', one.duration),
          ...(one.interval ? [minutes('interval', one.interval)] : []),
          ...(one.offset ? [minutes('offset', one.offset)] : []),
          ...(one.before ? [minutes('bufferBefore', one.before)] : []),
          ...(one.after ? [minutes('bufferAfter', one.after)] : []),
          ...(one.capacity ? [part('capacity', { valuePositiveInt: one.capacity })] : []),
          ...(one.notice ? [minutes('minimumNotice', one.notice)] : []),
          ...(one.window ? [minutes('bookingWindow', one.window, 'd')] : []),
          ...(one.pool ? [part('pool', { valueString: one.pool })] : []),
          ...(one.limit
            ? [nested('limit', part('count', { valuePositiveInt: one.limit }), part('per', { valueCode: one.per }))]
            : []),
          ...(one.closed
            ? [
                nested(
                  'notAvailableTime',
                  part('during', { valuePeriod: { start: `${day}T11:00:00Z`, end: `${day}T12:10:00Z` } }),
                ),
              ]
            : []),
        ),
  );

/** Books and gives up again. Answers whether it was to be had. */
async function canBook(server: TestServer, schedule: string, startMs: number, endMs: number): Promise<boolean> {
  const id = await tryToBook(server, schedule, startMs, endMs);
  if (id !== undefined) await server.resources.remove('Appointment', id, CONTEXT);
  return id !== undefined;
}

async function tryToBook(server: TestServer, schedule: string, startMs: number, endMs: number) {
  const body = parseJson(
    JSON.stringify({
      resourceType: 'Appointment',
      status: 'booked',
      start: new Date(startMs).toISOString(),
      end: new Date(endMs).toISOString(),
      supportingInformation: [{ reference: `Schedule/${schedule}` }],
      participant: [{ actor: { display: 'somebody' }, status: 'accepted' }],
    }),
  );
  try {
    return (await server.resources.create('Appointment', body, CONTEXT)).id;
  } catch (error) {
    if (error instanceof Fault && ['conflict', 'rule'].includes(error.kind)) return undefined;
    throw error;
  }
}

async function listed(server: TestServer, schedule: string, fromMs: number, toMs: number, duration: number) {
  const window = `start=${new Date(fromMs).toISOString()}&end=${new Date(toMs).toISOString()}&duration=${duration}`;
  const answer = await server.get(`/Slot?schedule=${schedule}&_count=1000&${window}`);
  expect(answer.status).toBe(200);
  return matchesOf(answer).map((slot) => Date.parse((slot as Slot).start));
}

const RUNS = 8;
const DURATIONS = [20, 30, 60];

test('every listed slot books, every other start is refused, around the nights of clock changes too', async () => {
  const [memory] = journeyStores;
  if (!memory) throw new Error('There is no store in memory.');
  await fc.assert(
    fc.asyncProperty(
      place,
      fc.array(arbitraryRule, { minLength: 1, maxLength: 2 }),
      fc.array(fc.record({ pick: fc.nat(1_000), schedule: fc.constantFrom('s1', 's2') }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.constantFrom(...DURATIONS),
      async ([day = '', zone = ''], rules, bookings, duration) => {
        const dayMs = Date.parse(day);
        const [fromMs, toMs] = [dayMs - 840 * MINUTE, dayMs + 2_280 * MINUTE];
        const server = await startServer(memory, new Date(fromMs - 60 * MINUTE).toISOString());
        await server.put({ resourceType: 'Practitioner', id: 'p1' });
        const office = rule(hours('00:00', '00:00'), minutes('interval', 15), minutes('bufferAfter', 10));
        await server.put(
          scheduleOf('s1', 'Practitioner/p1', { extension: rules.map((make) => make(zone, day)) }),
          scheduleOf('s2', 'Practitioner/p1', { extension: [office] }),
        );
        for (const { pick, schedule } of bookings) {
          const starts = await listed(server, schedule, fromMs, toMs, 30);
          const startMs = starts[pick % Math.max(1, starts.length)];
          if (startMs !== undefined) await tryToBook(server, schedule, startMs, startMs + 30 * MINUTE);
        }
        const offered = new Set(await listed(server, 's1', fromMs, toMs, duration));
        const wrong: string[] = [];
        for (let startMs = fromMs; startMs + duration * MINUTE <= toMs; startMs += 5 * MINUTE) {
          const had = await canBook(server, 's1', startMs, startMs + duration * MINUTE);
          if (had !== offered.has(startMs))
            wrong.push(`${new Date(startMs).toISOString()} ${had ? 'booked' : 'refused'}`);
        }
        expect(wrong).toEqual([]);
        expect(await checkStore(server.store, server.clock.ms)).toEqual([]);
        await server.close();
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);
