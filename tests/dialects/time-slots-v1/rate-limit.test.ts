/** How requests of a key are counted: section 5.5 of ReserveKit's reference. */
import { expect, test } from '@jest/globals';
import { KEYS_MAX, PLANS, RateLimit } from '../../../server/dialects/time-slots-v1/rate-limit.js';

function starter() {
  const clock = { ms: Date.parse('2031-02-20T00:00:00Z') };
  const limit = new RateLimit(PLANS.starter, { nowMs: () => clock.ms });
  const passed = (key: string, times: number) =>
    Array.from({ length: times }, () => limit.take(key)).filter(({ refusal }) => !refusal).length;
  return { clock, limit, passed };
}

test('a burst passes at once, then so many a second', () => {
  const { clock, passed } = starter();
  expect(passed('a', 30)).toBe(PLANS.starter.burst);
  clock.ms += 1_000;
  expect(passed('a', 30)).toBe(PLANS.starter.perSecond);
  clock.ms += 3_600_000;
  expect(passed('a', 30)).toBe(PLANS.starter.burst);
});

test('each key counts by itself', () => {
  const { passed } = starter();
  passed('a', 30);
  expect(passed('b', 1)).toBe(1);
});

test('an answer tells what is left, and when all is', () => {
  const { limit } = starter();
  expect(limit.take('a').headers).toEqual({
    'X-RateLimit-Limit': '10',
    'X-RateLimit-Remaining': '9',
    'X-RateLimit-Reset': String(Date.parse('2031-02-20T00:00:01Z') / 1_000),
  });
});

test('of keys beyond those that are counted, the first begins anew', () => {
  const { passed } = starter();
  passed('a', 30);
  for (let n = 0; n < KEYS_MAX; n++) passed(`k${n}`, 1);
  expect(passed('a', 1)).toBe(1);
});
