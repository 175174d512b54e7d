/** The ids of slots that are computed: design §3. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { computedSlotId, readComputedSlotId, scheduleKeyOf } from '../../server/booking/slot-id.js';

const MINUTE = 60_000;

test('an id is read back as the time that it was made from, and fits into 64 characters', () => {
  const key = scheduleKeyOf('Location.1-Staff.4150cd20de8a470aa570a852859ac87e');
  fc.assert(
    fc.property(fc.integer({ min: -4e7, max: 4e8 }), fc.integer({ min: 1, max: 1440 }), (startMinute, minutes) => {
      const slot = { startMs: startMinute * MINUTE, endMs: (startMinute + minutes) * MINUTE };
      const id = computedSlotId(key, slot);
      const read = readComputedSlotId(id);
      return (
        /^[A-Za-z0-9\-.]{1,64}$/.test(id) &&
        read?.scheduleKey === key &&
        read.startMs === slot.startMs &&
        read.endMs === slot.endMs
      );
    }),
  );
});

test.each([
  ['another form', 'abc'],
  ['a key of another length', 'abcdefghij-abc-k'],
  ['no length at all', `${'a'.repeat(16)}-abc-0`],
  ['more than a day', `${'a'.repeat(16)}-abc-1zz`],
  ['a leading zero, which we never write', `${'a'.repeat(16)}-0abc-k`],
  ['upper case', `${'A'.repeat(16)}-abc-k`],
])('%s is no id of ours', (_, id) => {
  expect(readComputedSlotId(id)).toBeUndefined();
});

test('the key of a Schedule depends on nothing but its id', () => {
  expect(scheduleKeyOf('s1')).toBe(scheduleKeyOf('s1'));
  expect(scheduleKeyOf('s1')).not.toBe(scheduleKeyOf('s2'));
  expect(scheduleKeyOf('s1')).toMatch(/^[0-9a-z]{16}$/);
});
