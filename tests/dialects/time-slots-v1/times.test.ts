/** Times and dates as ReserveKit's clients write and read them: sections 3.2 and 5.4 of its reference. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bookingDateOf,
  minuteOf,
  occurrenceOf,
  placedTimeOf,
  textOfPlaced,
} from '../../../server/dialects/time-slots-v1/times.js';

const ZONES = ['Asia/Kuala_Lumpur', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC'];

test.each([
  ['2031-01-01 13:30:00', '2031-01-01', '13:30:00'],
  ['2031-01-01T13:30:00+08:00', '2031-01-01', '13:30:00'],
  ['2031-01-01T18:30:00Z', '2031-01-02', '02:30:00'],
])('%s is %s %s in Kuala Lumpur', (text, date, clock) => {
  expect(placedTimeOf(text, 'Asia/Kuala_Lumpur')).toEqual({ date, clock });
});

test.each([
  '13:30',
  '2031-01-01',
  '2031-02-29 10:00:00',
  '2031-01-01 24:00:00',
  '2031-01-01T13:30:00',
  '2031-01-01t01:00:00z',
])('%s is no time', (text) => expect(placedTimeOf(text, 'UTC')).toBeUndefined());

test.each(['2031-03-05', '2031-03-05T00:00:00Z', '2031-03-05T00:00:00.000Z', '2031-03-05T23:59:59-11:00'])(
  'the date of %s is as it is written',
  (text) => expect(bookingDateOf(text, 'Pacific/Auckland')?.date).toBe('2031-03-05'),
);

test.each([
  ['America/New_York', '2027-03-14', '02:30:00', '2027-03-14T07:30:00.000Z'],
  ['America/New_York', '2027-11-07', '01:30:00', '2027-11-07T05:30:00.000Z'],
  ['Asia/Kuala_Lumpur', '2031-03-03', '13:30:00', '2031-03-03T05:30:00.000Z'],
])('in %s on %s the slot of %s begins at %s', (zone, date, clock, start) => {
  const { startMs, endMs } = occurrenceOf(clock, '23:00:00', date, zone);
  expect(new Date(startMs).toISOString()).toBe(start);
  expect((endMs - startMs) / 60_000).toBe(minuteOf('23:00:00') - minuteOf(clock));
});

test('what goes out as a clock time comes in as the same, in every zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true }),
      (zone, moment) => {
        const placed = { date: moment.toISOString().slice(0, 10), clock: `${moment.toISOString().slice(11, 16)}:00` };
        expect(placedTimeOf(textOfPlaced(placed, zone, 'wall'), zone)).toEqual(placed);
      },
    ),
  );
});
