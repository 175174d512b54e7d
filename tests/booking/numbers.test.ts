/** Numbers as ids: none is given twice, by however many servers of a store, and after however many starts. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeNumbers, type Numbers } from '../../server/booking/numbers.js';
import type { Store } from '../../server/store/index.js';
import { journeyStores } from '../journeys/server.js';
import type { Place } from '../store/stores.js';

const clock = { nowMs: () => Date.parse('2027-03-01T00:00:00Z') };
const never = () => Promise.resolve(false);

describe.each(journeyStores)('$name', (under) => {
  let place: Place;
  let store: Store;
  let numbers: Numbers;
  beforeEach(async () => {
    place = await under.newPlace();
    store = await place.open();
    numbers = makeNumbers({ store, clock });
  });
  afterEach(async () => {
    await store.close();
    await place.remove();
  });

  test('two servers at once never give one twice', async () => {
    const servers = [numbers, makeNumbers({ store, clock })];
    const asked = servers.flatMap((one) => Array.from({ length: 40 }, () => one.next('booking', never)));
    const given = await Promise.all(asked);
    expect(new Set(given).size).toBe(given.length);
  });

  test('a server that starts anew goes on after those that are given', async () => {
    const first = await numbers.next('booking', never);
    expect(await makeNumbers({ store, clock }).next('booking', never)).toBeGreaterThan(first);
  });

  test('each kind counts by itself, from 1 on', async () => {
    await numbers.next('booking', never);
    expect(await numbers.next('service', never)).toBe(1);
  });

  test('one that something bears already is passed over', async () => {
    expect(await numbers.next('service', (one) => Promise.resolve(one <= 20))).toBe(21);
  });

  test('what came without a number gets one, keeps it, and is found by it', async () => {
    const given = await Promise.all([numbers.ofIds('booking', ['a', 'b']), numbers.ofIds('booking', ['b', 'a'])]);
    const [[a, b] = []] = given;
    expect(given).toEqual([
      [a, b],
      [b, a],
    ]);
    expect(await numbers.idOf('booking', a ?? 0)).toBe('a');
    expect(await numbers.idOf('booking', 999)).toBeUndefined();
    expect([a, b]).not.toContain(await numbers.next('booking', never));
  });
});
