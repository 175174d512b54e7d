/** How availability extensions are read, and which are refused: `docs/availability.md`, "Shape". */
import { describe, expect, test } from '@jest/globals';
import type { Extension } from 'fhir/r4.js';
import {
  AVAILABILITY_URL,
  CAPACITY_MAX,
  DATES_PER_RULE_MAX,
  HOURS_PER_RULE_MAX,
  POOL_CHARACTERS_MAX,
  readRules,
  RULES_PER_SCHEDULE_MAX,
} from '../../server/booking/read-rules.js';
import { AHEAD_MINUTES_MAX } from '../../server/booking/durations.js';
import { hours, minutes, nested, part, rule, scheduleWith } from './rule-builder.js';

const read = (...parts: Extension[]) => readRules(scheduleWith([rule(...parts)]), 'Europe/Berlin');
const only = (...parts: Extension[]) => read(...parts).rules[0];

describe('a rule is read', () => {
  test('with the defaults of every part that it does not name', () => {
    expect(read(hours('09:00', '17:00'))).toEqual({
      refusals: [],
      rules: [
        {
          zone: 'Europe/Berlin',
          serviceTypes: [],
          hoursOfActors: false,
          hours: [{ daysOfWeek: [], startMinute: 540, endMinute: 1020 }],
          overrides: [],
          closures: [],
          fixedDuration: false,
          offsetMinutes: 0,
          bufferBeforeMinutes: 0,
          bufferAfterMinutes: 0,
          limits: [],
          capacity: 1,
        },
      ],
    });
  });

  test.each<[string, Extension, object]>([
    ['timezone', part('timezone', { valueCode: 'Asia/Kolkata' }), { zone: 'Asia/Kolkata' }],
    ['duration in hours', minutes('duration', 0.5, 'h'), { durationMinutes: 30 }],
    ['duration of a day', minutes('duration', 1, 'd'), { durationMinutes: 1440 }],
    ['interval', minutes('interval', 15), { intervalMinutes: 15 }],
    ['offset', minutes('offset', 5), { offsetMinutes: 5 }],
    ['bufferBefore', minutes('bufferBefore', 10), { bufferBeforeMinutes: 10 }],
    ['bufferAfter', minutes('bufferAfter', 0), { bufferAfterMinutes: 0 }],
    ['minimumNotice in days of 24 hours', minutes('minimumNotice', 2, 'd'), { noticeMinutes: 2880 }],
    ['bookingWindow in weeks, as local days', minutes('bookingWindow', 2, 'wk'), { bookingWindow: { days: 14 } }],
    [
      'bookingWindow in hours, as elapsed time',
      minutes('bookingWindow', 48, 'h'),
      { bookingWindow: { minutes: 2880 } },
    ],
    ['capacity', part('capacity', { valuePositiveInt: 3 }), { capacity: 3 }],
    ['pool', part('pool', { valueString: 'room-2' }), { pool: 'room-2' }],
    [
      'pool, the longest name',
      part('pool', { valueString: 'x'.repeat(POOL_CHARACTERS_MAX) }),
      { pool: 'x'.repeat(POOL_CHARACTERS_MAX) },
    ],
    [
      'limit',
      nested('limit', part('count', { valuePositiveInt: 8 }), part('per', { valueCode: 'week' })),
      { limits: [{ count: 8, per: 'week' }] },
    ],
    [
      'a closure of bare dates, whole days of the zone',
      nested('notAvailableTime', part('during', { valuePeriod: { start: '2027-08-02', end: '2027-08-13' } })),
      { closures: [{ startMs: Date.parse('2027-08-01T22:00Z'), endMs: Date.parse('2027-08-13T22:00Z') }] },
    ],
    [
      'a closure without an end',
      nested('notAvailableTime', part('during', { valuePeriod: { start: '2027-08-02T10:00:00Z' } })),
      { closures: [{ startMs: Date.parse('2027-08-02T10:00Z'), endMs: Infinity }] },
    ],
    [
      'an override without hours, a closed day',
      nested('override', part('date', { valueDate: '2027-07-05' })),
      { overrides: [{ date: '2027-07-05', hours: [] }], hoursOfActors: false },
    ],
    [
      'all day',
      nested('availableTime', part('allDay', { valueBoolean: true })),
      { hours: [{ daysOfWeek: [], startMinute: 0, endMinute: 0 }] },
    ],
  ])('%s', (_, extension, expected) => {
    expect(read(extension).refusals).toEqual([]);
    expect(only(extension)).toMatchObject(expected);
  });

  test('without hours and overrides as one that takes the hours of the actors', () => {
    expect(only(minutes('duration', 30))).toMatchObject({ hoursOfActors: true });
  });
});

describe('a rule is refused (422), naming the element', () => {
  const first = 'Schedule.extension[0].extension[0]';
  const time = (value: string) => part('availableStartTime', { valueTime: value });

  test.each<[string, Extension, string]>([
    ['a zone that is none', part('timezone', { valueCode: 'America/Miami' }), first],
    ['an offset for a zone', part('timezone', { valueCode: '+05:30' }), first],
    ['a start without an end', nested('availableTime', time('09:00:00')), first],
    ['all day with times', nested('availableTime', part('allDay', { valueBoolean: true }), time('09:00:00')), first],
    ['neither times nor all day', nested('availableTime', part('daysOfWeek', { valueCode: 'mon' })), first],
    ['an unknown day', hours('09:00', '10:00', 'monday'), `${first}.extension[0]`],
    [
      'seconds',
      nested('availableTime', time('09:00:30'), part('availableEndTime', { valueTime: '10:00:00' })),
      `${first}.extension[0]`,
    ],
    ['an override without a date', nested('override', hours('10:00', '12:00')), first],
    [
      'an override with days',
      nested('override', part('date', { valueDate: '2027-07-05' }), hours('10:00', '12:00', 'mon')),
      `${first}.extension[1].extension[0]`,
    ],
    [
      'a closure that ends before it starts',
      nested('notAvailableTime', part('during', { valuePeriod: { start: '2027-08-13', end: '2027-08-02' } })),
      `${first}.extension[0]`,
    ],
    [
      'a closure without a side',
      nested('notAvailableTime', part('during', { valuePeriod: {} })),
      `${first}.extension[0]`,
    ],
    ['no duration at all', minutes('duration', 0), first],
    ['a duration over a day', minutes('duration', 25, 'h'), first],
    ['half a minute', minutes('interval', 0.5), first],
    ['no interval at all', minutes('interval', 0), first],
    ['seconds as a unit', minutes('duration', 60, 's'), first],
    [
      'another system of units',
      part('duration', { valueDuration: { value: 5, code: 'min', system: 'http://ex.org' } }),
      first,
    ],
    ['a negative offset', minutes('offset', -5), first],
    ['a negative buffer', minutes('bufferBefore', -5), first],
    ['a negative notice', minutes('minimumNotice', -1, 'h'), first],
    ['a booking window of half days', minutes('bookingWindow', 1.5, 'd'), first],
    ['a booking window of more than a century', minutes('bookingWindow', AHEAD_MINUTES_MAX + 1), first],
    ['a fixed length that is not named', part('fixedDuration', { valueBoolean: true }), first],
    [
      'a limit per year',
      nested('limit', part('count', { valuePositiveInt: 1 }), part('per', { valueCode: 'year' })),
      first,
    ],
    ['a capacity over the bound', part('capacity', { valuePositiveInt: CAPACITY_MAX + 1 }), first],
    ['a pool with a long name', part('pool', { valueString: 'x'.repeat(POOL_CHARACTERS_MAX + 1) }), first],
    ['an unknown part', part('colour', { valueString: 'red' }), first],
    ['a part named like a property of all objects', part('constructor', { valueString: 'x' }), first],
    ['a part with the wrong type of value', part('capacity', { valueInteger: 2 }), first],
  ])('%s', (_, extension, expression) => {
    expect(read(extension).refusals).toEqual([expect.objectContaining({ kind: 'rule', expression })]);
  });

  test.each<[string, Extension]>([
    ['a value', { url: AVAILABILITY_URL, valueString: 'x' }],
    ['nothing', { url: AVAILABILITY_URL }],
    ['a value beside its parts', { ...rule(hours('09:00', '10:00')), valueBoolean: true }],
  ])('a rule that is %s', (_, extension) => {
    const refusals = readRules(scheduleWith([extension]), 'UTC').refusals;
    expect(refusals).toEqual([expect.objectContaining({ kind: 'rule', expression: 'Schedule.extension[0]' })]);
  });

  test(`HOURS_PER_RULE_MAX: ${HOURS_PER_RULE_MAX} weekly hours are read, one more is refused`, () => {
    const times = (count: number) => Array.from({ length: count }, () => hours('09:00', '10:00'));
    expect(read(...times(HOURS_PER_RULE_MAX)).refusals).toEqual([]);
    expect(read(...times(HOURS_PER_RULE_MAX + 1)).refusals).toHaveLength(1);
  });

  test(`DATES_PER_RULE_MAX: ${DATES_PER_RULE_MAX} closures are read, one more is refused`, () => {
    const closure = nested('notAvailableTime', part('during', { valuePeriod: { start: '2027-08-02' } }));
    const closures = (count: number) => Array.from({ length: count }, () => closure);
    expect(read(...closures(DATES_PER_RULE_MAX)).refusals).toEqual([]);
    expect(read(...closures(DATES_PER_RULE_MAX + 1)).refusals).toHaveLength(1);
  });

  test('FEW_PARTS_MAX: more than 50 limits, or types of visit', () => {
    const limit = nested('limit', part('count', { valuePositiveInt: 1 }), part('per', { valueCode: 'day' }));
    const type = part('serviceType', { valueCodeableConcept: { text: 'x' } });
    for (const one of [limit, type]) {
      expect(read(...Array.from({ length: 50 }, () => one)).refusals).toEqual([]);
      expect(read(...Array.from({ length: 51 }, () => one)).refusals).toHaveLength(1);
    }
  });

  test('a part that stands twice', () => {
    const refusals = read(minutes('duration', 20), minutes('duration', 30)).refusals;
    expect(refusals).toEqual([expect.objectContaining({ expression: 'Schedule.extension[0].extension[1]' })]);
  });

  test('two overrides of one date', () => {
    const override = nested('override', part('date', { valueDate: '2027-07-05' }));
    expect(read(override, override).refusals).toEqual([
      expect.objectContaining({ expression: 'Schedule.extension[0].extension[1]' }),
    ]);
  });

  test('more rules than a Schedule may have', () => {
    const rules = Array.from({ length: RULES_PER_SCHEDULE_MAX + 1 }, () => rule(hours('09:00', '10:00')));
    expect(readRules(scheduleWith(rules), 'UTC').refusals).toHaveLength(1);
  });
});
