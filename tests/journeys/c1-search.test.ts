/** Group C1 of `docs/scheduling-cases.md`, row by row, over HTTP on each store. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Schedule } from 'fhir/r4.js';
import { APPOINTMENTS, SCHEDULES, SLOTS } from './fixture.js';
import {
  idsOf,
  includedOf,
  journeyStores,
  linkOf,
  matchesOf,
  startServer,
  startsOf,
  type TestServer,
} from './server.js';

describe.each(journeyStores)('C1 on $name', (store) => {
  let server: TestServer;
  const ids = async (path: string) => idsOf(await server.get(path));

  beforeAll(async () => {
    server = await startServer(store, '2027-03-01T00:00:00Z');
    await server.put(...SCHEDULES, ...SLOTS, ...APPOINTMENTS);
  });
  afterAll(() => server.close());

  test('S01: a searchset of the free Slots of one Schedule', async () => {
    const { status, body } = await server.get('/Slot?schedule=Schedule/s1&status=free');
    expect(status).toBe(200);
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 3 });
    expect(body.entry?.map((entry) => entry.resource?.id)).toEqual(['A', 'B', 'G']);
    for (const entry of body.entry ?? []) {
      expect(entry.search?.mode).toBe('match');
      expect(entry.fullUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/Slot\/[ABG]$/);
    }
    expect(body.link?.[0]).toMatchObject({ relation: 'self' });
  });

  test.each<[string, string, string[]]>([
    ['S02', 'schedule=Schedule/s1&status=free,busy', ['A', 'B', 'C', 'G']],
    ['S03', 'schedule=Schedule/s1&status=free&status=busy', []],
    ['S04', 'schedule=Schedule/s1&start=ge2027-03-15T13:30:00Z&start=lt2027-03-15T14:30:00Z', ['B', 'C']],
    ['S05, by a prefix', 'schedule=Schedule/s1&start=eq2027-03-15', ['A', 'B', 'C', 'D', 'E', 'F']],
    ['S05, with a status', 'schedule=Schedule/s1&status=free,busy&start=2027-03-15', ['A', 'B', 'C']],
    [
      'S05, with nothing but schedule: an availability question',
      'schedule=Schedule/s1&start=2027-03-15',
      ['A', 'B', 'G'],
    ],
    ['S06', 'schedule=Schedule/s1&start=gt2027-03-15', ['G']],
    ['S07', 'schedule=Schedule/s1&start=le2027-03-15', ['A', 'B', 'C', 'D', 'E', 'F']],
    ['S08', 'schedule=Schedule/s1&start=ge2027-03-15T09:30:00-04:00', ['B', 'C', 'D', 'E', 'F', 'G']],
    ['S09', 'schedule=Schedule/s1&start=ge2027-03-15T14:30:00%2B01:00', ['B', 'C', 'D', 'E', 'F', 'G']],
    ['S09, with a raw +', 'schedule=Schedule/s1&start=ge2027-03-15T14:30:00+01:00', ['B', 'C', 'D', 'E', 'F', 'G']],
    ['S11', 'schedule=Schedule/s1&start=eq2027-03', ['A', 'B', 'C', 'D', 'E', 'F', 'G']],
    ['S12, a bare id', 'schedule=s1&status=busy', ['C']],
    ['S12, type and id', 'schedule=Schedule/s1&status=busy', ['C']],
    ['S13', 'schedule=Schedule/none', []],
    ['S14', 'schedule.actor=Practitioner/p1&status=free', ['A', 'B', 'G']],
    ['S16', 'status=free&schedule.actor:Practitioner.name=haddad', ['A', 'B', 'G']],
    ['S17, system and code', 'service-type=http://ex.org/v|fu', ['A']],
    ['S17, no system', 'service-type=|fu', []],
    ['S17, any system', 'service-type=fu', ['A']],
    ['S17, any code', 'service-type=http://ex.org/v|', ['A']],
    ['S18', 'schedule=s1&status:not=free', ['C', 'D', 'E', 'F']],
    ['S22, the latest first', 'schedule=s1&status=free&_sort=-start', ['G', 'B', 'A']],
    ['S22, the earliest first', 'schedule=s1&status=free&_sort=start', ['A', 'B', 'G']],
    ['S26', 'schedule=s1&status=free&end=le2027-03-15T14:00:00Z', ['A', 'B']],
    ['S27', 'status=free&start=ge2027-03-15&end=le2027-03-15&schedule=s1&searchFilter=x|y', ['A', 'B']],
    ['S28', 'status=free&schedule=s1&start=ge2027-03-15&end=le2027-03-15T13:15:00Z', []],
    ['S30', 'start=ge2027-03-16', ['G']],
  ])('%s: %s', async (_, query, expected) => {
    expect(await ids(`/Slot?${query}`)).toEqual(expected);
  });

  test('S12: an absolute reference to this server is the same Schedule', async () => {
    const { link } = (await server.get('/Slot?schedule=s1')).body;
    const { origin, host } = new URL(link?.[0]?.url ?? '');
    const answer = await server.http.get(`/Slot?schedule=${origin}/Schedule/s1&status=busy`).set('Host', host);
    expect(idsOf(answer)).toEqual(['C']);
  });

  test('S13: a Schedule that is not there is no error', async () => {
    expect(await server.get('/Slot?schedule=Schedule/none')).toMatchObject({ status: 200, body: { total: 0 } });
    expect((await server.get('/Slot?schedule=Schedule/none')).body.entry).toBeUndefined();
  });

  test('S15: typed chains in a form, as Salesforce sends them', async () => {
    const answer = await server.http.post('/Slot/_search').type('form').send({
      'schedule:Schedule.actor:Practitioner.identifier': 'http://npi|111',
      status: 'free',
      _sort: 'start',
    });
    expect(idsOf(answer)).toEqual(['A', 'B', 'G']);
  });

  test.each(['ge2027-13-45', 'gexyz'])('S10: start=%s is refused, naming the parameter', async (start) => {
    const { status, body } = await server.get(`/Slot?schedule=s1&start=${start}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', expression: ['start'] }],
    });
  });

  test('S19: _include brings the Schedule once, and counts matches only', async () => {
    const answer = await server.get('/Slot?schedule=s1&status=free&_include=Slot:schedule');
    expect(includedOf(answer)).toEqual(['Schedule/s1']);
    expect(answer.body.total).toBe(3);
  });

  test.each(['_include:iterate', '_include:recurse'])(
    'S20, S21: %s follows to the Practitioner alone',
    async (name) => {
      const answer = await server.get(
        `/Slot?schedule=s1&status=free&_include=Slot:schedule&${name}=Schedule:actor:Practitioner`,
      );
      expect(includedOf(answer)).toEqual(['Schedule/s1', 'Practitioner/p1']);
    },
  );

  test('S23: pages neither repeat nor lose a Slot, though one is inserted between', async () => {
    const own = await startServer(store, '2027-03-01T00:00:00Z');
    await own.put(...SCHEDULES, ...SLOTS);
    const seen: string[] = [];
    let path: string | undefined = '/Slot?schedule=s1&status=free,busy,busy-unavailable&_count=2';
    while (path) {
      const answer = await own.get(path);
      seen.push(...idsOf(answer));
      if (seen.length === 2) {
        const early = { ...SLOTS[0], id: 'early', start: '2027-03-15T12:00:00Z', end: '2027-03-15T12:30:00Z' };
        await own.put(early as never);
      }
      path = linkOf(answer, 'next');
    }
    expect(seen).toEqual(['A', 'B', 'C', 'D', 'G']);
    await own.close();
  });

  test.each(['_count=0', '_summary=count'])('S24: %s gives the total alone', async (how) => {
    const { body } = await server.get(`/Slot?schedule=s1&status=free&${how}`);
    expect(body.total).toBe(3);
    expect(body.entry).toBeUndefined();
  });

  test('S25: an unknown parameter is ignored and left out of the self link; strict: it is refused', async () => {
    const lenient = await server.get('/Slot?schedule=s1&status=free&foo=bar');
    expect(lenient.status).toBe(200);
    expect(linkOf(lenient, 'self')).not.toContain('foo');
    const strict = await server.http.get('/Slot?schedule=s1&foo=bar').set('Prefer', 'handling=strict');
    expect(strict.status).toBe(400);
  });

  test('S29: a window over the cap', async () => {
    const { status, body } = await server.get('/Slot?schedule=s1&start=2027-01-01&end=2027-06-01');
    expect(status).toBe(422);
    expect(body.issue?.[0]?.code).toBe('too-costly');
  });

  test('S31: the availability question needs a schedule', async () => {
    const { status, body } = await server.get('/Slot?start=2027-03-15&end=2027-03-17&duration=20');
    expect(status).toBe(400);
    expect(body.issue?.[0]).toMatchObject({ code: 'required', expression: ['schedule'] });
  });

  test('S32: _elements keeps what is mandatory, and says so', async () => {
    const [slot] = matchesOf(await server.get('/Slot?schedule=s1&status=busy&_elements=start,end'));
    expect(Object.keys(slot ?? {}).sort()).toEqual([
      'end',
      'id',
      'meta',
      'resourceType',
      'schedule',
      'start',
      'status',
    ]);
    expect(slot?.meta?.tag).toContainEqual(expect.objectContaining({ code: 'SUBSETTED' }));
  });

  test('S32: _summary=true', async () => {
    const [schedule] = matchesOf(await server.get('/Schedule?_id=s1&_summary=true')) as Schedule[];
    expect(schedule?.meta?.tag).toContainEqual(expect.objectContaining({ code: 'SUBSETTED' }));
    expect(schedule?.actor).toHaveLength(2);
  });

  test('S33: a planning horizon that overlaps the time asked', async () => {
    expect(await ids('/Schedule?date=ge2027-06-01&date=le2027-06-30&_id=s1')).toEqual(['s1']);
    expect(await ids('/Schedule?date=ge2028-06-01')).toEqual([]);
  });

  test('S34: _revinclude brings the Slots of a Schedule', async () => {
    const answer = await server.get('/Schedule?actor=Practitioner/p1&active=true&_revinclude=Slot:schedule');
    expect(idsOf(answer)).toEqual(['s1']);
    expect(includedOf(answer).sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((id) => `Slot/${id}`));
  });

  test("S35: a patient's Appointments with their Slots", async () => {
    const answer = await server.get(
      '/Appointment?patient=Patient/q1&date=ge2027-03-01&status=booked&_include=Appointment:slot',
    );
    expect(idsOf(answer)).toEqual(['a1']);
    expect(includedOf(answer)).toEqual(['Slot/C']);
  });

  test('S36: an identifier of a system that nobody has', async () => {
    expect(await server.get('/Appointment?patient.identifier=urn:oid:9.9|x')).toMatchObject({
      status: 200,
      body: { total: 0 },
    });
  });

  test('S37: _count is capped, and the self link says so', async () => {
    const answer = await server.get('/Slot?_count=100000');
    expect(linkOf(answer, 'self')).toContain('_count=1000');
  });

  test('GET /Slot with nothing lists what is stored, by start, then schedule, then id', async () => {
    expect(await ids('/Slot')).toEqual(['A', 'H', 'B', 'C', 'D', 'E', 'F', 'G']);
    expect(startsOf(await server.get('/Slot?_count=1'))).toEqual(['2027-03-15T13:00:00Z']);
  });
});
