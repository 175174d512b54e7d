import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stretchesOf, type Window } from '../../server/slots/stretches.js';

const windows = fc.array(
  fc.record({ startMs: fc.nat(40), length: fc.integer({ min: 1, max: 20 }), capacity: fc.integer({ min: 1, max: 4 }) }),
  { maxLength: 30 },
);

/** The largest capacity at each instant from 0 to 60. */
function capacities(list: readonly Window[]): number[] {
  return Array.from({ length: 61 }, (_, ms) =>
    Math.max(0, ...list.filter(({ startMs, endMs }) => startMs <= ms && ms < endMs).map((one) => one.capacity)),
  );
}

test('stretches have the largest capacity of the windows at each instant, in order, without overlaps', () => {
  const law = (given: { startMs: number; length: number; capacity: number }[]) => {
    const list = given.map(({ startMs, length, capacity }) => ({ startMs, endMs: startMs + length, capacity }));
    const stretches = stretchesOf(list);
    expect(capacities(stretches)).toEqual(capacities(list));
    stretches.slice(1).forEach((one, index) => {
      expect((stretches[index] as Window).endMs).toBeLessThanOrEqual(one.startMs);
    });
  };
  fc.assert(fc.property(windows, law), { numRuns: 500 });
});

test('windows that overlap and have one capacity are one stretch', () => {
  const list = Array.from({ length: 9 }, (_, index) => ({ startMs: index, endMs: 20 + index, capacity: 2 }));
  expect(stretchesOf(list)).toEqual([{ startMs: 0, endMs: 28, capacity: 2 }]);
});
