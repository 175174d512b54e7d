/** Which `GET /Slot` is an availability question, and what it asks: design §5, S05, S27, S31, G37. */
import { describe, expect, test } from '@jest/globals';
import {
  availabilityWindow,
  parseSearch,
  scheduleFilterOf,
  slotQuestionOf,
  windowFilter,
  windowOf,
  type AvailabilityQuestion,
} from '../../server/search/index.js';
import { DURATION_MINUTES_MAX } from '../../server/search/slot-question.js';
import { BASE, CONTEXT, params, refusal } from './search-context.js';

const CHICAGO = 'America/Chicago';
const ask = (query: string) => slotQuestionOf(params(query), CONTEXT);
const question = (query: string) => {
  const asked = ask(query);
  if (asked.kind !== 'availability') throw new Error('This is a FHIR search.');
  return asked;
};
const window = (query: string, zone = CHICAGO) => availabilityWindow(question(query), zone, CONTEXT.nowMs);
const text = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString().replace('.000Z', 'Z') : ms);
const sides = (query: string, zone = CHICAGO) => Object.values(window(query, zone)).map(text);

describe('which it is', () => {
  test.each([
    'schedule=s1',
    'schedule=Schedule/s1&start=2027-03-15&end=2027-03-17&duration=20',
    'schedule:Schedule=s1',
    'schedule.actor=Practitioner/p1',
    'schedule:Schedule.actor:Practitioner.identifier=s|1&start=2027-03-15',
    'schedule=s1&_count=5&_format=json&_include=Slot:schedule&_sort=-start&foo=bar',
    'schedule=s1&end=2027-03-15T09:00:00Z',
    'schedule=s1&start=2027-03-15T09:00:00-05:00',
    'schedule=s1&duration=20&status=free',
    'schedule=s1&duration=20&service-type=fu',
    'schedule=s1&duration=20&start=ge2027-03-15&start=lt2027-03-17',
    '-location=17&service-type=fu&start=ge2027-03-15&start=lt2027-03-17',
    '-location.name=x&_count=5',
  ])('an availability question: %s', (query) => expect(ask(query).kind).toBe('availability'));

  test.each([
    '',
    '_count=5',
    'foo=bar',
    'status=free',
    'status=free&schedule=s1',
    'schedule=s1&start=eq2027-03-15',
    'schedule=s1&start=ge2027-03-15&end=le2027-03-16',
    'schedule=s1&start=2027-03-15&start=lt2027-03-16',
    'schedule=s1&start=2027-03-15,2027-03-17',
    'schedule=s1&status=free,busy&start=2027-03-15',
    'schedule=s1&_id=x',
    'schedule=s1&_lastUpdated=ge2027',
    'schedule=s1&service-type=fu',
    'schedule:missing=false',
    'schedule=s1&duration:missing=false',
    'start=ge2027-03-15',
  ])('a FHIR search: %s', (query) => expect(ask(query).kind).toBe('search'));

  test('a page holds 1,000 of an availability question, 50 of a FHIR search, when nobody says', () => {
    expect(question('schedule=s1').search.count).toBe(1_000);
    expect(question('schedule=s1&_count=5').search.count).toBe(5);
    expect(ask('schedule=s1&status=free')).toMatchObject({ search: { count: 50 } });
  });
});

describe('what it asks', () => {
  test('duration in minutes; the rest is a filter; all of it is in the self link, in order', () => {
    const asked = question('start=2027-03-15&schedule=s1&duration=20&service-type=fu&foo=1&end=2027-03-17');
    expect(asked.durationMinutes).toBe(20);
    expect(asked.search.filter).toEqual({
      kind: 'all',
      of: [
        { kind: 'reference', param: 'schedule', target: 'Schedule/s1' },
        { kind: 'token', param: 'service-type', code: 'fu' },
      ],
    });
    expect(asked.search.applied.map(([name]) => name)).toEqual([
      'start',
      'schedule',
      'duration',
      'service-type',
      'end',
    ]);
    expect(asked.search.ignored).toEqual(['foo']);
    expect(asked.bounds).toEqual([
      { param: 'start', time: { kind: 'days', firstDate: '2027-03-15', lastDate: '2027-03-15' } },
      { param: 'end', time: { kind: 'days', firstDate: '2027-03-17', lastDate: '2027-03-17' } },
    ]);
    expect(question('schedule=s1').durationMinutes).toBeUndefined();
  });

  test('a duration of DURATION_MINUTES_MAX at most', () => {
    const asked = (minutes: number) => question(`schedule=s1&duration=${minutes}`).durationMinutes;
    expect(asked(DURATION_MINUTES_MAX)).toBe(DURATION_MINUTES_MAX);
    expect(refusal(() => asked(DURATION_MINUTES_MAX + 1))).toMatchObject({ kind: 'invalid', expression: 'duration' });
  });

  test.each([
    [
      'a day is the whole local day, as an end too',
      'start=2031-03-04&end=2031-03-04',
      '2031-03-04T06:00:00Z',
      '2031-03-05T06:00:00Z',
    ],
    ['over the clock change', 'start=2031-03-07&end=2031-03-11', '2031-03-07T06:00:00Z', '2031-03-12T05:00:00Z'],
    ['without end: seven local days', 'start=2031-03-04', '2031-03-04T06:00:00Z', '2031-03-11T05:00:00Z'],
    ['without start: now', 'end=2027-03-02', '2027-03-01T00:00:00Z', '2027-03-03T06:00:00Z'],
    ['without either', '', '2027-03-01T00:00:00Z', '2027-03-08T00:00:00Z'],
    [
      'instants are bounds to the second',
      'start=2027-03-15T09:00:00-05:00&end=2027-03-15T11:00:00-05:00',
      '2027-03-15T14:00:00Z',
      '2027-03-15T16:00:00Z',
    ],
    ['an instant without end: 168 hours', 'start=2027-03-13T14:00:00Z', '2027-03-13T14:00:00Z', '2027-03-20T14:00:00Z'],
    [
      'a time without offset is local',
      'start=2027-03-15T09:00&end=2027-03-15T11:00:00',
      '2027-03-15T14:00:00Z',
      '2027-03-15T16:00:00Z',
    ],
    ['a + that became a space', 'start=2027-03-15T15:00:00+01:00', '2027-03-15T14:00:00Z', '2027-03-22T14:00:00Z'],
    ['a month', 'start=2027-03&end=2027-03', '2027-03-01T06:00:00Z', '2027-04-01T05:00:00Z'],
    ['a year', 'start=2027&end=2027-02', '2027-01-01T06:00:00Z', '2027-03-01T06:00:00Z'],
  ])('%s: %s', (_what, query, from, by) => {
    expect(sides(`schedule=s1&${query}`)).toEqual([from, Infinity, by]);
  });

  test.each([
    ['ge, lt', 'start=ge2031-03-04&start=lt2031-03-06', '2031-03-04T06:00:00Z', '2031-03-06T06:00:00Z', Infinity],
    [
      'gt, le of days',
      'start=gt2031-03-04&start=le2031-03-06',
      '2031-03-05T06:00:00Z',
      '2031-03-07T06:00:00Z',
      Infinity,
    ],
    ['sa, eb', 'start=sa2031-03-04&start=eb2031-03-06', '2031-03-05T06:00:00Z', '2031-03-06T06:00:00Z', Infinity],
    ['eq', 'start=eq2031-03-04', '2031-03-04T06:00:00Z', '2031-03-05T06:00:00Z', Infinity],
    ['ge alone', 'start=ge2031-03-04', '2031-03-04T06:00:00Z', Infinity, '2031-03-11T05:00:00Z'],
    ['bare and lt', 'start=2031-03-04&start=lt2031-03-06', '2031-03-04T06:00:00Z', '2031-03-06T06:00:00Z', Infinity],
    ['end le', 'start=ge2031-03-04&end=le2031-03-04', '2031-03-04T06:00:00Z', Infinity, '2031-03-05T06:00:00Z'],
    [
      'end lt an instant',
      'start=2031-03-04&end=lt2031-03-04T15:00:00Z',
      '2031-03-04T06:00:00Z',
      Infinity,
      '2031-03-04T14:59:59.999Z',
    ],
    [
      'end ge an instant',
      'end=ge2031-03-04T15:00:00Z&end=le2031-03-04T18:00:00Z',
      '2031-03-04T14:40:00Z',
      Infinity,
      '2031-03-04T18:00:00Z',
    ],
  ])('with duration, prefixes are bounds: %s', (_what, query, from, before, by) => {
    expect(sides(`schedule=s1&duration=20&${query}`)).toEqual([from, before, by]);
  });

  test('the same question in another zone has another window', () => {
    expect(sides('schedule=s1&start=2031-03-04&end=2031-03-04', 'Asia/Kolkata')).toEqual([
      ...['2031-03-03T18:30:00Z', Infinity, '2031-03-04T18:30:00Z'],
    ]);
  });
});

describe('refused', () => {
  test.each([
    'start=2027-03-15',
    'end=2027-03-15',
    'duration=20',
    'duration=20&status=free',
    'start=2027-03-15&schedule:missing=true&duration=20',
  ])('no schedule: %s', (query) =>
    expect(refusal(() => ask(query))).toMatchObject({ kind: 'required', expression: 'schedule' }),
  );

  test.each([
    ...['abc', '0', '1441', '-20', '20.5', '2e1', '20,30', 'ge20', '', '%2020', '99999'].map((value) => [
      'duration',
      value,
    ]),
    ...['yesterday', '2027-13-45', '', '2027-03-15T25:00', 'now'].flatMap((value) => [
      ['start', value],
      ['end', value],
    ]),
  ])('%s=%s', (name, value) => {
    expect(refusal(() => ask(`schedule=s1&${name}=${value}`))).toMatchObject({ kind: 'invalid', expression: name });
  });

  test.each([
    ['duration', 'duration=20&duration=30'],
    ['start', 'start=2027-03-15&start=2027-03-16'],
    ['end', 'end=2027-03-15&end=2027-03-16'],
    ['start', 'duration=20&start=ne2027-03-15'],
    ['end', 'duration=20&end=ap2027-03-15'],
    ['schedule', 'schedule=x/y/z'],
    ['schedule', 'schedule=Patient/q1'],
    ['_count', '_count=x'],
  ])('%s: %s', (expression, query) => {
    expect(refusal(() => ask(`schedule=s1&${query}`))).toMatchObject({ kind: 'invalid', expression });
  });

  test.each([
    'start=2027-03-16&end=2027-03-15',
    'start=2027-03-15T10:00:00Z&end=2027-03-15T10:00:00Z',
    'end=2027-02-01',
  ])('an end that does not lie after the start: %s', (query) => {
    expect(refusal(() => window(`schedule=s1&${query}`))).toMatchObject({ kind: 'invalid', expression: 'end' });
  });

  test.each([
    ['a day that the zone skips', 'Pacific/Apia', 'start=2011-12-30&end=2011-12-30', '2011-12-30T10:00:00Z'],
    ['the same by prefixes', 'Pacific/Apia', 'duration=20&start=gt2011-12-29&end=le2011-12-30', '2011-12-30T10:00:00Z'],
    ['faces that a gap skips', CHICAGO, 'start=2027-03-14T02:30&end=2027-03-14T03:00', '2027-03-14T08:30:00Z'],
  ])('%s is an empty window, no error: %s, %s', (_what, zone, query, at) => {
    expect(sides(`schedule=s1&${query}`, zone)).toEqual([at, Infinity, at]);
  });

  test.each(['start=2011-12-31&end=2011-12-30', 'start=2011-12-30&end=2011-12-29', 'start=2012-01-01&end=2011-12-30'])(
    'an earlier day is an error beside a skipped one too: %s',
    (query) => {
      const skipping = () => window(`schedule=s1&${query}`, 'Pacific/Apia');
      expect(refusal(skipping)).toMatchObject({ kind: 'invalid', expression: 'end' });
    },
  );

  test.each(['9999-12-31', '9999-12-25', 'gt9999-12-31&duration=20', '9999-12-25T00:00:00Z'])(
    'a start that leaves the default end no time before the year 10000: %s',
    (start) => {
      for (const zone of ['UTC', 'Etc/GMT+12', 'Pacific/Kiritimati']) {
        const asked = () => window(`schedule=s1&start=${start}`, zone);
        expect(refusal(asked)).toMatchObject({ kind: 'invalid', expression: 'start' });
      }
    },
  );

  test('the last days that there are can be asked for with an end, earlier ones without', () => {
    const lastDay = 'schedule=s1&start=9999-12-31&end=9999-12-31';
    expect(sides(lastDay, 'UTC')).toEqual(['9999-12-31T00:00:00Z', Infinity, '+010000-01-01T00:00:00Z']);
    expect(sides('schedule=s1&start=9999-12-23', 'Etc/GMT+12')[2]).toBe('9999-12-30T12:00:00Z');
  });

  test('whether the end lies after the start is judged in the zone of the schedule', () => {
    const query = 'schedule=s1&start=2027-03-15T02:00:00Z&end=2027-03-14';
    expect(sides(query, 'America/New_York')[2]).toBe('2027-03-15T04:00:00Z');
    expect(refusal(() => window(query, 'UTC')).kind).toBe('invalid');
  });
});

describe('what a filter says about computed slots', () => {
  const of = (query: string) =>
    Object.fromEntries(
      Object.entries(windowOf(parseSearch('Slot', params(query), CONTEXT).filter)).map(([side, ms]) => [
        side,
        text(ms),
      ]),
    );

  test.each([
    ['', {}],
    ['status=free', {}],
    [
      'start=ge2027-03-15&start=lt2027-03-17',
      { startFromMs: '2027-03-15T00:00:00Z', startBeforeMs: '2027-03-17T00:00:00Z' },
    ],
    ['start=2027-03-15&status=free', { startFromMs: '2027-03-15T00:00:00Z', startBeforeMs: '2027-03-16T00:00:00Z' }],
    ['start=gt2027-03-15', { startFromMs: '2027-03-16T00:00:00Z' }],
    ['start=le2027-03-15', { startBeforeMs: '2027-03-16T00:00:00Z' }],
    [
      'start=sa2027-03-15&start=eb2027-03-20',
      { startFromMs: '2027-03-16T00:00:00Z', startBeforeMs: '2027-03-20T00:00:00Z' },
    ],
    ['start=ge2027-03-15&start=ge2027-03-16', { startFromMs: '2027-03-16T00:00:00Z' }],
    ['end=le2027-03-15', { endByMs: '2027-03-16T00:00:00Z' }],
    ['end=2027-03-15', { endByMs: '2027-03-16T00:00:00Z' }],
    ['end=ge2027-03-15', { startFromMs: '2027-03-14T00:00:00Z' }],
    ['start=ne2027-03-15', {}],
    ['start=2027-03-15,2027-03-17', { startFromMs: '2027-03-15T00:00:00Z', startBeforeMs: '2027-03-18T00:00:00Z' }],
    ['end=2027-03-17,2027-03-15', { endByMs: '2027-03-18T00:00:00Z' }],
    ['end=ge2027-03-17,ge2027-03-15', { startFromMs: '2027-03-14T00:00:00Z' }],
    [
      'start=ge2027-03-15,ge2027-03-14&start=lt2027-03-16',
      { startFromMs: '2027-03-14T00:00:00Z', startBeforeMs: '2027-03-16T00:00:00Z' },
    ],
    ['start=lt2027-03-15,ge2027-03-20', {}],
    ['start=2027-03-15,lt2027-03-17', { startBeforeMs: '2027-03-17T00:00:00Z' }],
    ['start=2027-03-15,ne2027-03-17', {}],
    ['start:missing=false', {}],
  ])('%s', (query, bounds) => expect(of(query)).toEqual(bounds));

  test('the Schedules that it names, by id or by a chain', () => {
    const schedules = (query: string) => scheduleFilterOf(parseSearch('Slot', params(query), CONTEXT).filter);
    const id = (code: string) => ({ kind: 'token', param: '_id', code });
    expect(schedules('status=free')).toBeUndefined();
    expect(schedules('schedule:missing=false')).toBeUndefined();
    expect(schedules(`status=free&schedule=${BASE}/Schedule/s1`)).toEqual(id('s1'));
    expect(schedules('schedule=s1,s2')).toEqual({ kind: 'any', of: [id('s1'), id('s2')] });
    const actor = { kind: 'reference', param: 'actor', target: 'Practitioner/p1' };
    expect(schedules('schedule.actor=Practitioner/p1&schedule=s1')).toEqual({ kind: 'all', of: [actor, id('s1')] });
    expect(schedules('schedule=https://other.example/Schedule/s1')).toEqual(id('https://other.example/Schedule/s1'));
  });

  test('a window as the condition on stored Slots', () => {
    const asked: AvailabilityQuestion = question(
      'schedule=s1&start=2027-03-15T09:00:00Z&end=2027-03-15T10:00:00Z&duration=20',
    );
    const [from, by] = [Date.parse('2027-03-15T09:00:00Z'), Date.parse('2027-03-15T10:00:00Z')];
    expect(windowFilter(availabilityWindow(asked, 'UTC', CONTEXT.nowMs), asked.durationMinutes)).toEqual({
      kind: 'all',
      of: [
        { kind: 'date', param: 'start', prefix: 'ge', range: { startMs: from, endMs: from + 1 } },
        { kind: 'date', param: 'end', prefix: 'le', range: { startMs: by, endMs: by + 1 } },
        { kind: 'number', param: 'duration', prefix: 'eq', value: 20 },
      ],
    });
  });
});
