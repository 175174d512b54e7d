/** Stored Slots: the status that their claims give them (design §4), and who may have them. */
import { describe, expect, test } from '@jest/globals';
import {
  keyRefusals,
  refusalsOfStored,
  storedSlotState,
  type Claim,
  type ClaimRequest,
  type StoredTarget,
} from '../../server/claims/index.js';
import { at, claim, DR, MINUTE, ofSlot, said, slot, wants } from './words.js';

const NOW = at('08:00');
const TIMES = '09:00-10:00';
const held = (parts: Partial<Claim> = {}) => ofSlot(TIMES, { kind: 'held', untilMs: at('08:05'), ...parts });
const lock = (parts: Partial<Claim> = {}) =>
  ofSlot(TIMES, { by: 'Slot/s', kind: 'locked', untilMs: at('08:30'), ...parts });
const written = (status: NonNullable<Claim['status']>) => ofSlot(TIMES, { by: 'Slot/s', kind: 'busy', status });

function state(claims: readonly Claim[], capacity = 1) {
  const { status, then } = storedSlotState(slot(TIMES, { capacity }), 'dr', claims, NOW);
  return [status, ...then.map((step) => `${step.status} from ${new Date(step.fromMs).toISOString().slice(11, 16)}`)];
}

function asks(claims: readonly Claim[], request: Partial<ClaimRequest> = {}, of: Partial<StoredTarget> = {}) {
  return refusalsOfStored({ ...slot(TIMES), ...of }, DR, claims, wants(request), NOW);
}

describe('the status of a stored Slot', () => {
  const other = { by: 'Appointment/a2' };
  const elsewhere = claim('09:30-10:30', { schedule: 'dr-private', untilMs: at('08:10') });
  test.each<[string, Claim[], number, string[]]>([
    ['free without claims', [], 1, ['free']],
    ['busy when booked', [ofSlot(TIMES)], 1, ['busy']],
    ['free below its capacity', [ofSlot(TIMES), ofSlot(TIMES, other)], 3, ['free']],
    ['busy at its capacity', [ofSlot(TIMES), ofSlot(TIMES, other)], 2, ['busy']],
    ['held until the hold ends', [held()], 1, ['busy-tentative', 'free from 08:05']],
    ['held in its last place', [ofSlot(TIMES), held(other)], 2, ['busy-tentative', 'free from 08:05']],
    [
      'free again when the first of two holds ends',
      [held(), held({ ...other, untilMs: at('08:03') })],
      2,
      ['busy-tentative', 'free from 08:03'],
    ],
    ['locked whatever is booked', [lock(), ofSlot(TIMES)], 1, ['busy-tentative', 'busy from 08:30']],
    ['written busy by hand, whatever else', [written('busy'), lock()], 1, ['busy']],
    ['disabled', [written('busy-unavailable'), ofSlot(TIMES)], 1, ['busy-unavailable']],
    ['taken by another Schedule of the doctor', [elsewhere], 1, ['busy-unavailable', 'free from 08:10']],
    ['booked before taken', [elsewhere, ofSlot(TIMES)], 1, ['busy']],
    ['taken before held', [elsewhere, held()], 1, ['busy-unavailable', 'free from 08:10']],
    [
      'locked, then held, then free',
      [lock(), held({ untilMs: at('08:40') })],
      1,
      ['busy-tentative', 'free from 08:40'],
    ],
    ['taken by another stored Slot', [ofSlot('09:59-10:10', { slot: 't' })], 1, ['busy-unavailable']],
    ['free beside what touches it', [claim('10:00-10:30'), claim('08:30-09:00')], 1, ['free']],
    ['taken by a buffer', [claim('10:00-10:30', { bufferBeforeMs: MINUTE })], 1, ['busy-unavailable']],
    ['free when the hold has ended', [held({ untilMs: NOW })], 1, ['free']],
  ])('%s', (_, claims, capacity, expected) => {
    expect(state(claims, capacity)).toEqual(expected);
  });

  test('does not depend on a Slot of the same id on another Schedule or computed', () => {
    expect(state([claim('11:00-11:30', { slot: 's' }), ofSlot('11:00-11:30', { schedule: 'other' })])).toEqual([
      'free',
    ]);
  });
});

describe('booking a stored Slot', () => {
  test('a free one', () => expect(said(asks([]))).toBe('-'));
  test('a full one names itself, and nobody else', () => {
    expect(asks([ofSlot(TIMES)]).refusals).toEqual([{ reason: 'full', kind: 'conflict', slot: 's' }]);
  });
  test('a capacity of three takes a third, no fourth', () => {
    const three = ['x', 'y', 'z'].map((by) => ofSlot(TIMES, { by }));
    expect(said(asks(three.slice(1), {}, { capacity: 3 }))).toBe('-');
    expect(said(asks(three, {}, { capacity: 3 }))).toBe('full conflict');
  });
  test('a hold takes a place', () => expect(said(asks([held()]))).toBe('held conflict'));
  test('a hold that has ended takes none', () => expect(said(asks([held({ untilMs: NOW })]))).toBe('-'));
  test('its own hold is no hindrance', () => expect(said(asks([held()], { by: 'Appointment/a1' }))).toBe('-'));
  test('what it cancels on the way is none either', () => {
    expect(said(asks([ofSlot(TIMES)], { freeing: ['Appointment/a1'] }))).toBe('-');
  });
  test('one that another Schedule takes names that Slot', () => {
    expect(asks([claim(TIMES, { schedule: 'dr2', slot: 'x' })]).refusals).toEqual([
      { reason: 'taken', kind: 'conflict', slot: 'x', schedule: 'dr2' },
    ]);
  });
  test('one that a computed booking reaches by its buffer', () => {
    expect(said(asks([claim('10:00-10:30', { bufferBeforeMs: MINUTE })]))).toBe('taken conflict');
    expect(said(asks([claim('10:00-10:30')]))).toBe('-');
  });
  test('every reason is told', () => {
    const closed = { id: 'dr', active: false, horizon: { startMs: at('09:30'), endMs: Infinity } };
    const locked = lock({ keyHash: 'k', untilMs: at('09:30') });
    const claims = [written('busy'), locked, ofSlot(TIMES), claim('09:30-10:30', { schedule: 'dr2' })];
    expect(said(refusalsOfStored(slot(TIMES), closed, claims, wants(), at('09:01')))).toBe(
      'inactive rule, past rule, horizon rule, busy conflict, locked conflict, full conflict, taken conflict',
    );
  });
  test('one that starts now may be had, one that has begun not', () => {
    expect(said(refusalsOfStored(slot(TIMES), DR, [], wants(), at('09:00')))).toBe('-');
    expect(said(refusalsOfStored(slot(TIMES), DR, [], wants(), at('09:00') + 1))).toBe('past rule');
  });
});

describe('an override', () => {
  const override = { override: true };
  test('books a Slot that was written busy, and one of the past, and says what gave way', () => {
    const decision = refusalsOfStored(slot(TIMES), DR, [written('busy')], wants(override), at('11:00'));
    expect(said(decision)).toBe('-');
    expect(said({ refusals: decision.overridden })).toBe('past rule, busy conflict');
  });
  test.each<[string, Claim[], string]>([
    ['capacity', [ofSlot(TIMES)], 'full conflict'],
    ['a lock', [lock({ keyHash: 'k' })], 'locked conflict'],
    ['a hold', [held()], 'held conflict'],
    ['another Schedule', [claim(TIMES, { schedule: 'dr2' })], 'taken conflict'],
  ])('never goes against %s', (_, claims, expected) => {
    expect(said(asks(claims, override))).toBe(expected);
  });
  test('needs an active Schedule and its horizon', () => {
    const closed = { id: 'dr', active: false, horizon: { startMs: 0, endMs: 1 } };
    expect(said(refusalsOfStored(slot(TIMES), closed, [], wants(override), NOW))).toBe('inactive rule, horizon rule');
  });
});

describe('the key of a lock', () => {
  const locked = lock({ keyHash: 'k' });
  test.each<[string, Claim, Partial<ClaimRequest>, string]>([
    ['none: conflict', locked, {}, 'locked conflict'],
    ['wrong: forbidden', locked, { keyHash: 'x' }, 'wrong-key forbidden'],
    ['right', locked, { keyHash: 'k' }, '-'],
    [
      'the caller opens no lock that has a key',
      lock({ keyHash: 'k', owner: 'me' }),
      { caller: 'me' },
      'locked conflict',
    ],
    ['keyless, by the same caller', lock({ owner: 'me' }), { caller: 'me' }, '-'],
    ['keyless, by another caller', lock({ owner: 'me' }), { caller: 'you' }, 'locked conflict'],
    ['keyless, by another caller with any key', lock({ owner: 'me' }), { keyHash: 'k' }, 'locked conflict'],
    ['keyless, made by nobody known', lock(), { caller: 'you' }, '-'],
    ['a hold is asked for the key too', locked, { kind: 'held', keyHash: 'x' }, 'wrong-key forbidden'],
    ['a lock that has ended asks for none', lock({ keyHash: 'k', untilMs: NOW }), {}, '-'],
  ])('%s', (_, claimed, request, expected) => {
    const decision = asks([claimed], request);
    expect(said(decision)).toBe(expected);
    expect(decision.opened).toEqual(expected === '-' && claimed.untilMs !== NOW ? [claimed] : []);
  });
});

describe('the key of a hold', () => {
  const keyed = held({ keyHash: 'k' });
  test('the right one books it, and its Appointment is named', () => {
    const decision = asks([keyed], { keyHash: 'k' });
    expect(said(decision)).toBe('-');
    expect(decision.opened.map(({ by }) => by)).toEqual(['Appointment/a1']);
  });
  test('it is named too where there is room for another', () => {
    expect(asks([keyed], { keyHash: 'k' }, { capacity: 3 }).opened).toEqual([keyed]);
  });
  test('none: conflict, wrong: forbidden', () => {
    expect(said(asks([keyed]))).toBe('held conflict');
    expect(said(asks([keyed], { keyHash: 'x' }))).toBe('wrong-key forbidden');
  });
  test('a hold without a key is opened by none', () => {
    expect(said(asks([held()], { keyHash: 'x' }))).toBe('held conflict');
  });
  test('the key of a new hold is its own, not a wrong one', () => {
    expect(said(asks([keyed], { kind: 'held', keyHash: 'x' }))).toBe('held conflict');
  });
  test('its holder needs it too', () => {
    const own = { by: 'Appointment/a1' };
    expect(said(asks([keyed], own))).toBe('held conflict');
    expect(said(asks([keyed], { ...own, keyHash: 'x' }))).toBe('wrong-key forbidden');
    expect(said(asks([keyed], { ...own, keyHash: 'k' }))).toBe('-');
  });
  test('who cancels a hold on the way needs its key', () => {
    expect(said(asks([keyed], { freeing: ['Appointment/a1'] }))).toBe('held conflict');
  });
});

describe('locking a stored Slot', () => {
  const want = { by: 'Slot/s', kind: 'locked', keyHash: 'k' } as const;
  const places = { capacity: 3 };
  test.each<[string, Claim[], string, Partial<StoredTarget>]>([
    ['a free one', [], '-', {}],
    ['one with places left', [ofSlot(TIMES)], '-', places],
    ['a full one', [ofSlot(TIMES)], 'full conflict', {}],
    ['one that is held', [held({ keyHash: 'k' })], 'held conflict', {}],
    ['one with places left, of which one is held', [held()], 'held conflict', places],
    ['its own again, by the same key', [lock({ keyHash: 'k' })], '-', {}],
    ['one that is locked with another key', [lock({ keyHash: 'x' })], 'locked conflict', {}],
    ['one that may not be locked', [], 'not-lockable rule', { lockable: false }],
    ['a disabled one', [written('busy-unavailable')], 'busy rule', {}],
    ['one written busy', [written('busy')], 'busy conflict', {}],
  ])('%s', (_, claims, expected, of) => {
    expect(said(asks(claims, want, of))).toBe(expected);
  });
  test('again by its key opens the old lock', () => {
    const old = lock({ keyHash: 'k' });
    expect(asks([old], want).opened).toEqual([old]);
  });
  test('a Slot that may not be locked may be booked', () => {
    expect(said(asks([], {}, { lockable: false }))).toBe('-');
  });
});

describe('acting on a lock or a hold by its name', () => {
  const keyed = [lock({ keyHash: 'k' }), held({ keyHash: 'k' })];
  const says = (by: string, opener: { keyHash?: string; caller?: string }, claims: readonly Claim[] = keyed) =>
    said({ refusals: keyRefusals(claims, by, opener, NOW) });

  test.each(['Slot/s', 'Appointment/a1'])('%s asks for the key', (by) => {
    expect(says(by, { keyHash: 'k' })).toBe('-');
    expect(says(by, { keyHash: 'x' })).toBe('wrong-key forbidden');
    expect(says(by, {})).toBe(by === 'Slot/s' ? 'locked conflict' : 'held conflict');
  });
  test('what has lapsed asks for none', () => {
    expect(says('Slot/s', {}, [lock({ keyHash: 'k', untilMs: NOW })])).toBe('-');
    expect(says('Appointment/a1', {}, [held({ keyHash: 'k', untilMs: NOW })])).toBe('-');
  });
  test('a hold without a key asks for none, a lock without a key for its caller', () => {
    expect(says('Appointment/a1', {}, [held()])).toBe('-');
    expect(says('Slot/s', { caller: 'me' }, [lock({ owner: 'me' })])).toBe('-');
    expect(says('Slot/s', { caller: 'you' }, [lock({ owner: 'me' })])).toBe('locked conflict');
  });
  test('what is booked asks for none', () => {
    expect(says('Appointment/a1', {}, [ofSlot(TIMES, { keyHash: 'k' })])).toBe('-');
  });
});
