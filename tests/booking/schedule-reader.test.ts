/** What is remembered of Schedules and their days, while several requests read them at once. */
import { expect, test } from '@jest/globals';
import type { Appointment } from 'fhir/r4.js';
import { ScheduleReader } from '../../server/booking/schedule-reader.js';
import type { Store } from '../../server/store/index.js';
import { booking, by } from '../journeys/booking-words.js';
import { journeyStores, startServer, type TestServer } from '../journeys/server.js';
import { hours, rule, scheduleWith } from './rule-builder.js';

const BASE = 'http://127.0.0.1:8080';
const DAY = { startMs: Date.parse('2027-03-15T00:00:00Z'), endMs: Date.parse('2027-03-16T00:00:00Z') };

/** The store, of which the next reading of documents waits until it is told to go on. */
function held(store: Store) {
  let waits: Promise<void> | undefined;
  const held: Pick<Store, 'revisions' | 'readMany'> = {
    revisions: (keys) => store.revisions(keys),
    readMany: async (keys) => {
      const before = waits;
      waits = undefined;
      await before;
      return store.readMany(keys);
    },
  };
  const holdNext = () => {
    let goOn = () => {};
    waits = new Promise((resolve) => (goOn = resolve));
    return () => goOn();
  };
  return { store: held as Store, holdNext };
}

async function book(server: TestServer, start: string, end: string) {
  const participant: Appointment['participant'] = [by('Patient/q1'), by('Practitioner/p1')];
  const answer = await server.http.post('/Appointment').send(booking([], start, end, { participant }));
  expect(answer.status).toBe(201);
}

test('a view keeps what it has of a day, whatever newer one another request reads meanwhile', async () => {
  const server = await startServer(journeyStores[0]!, '2027-03-01T00:00:00Z');
  const opened = (from: string) => scheduleWith([rule(hours(from, '17:00'))]);
  await server.put({ resourceType: 'Practitioner', id: 'p1' }, { resourceType: 'Patient', id: 'q1' }, opened('09:00'));
  await book(server, '09:00', '09:20');
  const { store, holdNext } = held(server.store);
  const reader = new ScheduleReader(store, 'UTC');
  const view = async () => (await reader.views(['s1'], BASE, () => DAY))[0];
  await view();

  await server.put(opened('08:00'));
  const goOn = holdNext();
  const early = view();
  await new Promise((resolve) => setImmediate(resolve));
  await book(server, '10:00', '10:20');
  const late = await view();
  goOn();
  expect([(await early)?.units.claims.length, late?.units.claims.length]).toEqual([1, 2]);
  await server.close();
});
