/** Computed times: what listing sees of the claims, and who may have a time. */
import { describe, expect, test } from '@jest/globals';
import {
  computedSlotStatus,
  occupiedBy,
  refusalsOfComputed,
  type Claim,
  type ClaimRequest,
  type OwnedSlot,
} from '../../server/claims/index.js';
import type { AvailabilityRule } from '../../server/slots/index.js';
import { hours } from '../slots/rules.js';
import { at, claim, DR, joined, MINUTE, ofSlot, rule, said, slot, span, wants } from './words.js';

const NOW = at('08:00');
const CLOSED_DAY = { date: '2027-03-15', hours: [] };
const TIMES = '10:00-10:30';
const held = (parts: Partial<Claim> = {}) => claim(TIMES, { kind: 'held', untilMs: at('08:05'), ...parts });
const lock = (parts: Partial<Claim> = {}) =>
  claim(TIMES, { by: 'Slot/c', kind: 'locked', slot: 'c', untilMs: at('08:30'), ...parts });
const disabled = (times = TIMES) => claim(times, { by: 'Slot/c', kind: 'busy', slot: 'c', status: 'busy-unavailable' });

interface Asked {
  readonly claims?: readonly Claim[];
  readonly slots?: readonly OwnedSlot[];
  readonly rules?: readonly AvailabilityRule[];
  readonly times?: string;
  readonly request?: Partial<ClaimRequest>;
}

function asks({ claims = [], slots = [], rules = [rule()], times = TIMES, request = {} }: Asked) {
  const target = { ...span(times), slot: 'c' };
  return refusalsOfComputed(target, { ...DR, rules }, joined(claims, slots), wants(request), NOW);
}

describe('what takes the time of a Schedule', () => {
  const occupied = (claims: readonly Claim[], slots: readonly OwnedSlot[] = [], without: readonly string[] = []) =>
    occupiedBy(joined(claims, slots), DR, NOW, without);

  test('a booking counts in its pool, with its buffers', () => {
    const buffers = { bufferBeforeMs: 10 * MINUTE, bufferAfterMs: 5 * MINUTE };
    expect(occupied([claim(TIMES, { ...buffers, pool: 'a' })]).claims).toEqual([
      { ...span('09:50-10:35'), pool: { name: 'a' } },
    ]);
  });

  test.each<[string, Claim]>([
    ['a claim of another Schedule', claim(TIMES, { schedule: 'dr2' })],
    ['a claim of a stored Slot', ofSlot(TIMES)],
    ['a lock', lock()],
    ['a disabled slot', disabled()],
  ])('%s blocks every pool', (_, one) => {
    expect(occupied([one]).claims).toEqual([{ ...span(TIMES), pool: 'every' }]);
  });

  test('what lapses is gone at its end', () => {
    expect(occupied([held({ untilMs: NOW })])).toMatchObject({ claims: [], bookedStartsMs: [] });
    expect(occupied([held({ untilMs: NOW + 1 })]).claims).toHaveLength(1);
  });

  test('an Appointment that moves leaves its time, a lock of the same name does not', () => {
    expect(occupied([claim(TIMES)], [], ['Appointment/a1'])).toMatchObject({ claims: [], bookedStartsMs: [] });
    expect(occupied([lock()], [], ['Slot/c']).claims).toHaveLength(1);
  });

  test('stored Slots of this Schedule alone keep it off', () => {
    expect(occupied([], [slot('09:00-09:30'), slot('11:00-12:00', { id: 't', schedule: 'dr2' })]).blocked).toEqual([
      slot('09:00-09:30'),
    ]);
  });

  test('an Appointment counts against limits once, where it starts, whatever Slots it takes', () => {
    const claims = [
      claim('10:30-11:00'),
      claim('10:00-10:30'),
      ofSlot('12:00-13:00', { by: 'Appointment/a2' }),
      claim('12:00-13:00', { by: 'Appointment/a3', schedule: 'dr2' }),
      claim('00:00-00:30', { by: 'Appointment/a4', firstStartMs: at('2027-03-14T23:30') }),
      lock(),
    ];
    expect(occupied(claims).bookedStartsMs).toEqual([at('10:00'), at('12:00'), at('2027-03-14T23:30')]);
  });
});

describe('booking a computed time', () => {
  const busy = (count: number) => Array.from({ length: count }, (_, n) => claim(TIMES, { by: `Appointment/${n}` }));
  test.each<[string, Asked, string]>([
    ['a free one', {}, '-'],
    ['a full one', { claims: busy(1) }, 'full conflict'],
    ['one with a place left', { claims: busy(2), rules: [rule({ capacity: 3 })] }, '-'],
    ['one whose places are all booked', { claims: busy(3), rules: [rule({ capacity: 3 })] }, 'full conflict'],
    [
      'one whose last place is held',
      { claims: [...busy(2), held({ by: 'x' })], rules: [rule({ capacity: 3 })] },
      'held conflict',
    ],
    ['one of another pool', { claims: busy(1), rules: [rule({ pool: 'b' })] }, '-'],
    [
      'one that another Schedule of the doctor takes',
      { claims: [claim(TIMES, { schedule: 'dr2' })] },
      'taken conflict',
    ],
    [
      'one that a booked Slot reaches by its buffer',
      { claims: [ofSlot('09:00-09:55', { bufferAfterMs: 10 * MINUTE })] },
      'taken conflict',
    ],
    ['one in which a stored Slot lies', { slots: [slot('10:15-10:20')] }, 'blocked conflict'],
    ['one beside a stored Slot', { slots: [slot('10:30-11:00')] }, '-'],
    [
      'one beside a stored Slot, with a buffer',
      { slots: [slot('10:30-11:00')], rules: [rule({ bufferAfterMinutes: 5 })] },
      'blocked conflict',
    ],
    ['a disabled one', { claims: [disabled()] }, 'busy conflict'],
    ['one that overlaps a disabled one', { claims: [disabled('10:15-10:45')] }, 'taken conflict'],
    [
      'one that overlaps a locked one, whatever the key',
      { claims: [lock({ ...span('10:15-10:45'), keyHash: 'k' })], request: { keyHash: 'k' } },
      'taken conflict',
    ],
    ['with too little notice', { rules: [rule({ noticeMinutes: 180 })] }, 'notice rule'],
    ['beyond the booking window', { rules: [rule({ bookingWindow: { minutes: 60 } })] }, 'window rule'],
    ['at night', { times: '20:00-20:30' }, 'off-grid rule, closed rule'],
    ['off the grid', { times: '10:10-10:40' }, 'off-grid rule'],
    ['of a length not offered', { rules: [rule({ fixedDuration: true })], times: '10:00-10:45' }, 'length rule'],
    [
      'on a day that is full',
      { claims: [claim('15:00-15:30')], rules: [rule({ limits: [{ count: 1, per: 'day' }] })] },
      'limit rule',
    ],
    ['without a rule', { rules: [] }, 'closed rule'],
    ['before now', { times: '07:30-08:00', rules: [rule({ hours: [hours('00:00-00:00')] })] }, 'past rule'],
    [
      'every reason at once',
      {
        claims: [claim('09:30-11:00', { schedule: 'dr2' }), claim(TIMES)],
        slots: [slot('10:00-10:10')],
        rules: [rule({ noticeMinutes: 180, limits: [{ count: 1, per: 'week' }] })],
      },
      'blocked conflict, taken conflict, full conflict, notice rule, limit rule',
    ],
  ])('%s', (_, asked, expected) => expect(said(asks(asked))).toBe(expected));

  test('a refusal names the Slot in the way or the rule', () => {
    expect(asks({ slots: [slot(TIMES)] }).refusals).toEqual([{ reason: 'blocked', kind: 'conflict', slot: 's' }]);
    expect(asks({ claims: [claim(TIMES, { schedule: 'dr2', slot: 'x' })] }).refusals).toEqual([
      { reason: 'taken', kind: 'conflict', slot: 'x', schedule: 'dr2' },
    ]);
    expect(asks({ claims: [claim(TIMES)] }).refusals).toEqual([{ reason: 'full', kind: 'conflict', slot: 'c' }]);
    expect(asks({ rules: [rule({ hours: [] }), rule({ noticeMinutes: 600 })] }).refusals).toEqual([
      { reason: 'notice', kind: 'rule', rule: 1 },
    ]);
  });

  test('the rule that offers it is named: the claim has its pool and buffers', () => {
    const rules = [rule({ durationMinutes: 20, fixedDuration: true }), rule({ pool: 'b' }), rule({ pool: 'c' })];
    expect(asks({ rules }).rule).toBe(1);
    expect(asks({ rules, claims: [claim(TIMES, { pool: 'b' })] }).rule).toBe(2);
  });

  test('of two rules that refuse alike, the first speaks', () => {
    const rules = [rule({ noticeMinutes: 600 }), rule({ noticeMinutes: 600 })];
    expect(asks({ rules }).refusals).toEqual([{ reason: 'notice', kind: 'rule', rule: 0 }]);
  });

  test('one rule that offers it is enough', () => {
    expect(said(asks({ rules: [rule({ noticeMinutes: 600 }), rule()] }))).toBe('-');
  });

  test('a move counts neither against the place nor against the limit that it has', () => {
    const rules = [rule({ limits: [{ count: 1, per: 'day' }], bufferAfterMinutes: 30 })];
    const asked = { claims: [claim(TIMES)], rules, times: '09:30-10:00' };
    expect(said(asks(asked))).toBe('full conflict, limit rule');
    expect(said(asks({ ...asked, request: { by: 'Appointment/a1' } }))).toBe('-');
  });

  test('nothing is booked on an inactive Schedule or outside its planning horizon', () => {
    const closed = { id: 'dr', active: false, horizon: { startMs: at('10:15'), endMs: Infinity }, rules: [rule()] };
    const decision = refusalsOfComputed(span(TIMES), closed, joined([]), wants({ override: true }), NOW);
    expect(said(decision)).toBe('inactive rule, horizon rule');
  });
});

describe('an override of a computed time', () => {
  const request = { override: true };
  test.each<[string, Asked, string]>([
    ['notice', { rules: [rule({ noticeMinutes: 180 })] }, 'notice rule'],
    ['the booking window', { rules: [rule({ bookingWindow: { minutes: 60 } })] }, 'window rule'],
    ['the hours', { times: '20:00-20:30' }, 'off-grid rule, closed rule'],
    ['closures', { rules: [rule({ closures: [span('00:00-23:00')] })] }, 'closure rule'],
    ['a day without hours', { rules: [rule({ overrides: [CLOSED_DAY] })] }, 'off-grid rule, closed rule, closure rule'],
    ['the grid', { times: '10:05-10:35' }, 'off-grid rule'],
    ['the length', { rules: [rule({ fixedDuration: true })], times: '10:00-10:45' }, 'length rule'],
    ['limits', { claims: [claim('15:00-15:30')], rules: [rule({ limits: [{ count: 1, per: 'day' }] })] }, 'limit rule'],
    ['a Slot written busy', { claims: [disabled()] }, 'busy conflict'],
    ['the past', { times: '07:00-07:30' }, 'past rule, off-grid rule, closed rule'],
    ['the lack of rules', { rules: [], times: '10:07-10:19' }, 'off-grid rule, closed rule'],
  ])('goes against %s, and says so', (_, asked, given) => {
    const decision = asks({ ...asked, request });
    expect(said(decision)).toBe('-');
    expect(said({ refusals: decision.overridden })).toBe(given);
  });

  test.each<[string, Asked, string]>([
    ['capacity', { claims: [claim(TIMES)] }, 'full conflict'],
    ['capacity at night', { claims: [claim('20:00-20:30')], times: '20:15-20:45' }, 'full conflict'],
    ['capacity without rules', { claims: [claim(TIMES)], rules: [] }, 'full conflict'],
    ['a lock', { claims: [lock({ keyHash: 'k' })] }, 'locked conflict'],
    ['a hold', { claims: [held()] }, 'held conflict'],
    ['another Schedule', { claims: [claim(TIMES, { schedule: 'dr2' })] }, 'taken conflict'],
    ['a stored Slot', { slots: [slot(TIMES)] }, 'blocked conflict'],
    ['a disabled Slot other than its own', { claims: [disabled('10:15-10:45')] }, 'taken conflict'],
  ])('never goes against %s', (_, asked, expected) => expect(said(asks({ ...asked, request }))).toBe(expected));

  test('takes a rule that offers the time before one that it would have to go against', () => {
    const decision = asks({ rules: [rule({ noticeMinutes: 600 }), rule({ pool: 'b' })], request });
    expect(decision).toMatchObject({ refusals: [], overridden: [], rule: 1 });
  });

  test('does not pass by a full rule to one whose hours do not fit', () => {
    const rules = [rule({ hours: [hours('12:00-13:00')], pool: 'noon' }), rule({ noticeMinutes: 600 })];
    expect(said(asks({ claims: [claim(TIMES)], rules, request }))).toBe('full conflict');
    expect(asks({ rules, request }).rule).toBe(1);
  });
});

describe('keys of computed times', () => {
  test.each<[string, Asked, string]>([
    ['a lock without its key', { claims: [lock({ keyHash: 'k' })] }, 'locked conflict'],
    ['a lock with a wrong key', { claims: [lock({ keyHash: 'k' })], request: { keyHash: 'x' } }, 'wrong-key forbidden'],
    ['a lock with its key', { claims: [lock({ keyHash: 'k' })], request: { keyHash: 'k' } }, '-'],
    ['a lock of the same caller', { claims: [lock({ owner: 'me' })], request: { caller: 'me' } }, '-'],
    ['a hold without its key', { claims: [held({ keyHash: 'k' })] }, 'held conflict'],
    ['a hold with a wrong key', { claims: [held({ keyHash: 'k' })], request: { keyHash: 'x' } }, 'wrong-key forbidden'],
    ['a hold with its key', { claims: [held({ keyHash: 'k' })], request: { keyHash: 'k' } }, '-'],
    [
      'a hold of another time with its key',
      { claims: [held({ ...span('10:15-10:45'), keyHash: 'k' })], request: { keyHash: 'k' } },
      'held conflict',
    ],
    [
      'a lock on another Schedule with its key',
      { claims: [lock({ schedule: 'dr2', keyHash: 'k' })], request: { keyHash: 'k' } },
      'taken conflict',
    ],
    [
      'a right key does not pass by a full pool',
      { claims: [lock({ keyHash: 'k' }), claim(TIMES)], request: { keyHash: 'k' } },
      'full conflict',
    ],
  ])('%s', (_, asked, expected) => expect(said(asks(asked))).toBe(expected));

  test('the holder of a hold needs its key', () => {
    const own = { by: 'Appointment/a1' };
    expect(said(asks({ claims: [held({ keyHash: 'k' })], request: own }))).toBe('held conflict');
    expect(said(asks({ claims: [held({ keyHash: 'k' })], request: { ...own, keyHash: 'k' } }))).toBe('-');
  });

  test('what it opens is named', () => {
    const hold = held({ keyHash: 'k' });
    expect(asks({ claims: [hold], request: { keyHash: 'k' } }).opened).toEqual([hold]);
    expect(asks({ claims: [hold] }).opened).toEqual([]);
  });

  test.each<[string, Asked, string]>([
    ['a free time', {}, '-'],
    ['one with a place left', { claims: [claim(TIMES)], rules: [rule({ capacity: 2 })] }, '-'],
    ['one of which a place is held', { claims: [held()], rules: [rule({ capacity: 2 })] }, 'held conflict'],
    ['a held one', { claims: [held()] }, 'held conflict'],
    ['one that is held in another pool', { claims: [held({ pool: 'b' })] }, 'held conflict'],
    ['one that is booked in another pool', { claims: [claim(TIMES, { pool: 'b' })] }, '-'],
    ['a full one', { claims: [claim(TIMES)] }, 'full conflict'],
    ['its own again', { claims: [lock({ keyHash: 'k' })] }, '-'],
    ['one locked with another key', { claims: [lock({ keyHash: 'x' })] }, 'locked conflict'],
    ['a disabled one', { claims: [disabled()] }, 'busy rule'],
  ])('a lock of %s', (_, asked, expected) => {
    expect(said(asks({ ...asked, request: { by: 'Slot/c', kind: 'locked', keyHash: 'k' } }))).toBe(expected);
  });
});

describe('whoever takes a time back', () => {
  const request = { resumes: true };
  const late = rule({ noticeMinutes: 180 });

  test.each<[string, Asked, string]>([
    ['is not late for the notice', { rules: [late] }, '-'],
    [
      'is not late for the time itself',
      { times: '07:00-07:30', rules: [rule({ hours: [hours('00:00-00:00')] })] },
      '-',
    ],
    [
      'has it by the rule that has room, though another is nearer',
      { claims: [claim(TIMES)], rules: [rule(), rule({ ...late, pool: 'b' })] },
      '-',
    ],
    ['has it not while others do', { claims: [claim(TIMES)], rules: [late] }, 'full conflict'],
    ['has it not where it is closed', { rules: [{ ...late, closures: [span(TIMES)] }] }, 'closure rule'],
  ])('%s', (_, asked, expected) => expect(said(asks({ ...asked, request }))).toBe(expected));

  test('goes against no rule by that', () => {
    expect(asks({ rules: [late], request: { ...request, override: true } }).overridden).toEqual([]);
  });
});

describe('an override for the hours alone', () => {
  const request = { override: true, hoursOnly: true };
  test.each<[string, Asked, string]>([
    ['goes against the hours', { times: '20:00-20:30' }, '-'],
    ['goes against the grid', { times: '10:05-10:35' }, '-'],
    ['goes against the past', { times: '07:00-07:30' }, '-'],
    ['never against closures', { rules: [rule({ closures: [span(TIMES)] })] }, 'closure rule'],
    ['never against a day without hours', { rules: [rule({ overrides: [CLOSED_DAY] })] }, 'closure rule'],
    ['never against notice', { rules: [rule({ noticeMinutes: 180 })] }, 'notice rule'],
    ['never against the booking window', { rules: [rule({ bookingWindow: { minutes: 60 } })] }, 'window rule'],
    [
      'never against limits',
      { claims: [claim('15:00-15:30')], rules: [rule({ limits: [{ count: 1, per: 'day' }] })] },
      'limit rule',
    ],
  ])('%s', (_, asked, expected) => expect(said(asks({ ...asked, request }))).toBe(expected));
});

describe('the status of a computed Slot', () => {
  const past = { rules: [rule({ hours: [hours('00:00-00:00')] })], times: '07:00-07:30' };
  test.each<[string, Asked, string]>([
    ['free', {}, 'free'],
    ['free below its capacity', { claims: [claim(TIMES)], rules: [rule({ capacity: 2 })] }, 'free'],
    ['busy at its capacity', { claims: [claim(TIMES)] }, 'busy'],
    ['held in its last place', { claims: [held()] }, 'busy-tentative'],
    ['locked by anybody, whatever is booked', { claims: [lock(), claim(TIMES)] }, 'busy-tentative'],
    ['free when the lock has ended', { claims: [lock({ untilMs: NOW })] }, 'free'],
    ['disabled before all else', { claims: [disabled(), lock()] }, 'busy-unavailable'],
    ['taken before held', { claims: [held(), claim(TIMES, { schedule: 'dr2' })] }, 'busy-unavailable'],
    ['booked before taken', { claims: [claim(TIMES), claim(TIMES, { schedule: 'dr2' })] }, 'busy'],
    ['not offered yet', { rules: [rule({ noticeMinutes: 600 })] }, 'busy-unavailable'],
    ['free in the past', past, 'free'],
  ])('%s', (_, { claims = [], rules = [rule()], times = TIMES }, expected) => {
    expect(computedSlotStatus(span(times), { ...DR, rules }, joined(claims), NOW)).toBe(expected);
  });
});
