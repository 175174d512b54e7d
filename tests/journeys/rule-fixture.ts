/** A Schedule of office hours in New York, and what the journeys about computed slots put beside it. */
import type { Extension, Practitioner, Schedule, Slot } from 'fhir/r4.js';
import { hours, minutes, part, rule, scheduleWith } from '../booking/rule-builder.js';
import type { StoreUnderTest } from '../store/stores.js';
import { startServer, type TestServer } from './server.js';

export const NEW_YORK = part('timezone', { valueCode: 'America/New_York' });
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'];
export const PRACTITIONER: Practitioner = {
  resourceType: 'Practitioner',
  id: 'p1',
  identifier: [{ system: 'http://npi', value: '111' }],
};
export const OFFICE_HOURS = rule(NEW_YORK, hours('09:00', '17:00', ...WEEKDAYS), minutes('duration', 30));

export const schedule = (id: string, rules: readonly Extension[], more: Partial<Schedule> = {}): Schedule => ({
  ...scheduleWith(rules, more),
  id,
});
export const slotAt = (id: string, start: string, end: string, status: Slot['status'] = 'busy'): Slot => ({
  resourceType: 'Slot',
  id,
  schedule: { reference: 'Schedule/s1' },
  status,
  start,
  end,
});

/** A server on the first of March 2027 with the Schedule s1 of office hours. */
export async function startWithOfficeHours(store: StoreUnderTest): Promise<TestServer> {
  const server = await startServer(store, '2027-03-01T00:00:00Z');
  await server.put(PRACTITIONER, schedule('s1', [OFFICE_HOURS]));
  return server;
}
