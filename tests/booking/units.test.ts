/** Units: the documents in which writers of the same time meet (design §4). */
import { describe, expect, test } from '@jest/globals';
import {
  readUnit,
  slotConflicts,
  slotsOfUnits,
  unitKeysOf,
  withoutSlot,
  withSlot,
} from '../../server/booking/units.js';

const EMPTY_UNIT = readUnit(undefined);
const DAY = 86_400_000;
const slot = (id: string, startMs: number, endMs: number) => ({ id, startMs, endMs });

describe('the units of an interval', () => {
  test.each<[string, number, number, number[]]>([
    ['within a day', 3 * DAY + 5, 3 * DAY + 6, [3]],
    ['a whole day, half-open', 3 * DAY, 4 * DAY, [3]],
    ['over midnight', 4 * DAY - 1, 4 * DAY + 1, [3, 4]],
    ['before 1970', -DAY - 1, 1, [-2, -1, 0]],
    ['nothing', 0, 0, []],
  ])('%s', (_, startMs, endMs, days) => {
    expect(unitKeysOf('s1', { startMs, endMs }).map(({ id }) => id)).toEqual(days.map((day) => `Schedule/s1/${day}`));
  });
});

test('a Slot conflicts with each other one that it overlaps, not with those it touches, nor with itself', () => {
  const unit = [slot('a', 0, 10), slot('b', 10, 20), slot('c', 20, 30)].reduce(withSlot, EMPTY_UNIT);
  expect(slotConflicts(unit, slot('x', 5, 20)).map(({ message }) => /Slot\/(\w)/.exec(message)?.[1])).toEqual([
    'a',
    'b',
  ]);
  expect(slotConflicts(unit, slot('b', 8, 10))).toHaveLength(1);
  expect(slotConflicts(unit, slot('x', 30, 40))).toEqual([]);
});

test('a Slot lies in a unit once, in order of starts, until it is taken out', () => {
  const unit = withSlot(withSlot(withSlot(EMPTY_UNIT, slot('b', 20, 30)), slot('a', 0, 10)), slot('b', 12, 15));
  expect(unit.slots).toEqual([slot('a', 0, 10), slot('b', 12, 15)]);
  expect(withoutSlot(unit, 'a').slots).toEqual([slot('b', 12, 15)]);
});

test('a Slot that lies in several units is one Slot', () => {
  const long = slot('long', 0, 3 * DAY);
  const units = [withSlot(EMPTY_UNIT, long), withSlot(withSlot(EMPTY_UNIT, long), slot('b', -5, 0))];
  expect(slotsOfUnits(units)).toEqual([slot('b', -5, 0), long]);
});
