/**
 * Local time and instants: what the clocks of a zone show, and when.
 */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import {
  addDays,
  dayInterval,
  instantOfLocal,
  isCalendarDate,
  isZone,
  localDateOf,
  localText,
  offsetMsAt,
  weekdayOf,
} from '../../server/zones/index.js';

const NEW_YORK = 'America/New_York';
const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
const dayText = (zone: string, date: string) => {
  const { startMs, endMs } = dayInterval(zone, date);
  return `${iso(startMs)}/${iso(endMs)}`;
};

describe('the name of a zone', () => {
  test.each(['America/New_York', 'UTC', 'Asia/Kathmandu', 'Asia/Katmandu', 'Australia/Lord_Howe', 'Etc/GMT+5', 'EST'])(
    '%s is one',
    (name) => expect(isZone(name)).toBe(true),
  );
  test.each(['+05:30', '-08', '', ' UTC', 'America/Miami', 'Z', 'PST', 'IST', '__proto__', 'UTC+5', 'x'.repeat(999)])(
    '"%s" is none',
    (name) => {
      expect(isZone(name)).toBe(false);
      expect(() => offsetMsAt(name, 0)).toThrow(Fault);
    },
  );
});

describe('a local day', () => {
  test.each([
    [NEW_YORK, '2027-03-15', '2027-03-15T04:00:00Z/2027-03-16T04:00:00Z', 'has 24 hours'],
    [NEW_YORK, '2027-03-14', '2027-03-14T05:00:00Z/2027-03-15T04:00:00Z', 'has 23 when the clocks go forward'],
    [NEW_YORK, '2027-11-07', '2027-11-07T04:00:00Z/2027-11-08T05:00:00Z', 'has 25 when they go back'],
    ['Australia/Lord_Howe', '2027-04-04', '2027-04-03T13:00:00Z/2027-04-04T13:30:00Z', 'may have 24 and a half'],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00Z/2011-12-30T10:00:00Z', 'ends where the skipped one would be'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z/2011-12-30T10:00:00Z', 'is empty where the zone skips it'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z/2011-12-31T10:00:00Z', 'begins where the skipped one would'],
    ['Africa/Cairo', '2027-04-30', '2027-04-29T22:00:00Z/2027-04-30T21:00:00Z', 'begins at 01:00 after a gap'],
    ['America/Toronto', '1919-03-31', '1919-03-31T04:30:00Z/1919-04-01T04:00:00Z', 'begins at 00:30, gap 23:30–00:30'],
    [
      'America/Havana',
      '2027-11-07',
      '2027-11-07T04:00:00Z/2027-11-08T05:00:00Z',
      'begins at the first of two midnights',
    ],
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00Z/2010-11-08T03:30:00Z', 'begins before a minute repeats'],
    ['UTC', '0001-01-01', '0001-01-01T00:00:00Z/0001-01-02T00:00:00Z', 'may be the first one'],
    ['UTC', '9999-12-31', '9999-12-31T00:00:00Z/+010000-01-01T00:00:00Z', 'may be the last one'],
  ])('%s %s is %s: it %s', (zone, date, expected) => {
    expect(dayText(zone, date)).toBe(expected);
  });

  test.each(['2027-02-29', '2027-13-01', '2027-00-10', '0000-01-01', '2027-1-1', '20270101', '', '2027-01-01T00:00'])(
    '"%s" is no date',
    (text) => {
      expect(isCalendarDate(text)).toBe(false);
      expect(() => dayInterval('UTC', text)).toThrow(Fault);
    },
  );
});

describe('the instant of a local time', () => {
  test.each([
    [NEW_YORK, '2027-03-15T09:00', '2027-03-15T13:00:00Z', 'summer time'],
    [NEW_YORK, '2027-03-12T09:00:00', '2027-03-12T14:00:00Z', 'standard time'],
    [NEW_YORK, '2027-03-14T02:30', '2027-03-14T07:30:00Z', 'a skipped face moves forward by the gap'],
    [NEW_YORK, '2027-11-07T01:30', '2027-11-07T05:30:00Z', 'a face that occurs twice is its first'],
    ['Australia/Lord_Howe', '2027-04-04T01:45', '2027-04-03T14:45:00Z', 'the first of a repeated half hour'],
    ['Asia/Kathmandu', '2027-01-01T00:00:00', '2026-12-31T18:15:00Z', 'an offset of 5:45'],
    ['Pacific/Apia', '2011-12-30T09:00:00', '2011-12-30T19:00:00Z', 'a skipped day moves forward by a day'],
    ['UTC', '2027-01-01T00:00:00.123456', '2027-01-01T00:00:00.123Z', 'milliseconds are kept'],
    ['UTC', '2016-12-31T23:59:60', '2016-12-31T23:59:59Z', 'a leap second is the one before'],
  ])('%s %s is %s: %s', (zone, local, expected) => {
    expect(iso(instantOfLocal(zone, local))).toBe(expected);
  });

  test.each(['2027-03-15', '2027-03-15T24:00', '2027-03-15T09:60', '2027-02-30T09:00', '2027-03-15T09:00Z', 'noon'])(
    '"%s" is none',
    (text) => expect(() => instantOfLocal('UTC', text)).toThrow(Fault),
  );
});

describe('the text of an instant', () => {
  test.each([
    [NEW_YORK, '2027-03-15T13:00:00Z', '2027-03-15T09:00:00-04:00'],
    [NEW_YORK, '2027-11-07T05:00:00Z', '2027-11-07T01:00:00-04:00'],
    [NEW_YORK, '2027-11-07T06:00:00Z', '2027-11-07T01:00:00-05:00'],
    ['UTC', '2027-03-15T13:00:59Z', '2027-03-15T13:00:59+00:00'],
    ['Asia/Kathmandu', '2026-12-31T18:15:00Z', '2027-01-01T00:00:00+05:45'],
    ['America/St_Johns', '2027-01-01T03:29:00Z', '2026-12-31T23:59:00-03:30'],
    [NEW_YORK, '1880-01-01T00:00:00Z', '1879-12-31T19:04:00-04:56'],
  ])('%s %s is %s', (zone, instant, expected) => {
    expect(localText(zone, Date.parse(instant))).toBe(expected);
    expect(Date.parse(expected)).toBe(Date.parse(instant));
  });

  test.each([Infinity, -Infinity, NaN, 8e15, -1e14])('there is none for %s', (ms) => {
    expect(() => localText('UTC', ms)).toThrow(Fault);
    expect(() => localDateOf(NEW_YORK, ms)).toThrow(Fault);
  });
});

test('the local date of an instant is that of its zone', () => {
  const ms = Date.parse('2027-03-15T03:30:00Z');
  expect([NEW_YORK, 'UTC', 'Asia/Tokyo'].map((zone) => localDateOf(zone, ms))).toEqual([
    '2027-03-14',
    '2027-03-15',
    '2027-03-15',
  ]);
});

test('days are counted and named on the calendar', () => {
  expect([addDays('2028-02-28', 1), addDays('2027-01-01', -1), addDays('2027-12-31', 366)]).toEqual([
    '2028-02-29',
    '2026-12-31',
    '2028-12-31',
  ]);
  expect(['2027-03-15', '2027-03-21', '1969-12-29', '0001-01-01'].map(weekdayOf)).toEqual([1, 7, 1, 1]);
  expect(() => addDays('9999-12-31', 1)).toThrow(Fault);
  expect(() => addDays('nonsense', 1)).toThrow(Fault);
});
