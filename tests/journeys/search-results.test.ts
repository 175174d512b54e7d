/** How much of what was found is told, over HTTP on each store: `_summary`, `_elements`, `_total`. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { hours, minutes, rule, scheduleWith } from '../booking/rule-builder.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import { journeyStores, matchesOf, startServer, type TestServer } from './server.js';

const TOLD: FhirResource = {
  resourceType: 'Location',
  id: 'told',
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A room.</div>' },
  status: 'active',
  name: 'Room 7',
  telecom: [{ system: 'phone', value: '1' }],
};

describe.each(journeyStores)('the results of a search on $name', (store) => {
  let server: TestServer;
  const elements = async (path: string) => Object.keys(matchesOf(await server.get(path))[0] ?? {}).sort();
  const ALWAYS = ['id', 'meta', 'resourceType'];

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS, TOLD);
    const actor = [{ display: 'Nobody else' }];
    await server.put(scheduleWith([rule(hours('09:00', '12:00'), minutes('duration', 30))], { id: 'rule', actor }));
  });
  afterAll(() => server.close());

  test.each<[string, string[]]>([
    ['_summary=true', ['name', 'status']],
    ['_summary=text', ['text']],
    ['_summary=data', ['name', 'status', 'telecom']],
    ['_summary=false', ['name', 'status', 'telecom', 'text']],
    ['_elements=name', ['name']],
    ['_elements=telecom.value', ['telecom']],
    ['_elements=Location.name', ['name']],
    ['_elements=Slot.start,Location.status', ['status']],
    ['_elements=Slot.start', ['name', 'status', 'telecom', 'text']],
  ])('%s', async (how, expected) => {
    const path = `/Location?_id=told&${how}`;
    expect(await elements(path)).toEqual([...ALWAYS, ...expected].sort());
    const isCut = expected.length < 4;
    const tags = matchesOf(await server.get(path))[0]?.meta?.tag ?? [];
    expect(tags.some(({ code }) => code === 'SUBSETTED')).toBe(isCut);
  });

  test('an element of a type is left out there, and nothing of what comes along', async () => {
    const { body } = await server.get('/Slot?_id=A&_include=Slot:schedule&_elements=Slot.start');
    const [slot, schedule] = (body.entry ?? []).map(({ resource }) => resource);
    expect(slot).not.toHaveProperty('serviceType');
    expect(schedule).toHaveProperty('planningHorizon');
  });

  test.each(['_summary=count', '_summary=count&_include=Location:organization', '_count=0'])(
    '%s is the total alone',
    async (how) => {
      const { body } = await server.get(`/Location?${how}`);
      expect([body.total, body.entry]).toEqual([2, undefined]);
    },
  );

  test.each(['_summary=text&_include=*', '_summary=text&_revinclude=Slot:schedule', '_summary=true&_elements=name'])(
    '%s is refused',
    async (how) => expect((await server.get(`/Schedule?${how}`)).status).toBe(400),
  );

  test.each([
    ['accurate', 8],
    ['estimate', 8],
    ['none', undefined],
    ['', undefined],
  ])('_total=%s, where the page does not tell it: %s', async (total, expected) => {
    const how = total === '' ? '' : `&_total=${total}`;
    const stored = await server.get(`/Slot?start=2027-03-15,2027-03-16&schedule=s1,s2&_count=2${how}`);
    expect(stored.body.total).toBe(expected);
    const computed = await server.get(`/Slot?start=2027-03-15&schedule=rule&status=free,busy&_count=2${how}`);
    expect(computed.body.total).toBe(expected && 6);
    const others = await server.get(`/Appointment?_count=1${how}`);
    expect(others.body.total).toBe(expected && 2);
  });
});
