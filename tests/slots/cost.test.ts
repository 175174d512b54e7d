/**
 * What rules of many hours cost. The bounds are some ten times what a slow machine needs, and far below what work that
 * grows with the square of the hours takes.
 */
import { describe, expect, test } from '@jest/globals';
import { gridRuleOf, listCandidates, type AvailabilityRule, type WeeklyHours } from '../../server/slots/index.js';
import { addDays } from '../../server/zones/index.js';
import { FREE, NEW_YORK, office, onDays, rule, stretch } from './rules.js';

const question = onDays(NEW_YORK, '2027-03-01', '2027-06-01');

/** Hours of every day that all overlap, no two alike. */
function overlapping(count: number): WeeklyHours[] {
  return Array.from({ length: count }, (_, index) => ({
    daysOfWeek: [],
    startMinute: Math.floor(index / 60),
    endMinute: 1_380 + (index % 60),
    capacity: 1 + ((index * 37) % 100),
  }));
}

/** How long one call takes, in milliseconds: the least of several rounds, the first of which prepares the rule. */
function costMs(calls: number, call: () => unknown): number {
  const rounds = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    for (let count = 0; count < calls; count += 1) call();
    return (performance.now() - startMs) / calls;
  });
  return Math.min(...rounds);
}

const plain = office();
const crowded = rule({ hours: overlapping(200), durationMinutes: 30 });
const absurd = rule({ hours: overlapping(3_000), durationMinutes: 30 });
const nightly = rule({
  hours: overlapping(200).map((one, index) => ({ ...one, startMinute: 7 * index, endMinute: 7 * index })),
  durationMinutes: 30,
});
const exceptional = rule({
  hours: overlapping(200),
  durationMinutes: 30,
  overrides: Array.from({ length: 2_000 }, (_, index) => ({
    date: addDays('2026-01-01', index),
    hours: [{ startMinute: 540, endMinute: 1_020 }],
  })),
});

describe('a question over 93 days', () => {
  test.each<[string, AvailabilityRule, number]>([
    ['ordinary hours', plain, 50],
    ['200 hours a day', crowded, 200],
    ['200 hours over midnight', nightly, 200],
    ['2,000 overrides', exceptional, 200],
    ['3,000 hours a day', absurd, 500],
  ])('of a rule with %s', (name, given, limitMs) => {
    const ms = costMs(1, () => listCandidates([given], question, FREE));
    if (process.env['SHOW_COSTS']) console.log(name, 'list', ms.toFixed(2), 'ms');
    expect(ms).toBeLessThan(limitMs);
  });
});

describe.each([
  ['on most days', stretch('2027-05-12T10:00', '10:30')],
  ['after a change of the clocks', stretch('2027-03-15T10:00', '10:30')],
])('whether one slot exists %s', (when, slot) => {
  test.each<[string, AvailabilityRule, number]>([
    ['ordinary hours', plain, 0.2],
    ['200 hours a day', crowded, 2],
    ['2,000 overrides', exceptional, 0.4],
    ['3,000 hours a day', absurd, 20],
  ])('under a rule with %s', (name, given, limitMs) => {
    const ms = costMs(100, () => gridRuleOf([given], slot));
    if (process.env['SHOW_COSTS']) console.log(name, when, 'judge', (ms * 1_000).toFixed(1), 'µs');
    expect(ms).toBeLessThan(limitMs);
  });
});
