/** Which units a decision rests on: those of the time with its buffers, and those of the periods of limits. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysToDecide, occupiedTime, refusalsOfComputed, unitDaysOf } from '../../server/claims/index.js';
import type { Limit } from '../../server/slots/index.js';
import { hours } from '../slots/rules.js';
import { claim, DR, joined, MINUTE, MONDAY, rule, span, wants } from './words.js';

const DAY = 1_440 * MINUTE;
const limited = (per: Limit['per'], zone = 'UTC') => rule({ zone, limits: [{ count: 1, per }] });
const datesOf = (days: readonly number[]) => days.map((day) => new Date(day * DAY).toISOString().slice(0, 10));

describe('the days of the time itself', () => {
  test('are its own, and those that the widest buffers reach', () => {
    expect(daysToDecide([], span('00:00-00:30')).days).toEqual([MONDAY]);
    expect(daysToDecide([rule(), rule({ bufferBeforeMinutes: 1 })], span('00:00-00:30')).days).toEqual([
      MONDAY - 1,
      MONDAY,
    ]);
    expect(daysToDecide([rule({ bufferAfterMinutes: 61 })], span('22:00-23:00')).days).toEqual([MONDAY, MONDAY + 1]);
  });

  test('no limit: no days of limits', () => expect(daysToDecide([rule()], span('10:00-10:30')).limitDays).toEqual([]));
});

describe('the days of limits', () => {
  test('a day in New York reaches into two days of UTC', () => {
    const { limitDays } = daysToDecide([limited('day', 'America/New_York')], span('10:00-10:30'));
    expect(datesOf(limitDays)).toEqual(['2027-03-15', '2027-03-16']);
  });

  test('a week goes from Monday to Sunday, a month from its first to its last', () => {
    expect(datesOf(daysToDecide([limited('week')], span('10:00-10:30')).limitDays)).toEqual(
      ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2027-03-${day}`),
    );
    const month = datesOf(daysToDecide([limited('month')], span('10:00-10:30')).limitDays);
    expect([month[0], month.at(-1), month.length]).toEqual(['2027-03-01', '2027-03-31', 31]);
  });

  test('the limits of all rules are looked at, each day once', () => {
    const { limitDays } = daysToDecide([limited('week'), limited('day'), limited('week')], span('10:00-10:30'));
    expect(limitDays).toHaveLength(7);
  });

  const zones = ['UTC', 'America/New_York', 'America/St_Johns', 'Pacific/Apia', 'Pacific/Kwajalein', 'America/Juneau'];
  /** Clocks went back over midnight, dates were skipped, a date came twice, a year turned. */
  const turns = [
    '2010-11-07T02:31Z',
    '2011-12-30T10:00Z',
    '1993-08-21T12:00Z',
    '1867-10-19T00:31Z',
    '2027-01-01T00:00Z',
  ].map(Date.parse);
  const near = fc.integer({ min: -2_880, max: 2_880 });

  test('hold every Appointment that makes a limit full', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...turns),
        fc.constantFrom('day', 'week', 'month'),
        near,
        near,
        (zone, turn, per, after, other) => {
          const startMs = turn + after * MINUTE;
          const time = { startMs, endMs: startMs + 30 * MINUTE };
          const otherMs = turn + other * MINUTE;
          const one = { ...claim('10:00-10:30'), startMs: otherMs, endMs: otherMs + MINUTE };
          const rules = [{ ...limited(per, zone), hours: [hours('00:00-00:00')] }];
          const all = refusalsOfComputed(time, { ...DR, rules }, joined([one]), wants(), 0);
          const { limitDays } = daysToDecide(rules, time);
          const isRead = unitDaysOf(occupiedTime(one)).some((day) => limitDays.includes(day));
          expect(isRead || all.refusals.every(({ reason }) => reason !== 'limit')).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('on the day that Alaska had twice, both are looked at', () => {
    const first = Date.parse('1867-10-18T00:00Z');
    const { limitDays } = daysToDecide([limited('day', 'America/Juneau')], { startMs: first, endMs: first + MINUTE });
    expect(datesOf(limitDays)).toEqual(['1867-10-17', '1867-10-18', '1867-10-19']);
  });
});
