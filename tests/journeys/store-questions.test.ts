/**
 * How often a question for free times asks the store, one time after the other: each is a round trip where the store
 * is another machine. First it asks for the revisions of all that it remembers; then it reads what has changed.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Extension, Schedule } from 'fhir/r4.js';
import { hours, nested, part, rule, scheduleWith } from '../booking/rule-builder.js';
import { booking, by } from './booking-words.js';
import { journeyStores, startServer, startsOf, type TestServer } from './server.js';

const QUESTION = '/Slot?schedule=s1&start=2027-03-15&end=2027-03-16&duration=60';
const OTHER_QUESTION = '/Slot?schedule=s1&start=2027-03-15&end=2027-03-16&duration=30';
const ASKING = ['read', 'readMany', 'revisions', 'search', 'count'] as const;

const opened = (from: string, actor = 'Practitioner/p1', ...more: Extension[]): Schedule => ({
  ...scheduleWith([rule(hours(from, '17:00'), ...more)]),
  actor: [{ reference: actor }],
});

describe.each(journeyStores)('questions to the store, on $name', (store) => {
  let server: TestServer;
  let asked: string[];

  beforeEach(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put({ resourceType: 'Practitioner', id: 'p1' }, { resourceType: 'Practitioner', id: 'p2' });
    await server.put({ resourceType: 'Patient', id: 'q1' }, opened('09:00'));
    asked = [];
    for (const name of ASKING) {
      const ask = server.store[name].bind(server.store) as (...args: unknown[]) => never;
      Object.assign(server.store, { [name]: (...args: unknown[]) => (asked.push(name), ask(...args)) });
    }
  });
  afterEach(() => server.close());

  /** What one question asks, in order, and the first start that it finds. */
  async function get(path = QUESTION) {
    asked = [];
    const [first] = startsOf(await server.get(path));
    return { asked, first: first?.slice(11, 16) };
  }

  const book = async (start: string, end: string) => {
    const times = { start: `2027-03-15T${start}:00Z`, end: `2027-03-15T${end}:00Z` };
    const participant = [by('Patient/q1'), by('Practitioner/p1')];
    const answer = await server.http.post('/Appointment').send({ ...booking([], start, end), ...times, participant });
    expect(answer.status).toBe(201);
  };

  test('the first one reads the Schedule with its timelines, then its actors, then its days', async () => {
    expect(await get()).toEqual({ asked: ['readMany', 'readMany', 'readMany'], first: '09:00' });
  });

  test.each([
    ['the same question', QUESTION],
    ['another one about the same days', OTHER_QUESTION],
  ])('nothing has changed: one for the revisions, for %s', async (_, path) => {
    await get();
    expect(await get(path)).toEqual({ asked: ['revisions'], first: '09:00' });
  });

  test.each([
    ['the same question', QUESTION],
    ['another one about the same days', OTHER_QUESTION],
  ])('somebody has booked: the revisions, then the day, for %s', async (_, path) => {
    await get();
    await book('09:00', '10:00');
    expect(await get(path)).toEqual({ asked: ['revisions', 'readMany'], first: '10:00' });
    expect(await get(path)).toEqual({ asked: ['revisions'], first: '10:00' });
    await book('10:00', '11:00');
    expect(await get(path)).toEqual({ asked: ['revisions', 'readMany'], first: '11:00' });
  });

  test('its hours have changed: the revisions, then the Schedule; its actors and days are known', async () => {
    await get();
    await server.put(opened('11:00'));
    expect(await get()).toEqual({ asked: ['revisions', 'readMany'], first: '11:00' });
  });

  test('its hours have changed and somebody has booked: Schedule and day are read in one go', async () => {
    await get();
    await book('09:00', '10:00');
    await server.put(opened('08:00'));
    expect(await get()).toEqual({ asked: ['revisions', 'readMany'], first: '08:00' });
  });

  test('an actor has changed: the revisions, then the actor', async () => {
    await get();
    await server.put({ resourceType: 'Practitioner', id: 'p1', active: false });
    expect(await get()).toEqual({ asked: ['revisions', 'readMany'], first: undefined });
  });

  test('it looks at other days than before: those are read when its new rules are known', async () => {
    await get();
    const weekly = nested('limit', part('count', { valuePositiveInt: 9 }), part('per', { valueCode: 'week' }));
    await server.put(opened('11:00', 'Practitioner/p1', weekly));
    expect(await get()).toEqual({ asked: ['revisions', 'readMany', 'readMany'], first: '11:00' });
  });

  test('it has another actor: the revisions, the Schedule, then the actor, then the days of that one', async () => {
    await get();
    await server.put(opened('11:00', 'Practitioner/p2'));
    expect(await get()).toEqual({ asked: ['revisions', 'readMany', 'readMany', 'readMany'], first: '11:00' });
  });

  test('it has been deleted: the revisions, then the Schedule', async () => {
    await get();
    await server.http.delete('/Schedule/s1').expect(204);
    expect(await get()).toEqual({ asked: ['revisions', 'readMany'], first: undefined });
  });
});
