/** Drafts of one process that are about to change the same documents go one after the other. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Turns } from '../../server/booking/turns.js';

/** Whether a promise has settled once all that is due has been done. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  return settled;
}

describe('a turn', () => {
  test('comes at once where nobody was before', async () => {
    expect(await isSettled(new Turns().take(['a', 'b']))).toBe(true);
  });

  test('comes when the one before has ended', async () => {
    const turns = new Turns();
    const end = await turns.take(['a']);
    const next = turns.take(['a']);
    expect(await isSettled(next)).toBe(false);
    end();
    expect(await isSettled(next)).toBe(true);
  });

  test('waits for all who came before, for any of its names', async () => {
    const turns = new Turns();
    const [endA, endB] = [await turns.take(['a']), await turns.take(['b'])];
    const both = turns.take(['a', 'b']);
    endA();
    expect(await isSettled(both)).toBe(false);
    endB();
    expect(await isSettled(both)).toBe(true);
  });

  test('waits for nobody who came later, so that two never wait for each other', async () => {
    const turns = new Turns();
    const end = await turns.take(['a']);
    const [first, second] = [turns.take(['a', 'b']), turns.take(['b', 'a'])];
    end();
    (await first)();
    expect(await isSettled(second)).toBe(true);
  });

  test('of other names does not wait', async () => {
    const turns = new Turns();
    await turns.take(['a']);
    expect(await isSettled(turns.take(['b']))).toBe(true);
  });
});

describe('who does not end his turn', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('TURN_WAIT_MS_MAX: keeps the others for two seconds', async () => {
    jest.useFakeTimers();
    const turns = new Turns();
    await turns.take(['a']);
    const next = turns.take(['a']);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(await isSettled(next)).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await isSettled(next)).toBe(true);
  });
});
