/** The entries of a transaction wait for one another, and not for ever. */
import { expect, test } from '@jest/globals';
import { fault } from '../../server/base/fault.js';
import { ENTRY_WAITS_MAX, stageInTurns, type Placed } from '../../server/booking/bundle-order.js';

const nameOf = (at: number) => `a${String(at).padStart(3, '0')}`;
const placedOf = (count: number): Placed[] =>
  Array.from({ length: count }, (_, at) => {
    const act = { kind: 'delete', target: nameOf(at) } as const;
    return { entry: { at, type: 'Appointment', act }, id: nameOf(at), isFound: false };
  });

/** From the middle to both ends by turns: whichever way the entries are walked through, one comes to its time. */
async function stageFromTheMiddle(count: number): Promise<number> {
  const middle = Math.floor(count / 2);
  const order = Array.from({ length: count }, (_, n) => middle + (n % 2 === 0 ? n / 2 : -(n + 1) / 2));
  let staged = 0;
  await stageInTurns({ puts: 0 }, placedOf(count), ({ id }) => {
    if (id !== nameOf(order[staged] ?? 0)) return Promise.reject(fault('conflict', `${id} has to wait.`));
    return Promise.resolve(void (staged += 1));
  });
  return staged;
}

test('ENTRY_WAITS_MAX: who waits more often in all is told so', async () => {
  expect(ENTRY_WAITS_MAX).toBe(2_000);
  // 62 wait, and then one less each time: 1,953 in all, and 2,016.
  expect(await stageFromTheMiddle(63)).toBe(63);
  await expect(stageFromTheMiddle(64)).rejects.toMatchObject({ kind: 'too-costly' });
});

test('others get their turn between the entries', async () => {
  let turns = 0;
  const seen: number[] = [];
  await stageInTurns({ puts: 0 }, placedOf(3), () => {
    seen.push(turns);
    setImmediate(() => void (turns += 1));
    return Promise.resolve();
  });
  expect(seen).toEqual([0, 1, 2]);
});

test('of those that wait for ever, the first of the Bundle says why', async () => {
  const refused = stageInTurns({ puts: 0 }, placedOf(3).reverse(), ({ id }) =>
    id === 'a001' ? Promise.resolve() : Promise.reject(fault('rule', `${id} has to wait.`)),
  );
  await expect(refused).rejects.toThrow('a000 has to wait.');
});

test.each([
  ['no time of others is the reason', 0, fault('invalid', 'No.')],
  ['something of it was staged', 1, fault('conflict', 'No.')],
])('nothing is tried again where %s', async (_, puts, refusal) => {
  const draft = { puts: 0 };
  let tries = 0;
  const refused = stageInTurns(draft, placedOf(2), () => {
    tries += 1;
    draft.puts += puts;
    return tries === 1 ? Promise.reject(refusal) : Promise.resolve();
  });
  await expect(refused).rejects.toBe(refusal);
  expect(tries).toBe(1);
});
