/** Schedules with opening hours over HTTP: design §3 and §5, and the cases of group C4 that a request shows. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { hours, minutes, part, rule } from '../booking/rule-builder.js';
import { NEW_YORK, OFFICE_HOURS, PRACTITIONER, schedule, slotAt, startWithOfficeHours } from './rule-fixture.js';
import { bodyOf, idsOf, includedOf, journeyStores, linkOf, matchesOf, startsOf, type TestServer } from './server.js';

describe.each(journeyStores)('computed slots on $name', (store) => {
  let server: TestServer;
  const starts = async (query: string) => startsOf(await server.get(`/Slot?${query}`));

  beforeEach(async () => {
    server = await startWithOfficeHours(store);
  });
  afterEach(() => server.close());

  test('the example of the seeds: 06:15, 06:30 and 06:35 at -07:00', async () => {
    const bundle = JSON.parse(readFileSync('fixtures/seed/schedule.json', 'utf8')) as Bundle;
    await server.put(...(bundle.entry ?? []).map(({ resource }) => resource as FhirResource));
    const id = 'Location.1-Staff.4150cd20de8a470aa570a852859ac87e';
    const answer = await server.get(`/Slot?schedule=${id}&start=2023-08-25&end=2023-08-25&duration=20`);
    expect(startsOf(answer)).toEqual([
      '2023-08-25T06:15:00-07:00',
      '2023-08-25T06:30:00-07:00',
      '2023-08-25T06:35:00-07:00',
    ]);
    expect(answer.body.total).toBe(3);
    expect(matchesOf(answer)[0]).toMatchObject({
      status: 'free',
      schedule: { reference: `Schedule/${id}` },
      end: '2023-08-25T06:35:00-07:00',
    });
  });

  test('G01: a Monday in New York, 16 slots in local time', async () => {
    const found = await starts('schedule=s1&start=2027-03-15&end=2027-03-15');
    expect(found).toHaveLength(16);
    expect([found[0], found[15]]).toEqual(['2027-03-15T09:00:00-04:00', '2027-03-15T16:30:00-04:00']);
  });

  test('G02: before and after the clocks go forward it is 09:00 either way', async () => {
    expect((await starts('schedule=s1&start=2027-03-12&end=2027-03-12'))[0]).toBe('2027-03-12T09:00:00-05:00');
    expect((await starts('schedule=s1&start=2027-03-15&end=2027-03-15'))[0]).toBe('2027-03-15T09:00:00-04:00');
  });

  test.each([
    ['a bare id', 'schedule=s1'],
    ['type and id', 'schedule=Schedule/s1'],
    ['percent-encoded', 'schedule=Schedule%2Fs1'],
    ['with a type', 'schedule:Schedule=s1'],
    ['a chain', 'schedule.actor=Practitioner/p1'],
    ['two chains', 'schedule.actor:Practitioner.identifier=http://npi|111'],
  ])('a schedule named by %s', async (_, name) => {
    expect(await starts(`${name}&start=2027-03-15&end=2027-03-15`)).toHaveLength(16);
  });

  test('a FHIR search finds the same slots, with what it includes', async () => {
    const asked = await starts('schedule=s1&start=2027-03-15&end=2027-03-15');
    const monday = 'status=free&start=ge2027-03-15&start=lt2027-03-16&schedule.actor=Practitioner/p1';
    const includes = '_include=Slot:schedule&_include:iterate=Schedule:actor';
    const answer = await server.get(`/Slot?${monday}&${includes}`);
    expect(startsOf(answer)).toEqual(asked);
    expect(includedOf(answer)).toEqual(['Schedule/s1', 'Practitioner/p1']);
    expect(answer.body.total).toBe(16);
  });

  test('without any bound the window is seven days from now, and the self link says which', async () => {
    const answer = await server.get('/Slot?status=free&schedule=s1');
    expect(startsOf(answer)[0]).toBe('2027-03-01T09:00:00-05:00');
    expect(decodeURIComponent(linkOf(answer, 'self') ?? '')).toContain(
      '_window=2027-03-01T00:00:00.000Z/2027-03-08T00:00:00.000Z',
    );
    expect((await server.get('/Slot?status=free&schedule=s1&_summary=count')).body.total).toBe(16 * 5);
  });

  test('the availability question without bounds: now and seven days, told in the self link', async () => {
    server.clock.ms = Date.parse('2027-03-15T15:10:00Z');
    const answer = await server.get('/Slot?schedule=s1');
    expect(startsOf(answer)[0]).toBe('2027-03-15T11:30:00-04:00');
    expect(startsOf(answer).at(-1)).toBe('2027-03-22T10:30:00-04:00');
    const self = decodeURIComponent(linkOf(answer, 'self') ?? '');
    expect(self).toContain('start=2027-03-15T15:10:00.000Z&end=2027-03-22T15:10:00.000Z');
    expect(startsOf(await server.get(linkOf(answer, 'self') ?? ''))).toEqual(startsOf(answer));
  });

  test('without end: seven whole days from a bare date', async () => {
    const found = await starts('schedule=s1&start=2027-03-15');
    expect([found[0], found.at(-1)]).toEqual(['2027-03-15T09:00:00-04:00', '2027-03-19T16:30:00-04:00']);
    const monday = await starts('schedule=s1&start=2027-03-16');
    expect(monday.at(-1)).toBe('2027-03-22T16:30:00-04:00');
  });

  test.each(['start=2027-03-15', 'duration=30&start=gt2027-03-15', 'duration=30&start=ge2027-03-15T12:00:00Z'])(
    'the end that was filled in for %s finds the same again',
    async (query) => {
      const answer = await server.get(`/Slot?schedule=s1&${query}`);
      const again = await server.get(linkOf(answer, 'self') ?? '');
      expect(startsOf(again)).toEqual(startsOf(answer));
      expect(startsOf(answer).length).toBeGreaterThan(16 * 4);
    },
  );

  test.each([
    ['the last day that there is', 'start=9999-12-31&end=9999-12-31'],
    ['the first', 'start=0001-01-01&end=0001-01-02'],
  ])('%s is answered, or refused by its name', async (_, query) => {
    const { status, body } = await server.get(`/Slot?schedule=s1&${query}`);
    expect(status === 200 || (status === 400 && (body.issue?.[0]?.expression ?? []).length > 0)).toBe(true);
  });

  test('G22: the grid stays where the window begins', async () => {
    const found = await starts('schedule=s1&start=2027-03-15T09:10:00-04:00&end=2027-03-15T10:00:00-04:00');
    expect(found).toEqual(['2027-03-15T09:30:00-04:00']);
  });

  test('G23: one window in three offsets', async () => {
    const windows = [
      'start=2027-03-15T13:00:00Z&end=2027-03-15T15:00:00Z',
      'start=2027-03-15T22:00:00%2B09:00&end=2027-03-16T00:00:00%2B09:00',
      'start=2027-03-15T03:00:00-10:00&end=2027-03-15T05:00:00-10:00',
    ];
    const [first, ...others] = await Promise.all(windows.map((window) => starts(`schedule=s1&${window}`)));
    expect(first).toHaveLength(4);
    for (const other of others) expect(other).toEqual(first);
  });

  test('another length moves nothing but the length', async () => {
    const answer = await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15&duration=90');
    expect(startsOf(answer).map((start) => start.slice(11, 16))).toEqual(['09:00', '10:30', '12:00', '13:30', '15:00']);
  });

  test.each([
    [
      'G28: a free Slot outside the hours is offered',
      slotAt('early', '2027-03-15T11:00:00Z', '2027-03-15T11:30:00Z', 'free'),
      17,
      '2027-03-15T11:00:00Z',
    ],
    [
      'G28: an unavailable one inside them removes its time',
      slotAt('x', '2027-03-15T13:00:00Z', '2027-03-15T14:00:00Z', 'busy-unavailable'),
      14,
      '2027-03-15T10:00:00-04:00',
    ],
    [
      'G29: a busy one, whatever its type',
      { ...slotAt('x', '2027-03-15T13:00:00Z', '2027-03-15T13:30:00Z'), serviceType: [{ text: 'X' }] },
      15,
      '2027-03-15T09:30:00-04:00',
    ],
    [
      'an entered-in-error one takes nothing',
      slotAt('x', '2027-03-15T13:00:00Z', '2027-03-15T13:30:00Z', 'entered-in-error'),
      16,
      '2027-03-15T09:00:00-04:00',
    ],
  ])('%s', async (_, slot, count, first) => {
    await server.put(slot);
    const found = await starts('schedule=s1&start=2027-03-15&end=2027-03-15');
    expect({ count: found.length, first: found[0] }).toEqual({ count, first });
  });

  test('stored and computed slots stand in one order, and pages keep to it', async () => {
    await server.put(
      slotAt('mid', '2027-03-15T16:00:00Z', '2027-03-15T16:30:00Z', 'free'),
      slotAt('early', '2027-03-15T11:00:00Z', '2027-03-15T11:30:00Z', 'free'),
    );
    const all = await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15');
    const instants = startsOf(all).map((start) => Date.parse(start));
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(idsOf(all)).toContain('mid');
    const paged: string[] = [];
    let path: string | undefined = '/Slot?schedule=s1&start=2027-03-15&end=2027-03-15&_count=5';
    while (path) {
      const page = await server.get(path);
      expect(page.body.total).toBe(17);
      paged.push(...idsOf(page));
      path = linkOf(page, 'next');
    }
    expect(paged).toEqual(idsOf(all));
  });

  test.each(['start', '-start', 'schedule', '-_id'])('pages of a search sorted by %s, too', async (sort) => {
    await server.put(slotAt('mid', '2027-03-15T16:00:00Z', '2027-03-15T16:30:00Z', 'free'));
    const query = `/Slot?status=free&schedule=s1&start=ge2027-03-15&start=lt2027-03-17&_sort=${sort}`;
    const all = await server.get(query);
    expect(idsOf(all)).toHaveLength(32);
    const paged: string[] = [];
    let path: string | undefined = `${query}&_count=7`;
    while (path) {
      const page = await server.get(path);
      paged.push(...idsOf(page));
      path = linkOf(page, 'next');
    }
    expect(paged).toEqual(idsOf(all));
  });

  describe('nothing is offered', () => {
    const count = async () => (await server.get('/Slot?schedule=s1&start=2027-03-15&end=2027-03-15')).body.total;

    beforeEach(() => server.put(slotAt('early', '2027-03-15T11:00:00Z', '2027-03-15T11:30:00Z', 'free')));

    test('while the Schedule is inactive, stored or computed; a FHIR search still finds what is stored', async () => {
      await server.put(schedule('s1', [OFFICE_HOURS], { active: false }));
      expect(await count()).toBe(0);
      expect(idsOf(await server.get('/Slot?schedule=s1&status=free&start=2027-03-15'))).toEqual(['early']);
    });

    test('while an actor is inactive', async () => {
      expect(await count()).toBe(17);
      await server.put({ ...PRACTITIONER, active: false });
      expect(await count()).toBe(0);
    });

    test('outside the planning horizon, whose bare dates lie in the zone of the Schedule', async () => {
      await server.put(schedule('s1', [OFFICE_HOURS], { planningHorizon: { start: '2027-03-16' } }));
      expect(await count()).toBe(0);
      expect(await starts('schedule=s1&start=2027-03-16&end=2027-03-16')).toHaveLength(16);
    });

    test('of a deleted Schedule', async () => {
      await server.http.delete('/Slot/early');
      expect((await server.http.delete('/Schedule/s1')).status).toBeLessThan(300);
      expect(await count()).toBe(0);
    });
  });

  test('a change of the Schedule shows in the next answer', async () => {
    expect(await starts('schedule=s1&start=2027-03-15&end=2027-03-15')).toHaveLength(16);
    await server.put(schedule('s1', [rule(NEW_YORK, hours('09:00', '10:00'), minutes('duration', 30))]));
    expect(await starts('schedule=s1&start=2027-03-15&end=2027-03-15')).toHaveLength(2);
  });

  test('types of visit: rules of other types are left out, a rule without types serves every one', async () => {
    const type = (code: string) =>
      part('serviceType', { valueCodeableConcept: { coding: [{ system: 'http://ex.org/v', code }] } });
    await server.put(
      schedule('s1', [
        rule(NEW_YORK, type('fu'), hours('09:00', '10:00'), minutes('duration', 30)),
        rule(NEW_YORK, type('new'), hours('09:00', '11:00'), minutes('duration', 60)),
        rule(NEW_YORK, hours('14:00', '14:30'), minutes('duration', 30)),
      ]),
    );
    const faces = async (query: string) =>
      (await starts(`schedule=s1&start=ge2027-03-15&start=lt2027-03-16&${query}`)).map((start) => start.slice(11, 16));
    expect(await faces('service-type=fu')).toEqual(['09:00', '09:30', '14:00']);
    expect(await faces('service-type=http://ex.org/v|new')).toEqual(['09:00', '10:00', '14:00']);
    expect(await faces('service-type=other')).toEqual(['14:00']);
    expect(await faces('service-type:missing=true')).toEqual(['14:00']);
  });

  test('a rule without hours takes those that its actors share, and their closures', async () => {
    const week = (start: string, end: string) => [
      { daysOfWeek: ['mon' as const, 'tue' as const], availableStartTime: start, availableEndTime: end },
    ];
    await server.put(
      {
        resourceType: 'HealthcareService',
        id: 'h1',
        availableTime: week('09:00:00', '12:00:00'),
        notAvailable: [{ description: 'off', during: { start: '2027-03-16', end: '2027-03-16' } }],
      },
      { resourceType: 'PractitionerRole', id: 'r1', availableTime: week('10:00:00', '13:00:00') },
      schedule('s1', [rule(NEW_YORK, minutes('duration', 60))], {
        actor: [{ reference: 'HealthcareService/h1' }, { reference: 'PractitionerRole/r1' }],
      }),
    );
    expect(await starts('schedule=s1&start=2027-03-15&end=2027-03-16')).toEqual([
      '2027-03-15T10:00:00-04:00',
      '2027-03-15T11:00:00-04:00',
    ]);
  });

  test('G36: rules that make no sense are refused when written, and change nothing', async () => {
    const bad = schedule('s1', [rule(part('timezone', { valueCode: 'America/Miami' }), minutes('duration', 0))]);
    const answer = await server.http.put('/Schedule/s1').send(bad);
    expect(answer.status).toBe(422);
    expect(bodyOf(answer).issue?.map(({ expression }) => expression?.[0])).toEqual(
      expect.arrayContaining(['Schedule.extension[0].extension[0]', 'Schedule.extension[0].extension[1]']),
    );
    expect(await starts('schedule=s1&start=2027-03-15&end=2027-03-15')).toHaveLength(16);
  });

  test.each([
    ['G37: start after end', 'start=2027-03-16&end=2027-03-15', 'end'],
    ['a day that is none', 'start=2027-13-45', 'start'],
    ['a word for a time', 'start=yesterday', 'start'],
    ['a duration that is no number', 'duration=abc', 'duration'],
    ['a duration of nothing', 'duration=0', 'duration'],
    ['a duration over a day', 'duration=1441', 'duration'],
    ['start twice', 'start=2027-03-15&start=2027-03-16', 'start'],
    ['duration twice', 'duration=20&duration=30', 'duration'],
  ])('%s: 400, naming the parameter', async (_, query, name) => {
    const { status, body } = await server.get(`/Slot?schedule=s1&${query}`);
    expect(status).toBe(400);
    expect(body.issue?.[0]).toMatchObject({ severity: 'error', expression: [name] });
  });

  test('Schedules of several zones: a bare date is the day of each', async () => {
    const tokyo = part('timezone', { valueCode: 'Asia/Tokyo' });
    await server.put(schedule('s2', [rule(tokyo, hours('09:00', '10:00'), minutes('duration', 30))]));
    const found = await starts('schedule=s1,s2&start=2027-03-15&end=2027-03-15');
    expect(found).toHaveLength(18);
    expect(found.slice(0, 3)).toEqual([
      '2027-03-15T09:00:00+09:00',
      '2027-03-15T09:30:00+09:00',
      '2027-03-15T09:00:00-04:00',
    ]);
    const searched = await starts('status=free&schedule=s1,s2&start=2027-03-15');
    expect(searched).toEqual(found);
  });
});
