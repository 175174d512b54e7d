/** Laws of claims, tried on random ones crowded into a day. On a failure fast-check prints the smallest case. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { overlaps } from '../../server/base/interval.js';
import {
  occupiedBy,
  refusalsOfComputed,
  refusalsOfStored,
  storedSlotState,
  type Claim,
  type JoinedUnits,
  type OwnedSlot,
} from '../../server/claims/index.js';
import { listCandidates } from '../../server/slots/index.js';
import { casesAround } from '../slots/arbitrary.js';
import { at, claim, DR, joined, MINUTE, ofSlot, rule, said, slot, span, wants } from './words.js';

const NOON = at('12:00');
const RUNS = { numRuns: 500 };

/** Within some hours of noon, so that most meet. */
const near = (minutes: number) => fc.integer({ min: -minutes, max: minutes }).map((after) => NOON + after * MINUTE);
const until = fc.option(near(600), { nil: undefined });

/** On this Schedule or another, of a computed time or of the stored Slot `s` or `t`. */
const anyClaim: fc.Arbitrary<Claim> = fc
  .record({
    by: fc.constantFrom('Appointment/a', 'Appointment/b', 'Appointment/c', 'Appointment/d'),
    kind: fc.constantFrom('booked', 'held', 'locked', 'busy'),
    schedule: fc.constantFrom('dr', 'dr', 'dr', 'dr2'),
    place: fc.constantFrom('computed', 'computed', 's', 's', 't'),
    startMs: near(240),
    minutes: fc.integer({ min: 1, max: 120 }),
    buffers: fc.tuple(fc.constantFrom(0, 0, 10), fc.constantFrom(0, 0, 15)),
    pool: fc.constantFrom(undefined, 'a', 'b'),
    untilMs: until,
    keyHash: fc.constantFrom(undefined, 'k'),
  })
  .map(({ place, minutes, buffers, pool, untilMs, keyHash, ...parts }) => ({
    ...parts,
    endMs: parts.startMs + minutes * MINUTE,
    stored: place !== 'computed',
    ...(place !== 'computed' && { slot: place }),
    bufferBeforeMs: buffers[0] * MINUTE,
    bufferAfterMs: buffers[1] * MINUTE,
    ...(pool && { pool }),
    ...(untilMs !== undefined && (parts.kind === 'held' || parts.kind === 'locked') && { untilMs }),
    ...(keyHash && { keyHash }),
    ...(parts.kind === 'busy' && { status: 'busy-unavailable' as const }),
  }));

const anySlot: fc.Arbitrary<OwnedSlot> = fc
  .record({ startMs: near(240), minutes: fc.integer({ min: 1, max: 120 }), capacity: fc.integer({ min: 1, max: 3 }) })
  .map(({ startMs, minutes, capacity }) =>
    slot('10:00-11:00', { startMs, endMs: startMs + minutes * MINUTE, capacity }),
  );

/** Those of the Slot itself have its time, as they are written. */
function fitted(one: OwnedSlot, claims: readonly Claim[]): readonly Claim[] {
  const { startMs, endMs } = one;
  const isOwn = (each: Claim) => each.stored && each.slot === 's' && each.schedule === 'dr';
  return claims.map((each) => (isOwn(each) ? { ...each, startMs, endMs } : each));
}

describe('a stored Slot', () => {
  const given = fc
    .tuple(anySlot, fc.array(anyClaim, { maxLength: 6 }))
    .map(([one, claims]) => ({ one, claims: fitted(one, claims) }));

  test('has at each later moment the status foretold, and no step that changes nothing', () => {
    fc.assert(
      fc.property(given, near(600), near(600), ({ one, claims }, nowMs, other) => {
        const laterMs = Math.max(nowMs, other);
        const { status, then } = storedSlotState(one, 'dr', claims, nowMs);
        const foretold = then.findLast(({ fromMs }) => fromMs <= laterMs)?.status ?? status;
        expect(storedSlotState(one, 'dr', claims, laterMs).status).toBe(foretold);
        const chain = [status, ...then.map((step) => step.status)];
        expect(chain.every((each, index) => each !== chain[index - 1])).toBe(true);
        expect(then.every(({ fromMs }, index) => fromMs > (then[index - 1]?.fromMs ?? nowMs))).toBe(true);
      }),
      RUNS,
    );
  });

  test('may be booked exactly when it is free and has not begun', () => {
    fc.assert(
      fc.property(given, near(600), ({ one, claims }, nowMs) => {
        const keyed = claims.map((each): Claim => (each.kind === 'locked' ? { ...each, keyHash: 'k' } : each));
        const isFree = storedSlotState(one, 'dr', keyed, nowMs).status === 'free';
        const decision = refusalsOfStored(one, DR, keyed, wants(), nowMs);
        expect(decision.refusals.length === 0).toBe(isFree && one.startMs >= nowMs);
      }),
      RUNS,
    );
  });

  test('takes exactly as many as its capacity', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom('booked', 'held')), (capacity, kinds) => {
        const taken: Claim[] = [];
        for (const [index, kind] of kinds.entries()) {
          const request = wants({ by: `Appointment/${index}`, kind });
          const one = slot('10:00-11:00', { capacity });
          if (refusalsOfStored(one, DR, taken, request, 0).refusals.length > 0) continue;
          taken.push(ofSlot('10:00-11:00', { by: request.by, kind, ...(kind === 'held' && { untilMs: 1 }) }));
        }
        expect(taken).toHaveLength(Math.min(capacity, kinds.length));
      }),
    );
  });
});

describe('a computed time', () => {
  /** Rules and a question from the tests of slots, whose claims and Slots are made here. */
  const given = fc.tuple(
    fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe').chain((zone) => casesAround(zone, NOON)),
    fc.array(anyClaim, { maxLength: 6 }),
    fc.array(anySlot, { maxLength: 1 }),
  );

  test('may be booked exactly when it is listed', () => {
    let listedCount = 0;
    fc.assert(
      fc.property(given, near(600), ([{ rules, question, occupied }, claims, slots], nowMs) => {
        const units = joined(claims.map(lockedWithKey), slots);
        const schedule = { ...DR, horizon: occupied.horizon, rules };
        const durationMinutes = question.durationMinutes ?? 30;
        const startFromMs = Math.max(nowMs, NOON - 120 * MINUTE);
        const asked = {
          nowMs,
          startFromMs,
          startBeforeMs: startFromMs + 60 * MINUTE,
          endByMs: Infinity,
          durationMinutes,
        };
        const listed = listCandidates(rules, asked, occupiedBy(units, schedule, nowMs)).map(({ startMs }) => startMs);
        const bookable: number[] = [];
        for (let startMs = startFromMs; startMs < asked.startBeforeMs; startMs += MINUTE) {
          const time = { startMs, endMs: startMs + durationMinutes * MINUTE };
          if (said(refusalsOfComputed(time, schedule, units, wants(), nowMs)) === '-') bookable.push(startMs);
        }
        expect(bookable).toEqual(listed);
        listedCount += listed.length;
      }),
      { numRuns: 250 },
    );
    expect(listedCount).toBeGreaterThan(30);
  });

  test('is had under an override by nobody beyond the capacity of its pool, and by nobody where others are', () => {
    let hadCount = 0;
    fc.assert(
      fc.property(given, ([{ rules, question }, claims, slots]) => {
        const units = joined(claims.map(lockedWithKey), slots);
        const time = { startMs: question.startFromMs, endMs: question.startFromMs + 30 * MINUTE };
        const decision = refusalsOfComputed(time, { ...DR, rules }, units, wants({ override: true }), NOON);
        if (decision.refusals.length > 0) return;
        hadCount += 1;
        const spoken = rules[decision.rule ?? -1];
        const inTheWay = occupiedBy(units, DR, NOON).claims.filter((one) => overlaps(one, time));
        expect(inTheWay.some(({ pool }) => pool === 'every')).toBe(false);
        // At one instant: those that lie at the start of one of them.
        const pooled = inTheWay.filter(({ pool }) => pool !== 'every' && pool.name === spoken?.pool);
        const loads = pooled.map(({ startMs }) =>
          pooled.filter((one) => one.startMs <= startMs && startMs < one.endMs),
        );
        expect(loads.every((load) => load.length < 3)).toBe(true);
      }),
      RUNS,
    );
    expect(hadCount).toBeGreaterThan(30);
  });

  test('takes exactly as many as its capacity', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.constantFrom('booked', 'held')), (capacity, kinds) => {
        const taken: Claim[] = [];
        const schedule = { ...DR, rules: [rule({ capacity })] };
        for (const [index, kind] of kinds.entries()) {
          const request = wants({ by: `Appointment/${index}`, kind });
          if (refusalsOfComputed(span('10:00-10:30'), schedule, joined(taken), request, 0).refusals.length > 0)
            continue;
          taken.push(claim('10:00-10:30', { by: request.by, kind, ...(kind === 'held' && { untilMs: 1 }) }));
        }
        expect(taken).toHaveLength(Math.min(capacity, kinds.length));
      }),
    );
  });
});

test('no answer depends on the order of the claims', () => {
  const given = fc
    .array(anyClaim, { maxLength: 6 })
    .chain((claims) => fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })));
  const request = fc.record({
    by: fc.constantFrom('Appointment/a', 'Appointment/new', 'Slot/s'),
    kind: fc.constantFrom('booked', 'held', 'locked'),
    override: fc.boolean(),
    keyHash: fc.constantFrom('k', 'x'),
  });
  fc.assert(
    fc.property(given, anySlot, request, near(300), ([claims, shuffled], one, asks, nowMs) => {
      const schedule = { ...DR, rules: [rule({ capacity: 2 }), rule({ pool: 'a', bufferAfterMinutes: 5 })] };
      const answers = (units: JoinedUnits) => [
        storedSlotState(one, 'dr', units.claims, nowMs),
        inOrder(refusalsOfStored(one, DR, units.claims, asks, nowMs).refusals),
        inOrder(refusalsOfComputed(span('12:00-12:30'), schedule, units, asks, nowMs).refusals),
      ];
      expect(answers(joined(shuffled))).toEqual(answers(joined(claims)));
    }),
    RUNS,
  );
});

/** A lock that nobody in these tests opens. */
function lockedWithKey(one: Claim): Claim {
  return one.kind === 'locked' ? { ...one, keyHash: 'k' } : one;
}

function inOrder(refusals: readonly unknown[]): readonly string[] {
  return refusals.map((one) => JSON.stringify(one)).sort();
}
