/** Ids of proposals: what `$find` tells of Schedules, start and length in 64 characters. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { proposalIdOf, readProposalId, SCHEDULES_AT_ONCE_MAX } from '../../server/booking/find-proposal-id.js';
import { computedSlotId, scheduleKeyOf } from '../../server/booking/slot-id.js';
import { isId } from '../../server/fhir/index.js';

const LAST_MS = Date.parse('9999-12-31T00:00:00Z');
const YEAR_MS = 366 * 86_400_000;
const someKeys = (most: number) => fc.array(fc.string().map(scheduleKeyOf), { minLength: 1, maxLength: most });
const timeOf = ([startMs, lengthMs]: readonly [number, number]) => ({ startMs, endMs: startMs + lengthMs });
const aTime = fc.tuple(fc.integer({ min: 0, max: LAST_MS }), fc.integer({ min: 1, max: YEAR_MS })).map(timeOf);
const aSlotTime = fc
  .tuple(fc.integer({ min: 0, max: LAST_MS / 60_000 }), fc.integer({ min: 1, max: 1_440 }))
  .map(([start, minutes]) => timeOf([start * 60_000, minutes * 60_000]));

test('that of one Schedule is the id of its computed slot', () => {
  const time = timeOf([Date.parse('2027-03-15T13:00:00Z'), 30 * 60_000]);
  const key = scheduleKeyOf('s1');
  expect(proposalIdOf([key], time)).toBe(computedSlotId(key, time));
});

test('says what it was made of, for as many Schedules as may be, whatever slot they offer', () => {
  fc.assert(
    fc.property(someKeys(SCHEDULES_AT_ONCE_MAX), aSlotTime, (scheduleKeys, time) => {
      const id = proposalIdOf(scheduleKeys, time) ?? '';
      expect(isId(id)).toBe(true);
      expect(readProposalId(id)).toEqual({ scheduleKeys, ...time });
    }),
  );
});

test('of one or two Schedules it can tell every time that a stored Slot may have', () => {
  fc.assert(
    fc.property(someKeys(2), aTime, (scheduleKeys, time) => {
      const id = proposalIdOf(scheduleKeys, time) ?? '';
      expect(isId(id)).toBe(true);
      expect(readProposalId(id)).toEqual({ scheduleKeys, ...time });
    }),
  );
});

test('a time that leaves no room for three keys has none', () => {
  const keys = ['a', 'b', 'c'].map(scheduleKeyOf);
  expect(proposalIdOf(keys, { startMs: Date.parse('2027-03-15T13:00:00Z'), endMs: LAST_MS })).toBeUndefined();
});

const KEY = scheduleKeyOf('s1');
test.each([
  '',
  'a1',
  KEY,
  `${KEY}-hwtxo`,
  `${KEY}-hwtxo-0`,
  `${KEY}-0hwtxo-u`,
  `${KEY}-hwtxo-zzz`,
  `${KEY}-hwtxo.0`,
  `${KEY.slice(1)}-hwtxo-u`,
  `${KEY}${KEY}${KEY}${KEY}-hwtxo-u`,
  // Half an hour in milliseconds, which is told in minutes.
  `${KEY}-${(1_800_000).toString(36)}.${(1_800_000).toString(36)}`,
])('%j is no id of ours', (id) => {
  expect(readProposalId(id)).toBeUndefined();
});

test('nothing that is sent as an id makes it fail', () => {
  fc.assert(fc.property(fc.string(), (id) => expect(readProposalId(id)?.scheduleKeys.length ?? 1).toBeGreaterThan(0)));
});
