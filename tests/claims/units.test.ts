/** Units as documents, and several of them read as one. */
import { describe, expect, test } from '@jest/globals';
import {
  joinUnits,
  liveClaims,
  occupiedTime,
  readUnit,
  timelineUnitId,
  unitDaysOf,
  unitText,
  withClaim,
  withoutClaim,
  withoutSlot,
  withSlot,
} from '../../server/claims/index.js';
import { at, claim, MINUTE, MONDAY, slot, span, unit } from './words.js';

const NOON = at('12:00');

describe('a unit as a document', () => {
  test('where there is none, or only Slots of old, there are no claims', () => {
    expect(readUnit(undefined)).toEqual(unit());
    expect(readUnit('')).toEqual(unit());
    expect(readUnit('{"slots":[{"id":"s","startMs":1,"endMs":2}]}').claims).toEqual([]);
  });

  test('with Slots only it is written as it always was', () => {
    const slots = [{ id: 's', startMs: 1, endMs: 2 }];
    expect(unitText(unit({ slots }), NOON)).toBe('{"slots":[{"id":"s","startMs":1,"endMs":2}]}');
  });

  test('what is written is read again', () => {
    const full = unit({ slots: [slot('09:00-10:00')], claims: [claim('09:00-09:30', { keyHash: 'h', pool: 'p' })] });
    expect(readUnit(unitText(full, NOON))).toEqual(full);
  });

  test('what has lapsed is not written any more: at its end it has', () => {
    const claims = [
      claim('09:00-09:30', { by: 'a', untilMs: NOON }),
      claim('09:00-09:30', { by: 'b', untilMs: NOON + 1 }),
      claim('09:00-09:30', { by: 'c' }),
    ];
    expect(readUnit(unitText(unit({ claims }), NOON)).claims.map(({ by }) => by)).toEqual(['b', 'c']);
    expect(liveClaims(claims, NOON - 1)).toHaveLength(3);
  });
});

describe('the days of an interval', () => {
  test('are those that it touches', () => {
    expect(unitDaysOf(span('09:00-10:00'))).toEqual([MONDAY]);
    expect(unitDaysOf({ startMs: at('23:30'), endMs: at('2027-03-16T00:00') })).toEqual([MONDAY]);
    expect(unitDaysOf({ startMs: at('23:30'), endMs: at('2027-03-16T00:01') })).toEqual([MONDAY, MONDAY + 1]);
  });

  test('a claim touches the day before by its buffer', () => {
    expect(unitDaysOf(occupiedTime(claim('00:05-00:30', { bufferBeforeMs: 10 * MINUTE })))).toEqual([
      MONDAY - 1,
      MONDAY,
    ]);
  });

  test('before 1970 they are counted down', () => {
    expect(unitDaysOf({ startMs: -1, endMs: 1 })).toEqual([-1, 0]);
  });

  test('a unit is found by its timeline and day', () => {
    expect(timelineUnitId('Practitioner/p1', 20_000)).toBe('Practitioner/p1/20000');
  });
});

describe('changing a unit', () => {
  test('claims stand by start, and a hold that is booked takes its own place', () => {
    const held = claim('10:00-10:30', { kind: 'held', untilMs: NOON });
    const other = claim('09:00-09:30', { by: 'Appointment/a2' });
    const both = withClaim(withClaim(unit(), held), other);
    expect(both.claims).toEqual([other, held]);
    expect(withClaim(both, claim('10:00-10:30')).claims).toEqual([other, claim('10:00-10:30')]);
  });

  test('an Appointment that takes two Slots has two claims', () => {
    const two = withClaim(withClaim(unit(), claim('09:00-09:30')), claim('09:30-10:00'));
    expect(two.claims).toHaveLength(2);
    expect(withoutClaim(two, claim('09:00-09:30')).claims).toEqual([claim('09:30-10:00')]);
  });

  test('a Slot may be locked and disabled at once, and is unlocked alone', () => {
    const lock = claim('09:00-09:30', { by: 'Slot/s', kind: 'locked', untilMs: NOON });
    const disabled = claim('09:00-09:30', { by: 'Slot/s', kind: 'busy' });
    const both = withClaim(withClaim(unit(), lock), disabled);
    expect(both.claims).toHaveLength(2);
    expect(withoutClaim(both, lock).claims).toEqual([disabled]);
  });

  test('Slots stand by start, each id once, and claims stay', () => {
    const before = unit({ claims: [claim('09:00-09:30')], slots: [slot('09:00-10:00')] });
    const after = withSlot(withSlot(before, slot('08:00-09:00', { id: 't' })), slot('11:00-12:00'));
    expect(after.slots.map(({ id }) => id)).toEqual(['t', 's']);
    expect(after.slots[1]?.startMs).toBe(at('11:00'));
    expect(withoutSlot(after, 't')).toEqual({ ...before, slots: [slot('11:00-12:00')] });
  });
});

describe('several units as one', () => {
  test('what stands in two days or on two timelines is there once', () => {
    const night = claim('23:30-23:59', { bufferAfterMs: 60 * MINUTE });
    const one = unit({ claims: [night], slots: [slot('09:00-10:00')] });
    const parts = ['Practitioner/p1', 'Device/d1'].map((timeline) => ({ timeline, unit: one }));
    expect(joinUnits([...parts, ...parts])).toEqual({ slots: one.slots, claims: [night] });
  });

  test('a Slot without a Schedule is of the one whose timeline it lies on', () => {
    const bare = { id: 's', ...span('09:00-10:00') };
    expect(joinUnits([{ timeline: 'Schedule/dr', unit: unit({ slots: [bare] }) }]).slots).toEqual([
      { ...bare, schedule: 'dr' },
    ]);
  });

  test('two Appointments of one Slot stay two', () => {
    const claims = ['a', 'b'].map((by) => claim('09:00-09:30', { by, slot: 's' }));
    expect(joinUnits([{ timeline: 'Schedule/dr', unit: unit({ claims }) }]).claims).toEqual(claims);
  });
});
