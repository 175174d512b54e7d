/**
 * The table 'Worked' of docs/availability.md, row by row.
 */
import { expect, test } from '@jest/globals';
import type { AvailabilityRule } from '../../server/slots/index.js';
import { dayHours, every, hours, NEW_YORK, office, onDays, rule, startsLocal, startsUtc } from './rules.js';

const on = (date: string, times: string) => times.split(' ').map((face) => `${date}T${face}`);
const onUtc = (date: string, times: string) => on(date, times).map((text) => `${text}Z`);

const sundayNight = rule({ hours: [hours('sun 00:00-06:00')], durationMinutes: 60 });

test.each<[string, AvailabilityRule | AvailabilityRule[], [first: string, last?: string], string[]]>([
  ['Mon–Fri 09:00–17:00 New York, 30 min', office(), ['2027-03-15'], onUtc('2027-03-15', every(30, '13:00', '20:30'))],
  [
    'Sun 00:00–06:00 New York, 60 min, clocks forward',
    sundayNight,
    ['2027-03-14'],
    onUtc('2027-03-14', every(60, '05:00', '09:00')),
  ],
  ['the same, clocks back', sundayNight, ['2027-11-07'], onUtc('2027-11-07', every(60, '04:00', '10:00'))],
  [
    '02:30–04:00 New York, 30 min',
    rule({ hours: [hours('02:30-04:00')], durationMinutes: 30 }),
    ['2027-03-14'],
    onUtc('2027-03-14', '07:30'),
  ],
  [
    'Sun 00:00–04:00 Australia/Lord_Howe, 30 min, back half an hour',
    rule({ zone: 'Australia/Lord_Howe', hours: [hours('sun 00:00-04:00')], durationMinutes: 30 }),
    ['2027-04-04'],
    [...onUtc('2027-04-03', every(30, '13:00', '17:00'))],
  ],
])('%s', (_, rules, [first, last], expected) => {
  const zone = [rules].flat()[0]?.zone ?? NEW_YORK;
  expect(startsUtc(rules, onDays(zone, first, last))).toEqual(expected);
});

test.each<[string, AvailabilityRule | AvailabilityRule[], [first: string, last?: string], string[]]>([
  [
    '09:00–12:00, duration 45',
    rule({ hours: [hours('09:00-12:00')], durationMinutes: 45 }),
    ['2027-03-15'],
    on('2027-03-15', '09:00 09:45 10:30 11:15'),
  ],
  [
    '09:00–10:00, duration 20, interval 15, offset 5',
    rule({ hours: [hours('09:00-10:00')], durationMinutes: 20, intervalMinutes: 15, offsetMinutes: 5 }),
    ['2027-03-15'],
    on('2027-03-15', '09:05 09:20 09:35'),
  ],
  [
    'two rules of 20 min: 06:15–06:55 and 06:30–06:50',
    [rule({ hours: [hours('06:15-06:55')] }), rule({ hours: [hours('06:30-06:50')], durationMinutes: 20 })],
    ['2027-03-15'],
    on('2027-03-15', '06:15 06:30 06:35'),
  ],
  [
    'Tue 21:00–03:00; override Wed 10:00–12:00; 60 min',
    rule({
      hours: [hours('tue 21:00-03:00')],
      overrides: [{ date: '2027-03-17', hours: [dayHours('10:00-12:00')] }],
      durationMinutes: 60,
    }),
    ['2027-03-16', '2027-03-17'],
    [...on('2027-03-16', '21:00 22:00 23:00'), ...on('2027-03-17', '10:00 11:00')],
  ],
  [
    'allDay Mon, Tue; 50 min',
    rule({ hours: [hours('mon,tue 00:00-00:00')], durationMinutes: 50 }),
    ['2027-03-15', '2027-03-16'],
    [...on('2027-03-15', every(50, '00:00', '23:20')), ...on('2027-03-16', every(50, '00:00', '22:30'))],
  ],
  [
    'Mon 21:00–03:00, Tue 02:00–05:00; 50 min',
    rule({ hours: [hours('mon 21:00-03:00'), hours('tue 02:00-05:00')], durationMinutes: 50 }),
    ['2027-03-16'],
    on('2027-03-16', '00:20 01:10 02:00 02:50 03:40'),
  ],
])('%s', (_, rules, [first, last], expected) => {
  expect(startsLocal(rules, onDays(NEW_YORK, first, last))).toEqual(expected);
});
