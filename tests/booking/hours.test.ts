/** Hours that several actors share. */
import { describe, expect, test } from '@jest/globals';
import { faceMinute, intersectWeeklyHours, weekdayOfCode } from '../../server/booking/hours.js';
import type { Weekday, WeeklyHours } from '../../server/slots/index.js';

const on = (day: Weekday, start: number, end: number): WeeklyHours => ({
  daysOfWeek: [day],
  startMinute: start * 60,
  endMinute: end * 60,
});
const daily = (start: number, end: number): WeeklyHours => ({
  daysOfWeek: [],
  startMinute: start * 60,
  endMinute: end * 60,
});

describe('the hours that two weeks share', () => {
  test.each<[string, WeeklyHours, WeeklyHours, WeeklyHours[]]>([
    ['G33: 09–12 and 10–13 share 10–12', on(1, 9, 12), on(1, 10, 13), [on(1, 10, 12)]],
    ['hours that only touch share nothing', on(1, 9, 12), on(1, 12, 13), []],
    ['other days share nothing', on(1, 9, 12), on(2, 9, 12), []],
    ['an evening meets the morning that it reaches into', on(2, 22, 6), on(3, 4, 8), [on(3, 4, 6)]],
    ['and over the end of the week', on(7, 22, 6), on(1, 4, 8), [on(1, 4, 6)]],
    ['whole days', daily(0, 0), on(5, 9, 12), [on(5, 9, 12)]],
    ['two whole days are whole', on(5, 0, 0), on(5, 0, 0), [on(5, 0, 0)]],
  ])('%s', (_, a, b, expected) => {
    expect(intersectWeeklyHours([a], [b])).toEqual(expected);
    expect(intersectWeeklyHours([b], [a])).toEqual(expected);
  });
});

test.each([
  ['09:30:00', 570],
  ['00:00:00.000', 0],
  ['09:30:15', undefined],
  ['', undefined],
])('the clock face of %s', (text, minute) => {
  expect(faceMinute(text)).toBe(minute);
});

test('day codes are counted from Monday', () => {
  expect(['mon', 'sun', 'Mon', ''].map(weekdayOfCode)).toEqual([1, 7, undefined, undefined]);
});
