/** What `$find` proposes for one Schedule is what `GET /Slot` lists: for random rules, Slots and bookings. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import fc from 'fast-check';
import { hours, minutes, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { NEW_YORK, slotAt } from './rule-fixture.js';
import { idsOf, journeyStores, matchesOf, startServer, type TestServer } from './server.js';

// Each day is a server of its own, asked a dozen times.
jest.setTimeout(60_000);

/** The night of the 14th clocks go forward in New York. */
const WEEK = 'start=2027-03-12&end=2027-03-18';

const minutesFrom = (least: number, most: number) => fc.integer({ min: least, max: most }).map((count) => count * 5);
const clockFace = fc.integer({ min: 0, max: 47 }).map((half) => {
  const minute = half % 2 === 0 ? '00' : '30';
  return `${String(Math.floor(half / 2)).padStart(2, '0')}:${minute}`;
});
const aRule = fc
  .record({
    from: clockFace,
    to: clockFace,
    duration: minutesFrom(4, 24),
    interval: minutesFrom(3, 24),
    buffer: minutesFrom(0, 6),
    capacity: fc.integer({ min: 1, max: 3 }),
    perDay: fc.integer({ min: 1, max: 20 }),
  })
  .map(({ from, to, duration, interval, buffer, capacity, perDay }) =>
    rule(
      ...[NEW_YORK, hours(from, to), minutes('duration', duration), minutes('interval', interval)],
      ...[minutes('bufferAfter', buffer), part('capacity', { valuePositiveInt: capacity })],
      nested('limit', part('count', { valuePositiveInt: perDay }), part('per', { valueCode: 'day' })),
    ),
  );
const aDay = fc.record({
  rules: fc.array(aRule, { minLength: 1, maxLength: 3 }),
  /** Which of the times that are found are taken, and how. */
  taken: fc.array(
    fc.record({ at: fc.nat(200), how: fc.constantFrom('$hold', '$book', '$lock', '$disable', 'Slot' as const) }),
    { maxLength: 6 },
  ),
});

describe.each(journeyStores)('$find and GET /Slot on $name', (store) => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
  });
  afterEach(() => server.close());

  const found = async () =>
    (matchesOf(await server.get(`/Appointment/$find?${WEEK}&_count=1000`)) as Appointment[]).map(
      ({ slot }) => slot?.[0]?.reference,
    );
  const listed = async () => idsOf(await server.get(`/Slot?schedule=s1&${WEEK}`)).map((id) => `Slot/${id}`);
  const named = (name: string, valueString: string) => ({ name, valueString });

  async function take(at: number, how: string): Promise<void> {
    const proposals = matchesOf(await server.get(`/Appointment/$find?${WEEK}&_count=1000`)) as Appointment[];
    const proposal = proposals[at % Math.max(1, proposals.length)];
    if (!proposal) return;
    const { id = '', start = '', end = '', slot } = proposal;
    const send = (path: string, ...parameter: object[]) =>
      server.http.post(path).send({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
    if (how === 'Slot') await server.http.put(`/Slot/x${at}`).send(slotAt(`x${at}`, start, end, 'free'));
    else if (how === '$lock') {
      await send(`/${slot?.[0]?.reference}/$lock`, named('key', 'k'), named('until', '2027-03-01T10:00:00Z'));
    } else if (how === '$disable') await send(`/${slot?.[0]?.reference}/$disable`);
    else expect((await send(`/Appointment/${how}`, named('appointment-reference', id))).status).toBe(201);
  }

  test('are the same times, and each proposal books', async () => {
    await fc.assert(
      fc.asyncProperty(aDay, async ({ rules, taken }) => {
        await server.close();
        server = await startServer(store, '2027-03-01T00:00:00Z');
        await server.put(scheduleWith(rules, { actor: [{ display: 'Room' }] }));
        for (const { at, how } of taken) {
          expect((await found()).toSorted()).toEqual((await listed()).toSorted());
          await take(at, how);
        }
        expect((await found()).toSorted()).toEqual((await listed()).toSorted());
      }),
      { numRuns: store.overNetwork ? 3 : 15 },
    );
  });
});
