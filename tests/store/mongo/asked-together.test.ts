/** Questions that are put together: fewer of them, and none answered with what was known before it was asked. */
import { describe, expect, test } from '@jest/globals';
import { AskedTogether } from '../../../server/store/mongo/asked-together.js';

/** A slow place to ask: each question is answered when the test says so, with what is true by then. */
function slowly() {
  const asked: string[][] = [];
  const answers: (() => void)[] = [];
  const truth = new Map<string, number>();
  const together = new AskedTogether<number>(async (names) => {
    asked.push([...names]);
    const known = new Map(truth);
    await new Promise<void>((resolve) => answers.push(resolve));
    return known;
  });
  return { asked, answers, truth, together };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('questions asked together', () => {
  test('what comes while one is on its way is asked as one afterwards, each name once', async () => {
    const { asked, answers, together } = slowly();
    const first = together.of(['a']);
    await turn();
    const later = [together.of(['b', 'c']), together.of(['c', 'd'])];
    await turn();
    expect(asked).toEqual([['a']]);
    answers[0]?.();
    await first;
    await turn();
    expect(asked).toEqual([['a'], ['b', 'c', 'd']]);
    answers[1]?.();
    await Promise.all(later);
  });

  test('none is answered with what was true before it was asked', async () => {
    const { answers, truth, together } = slowly();
    truth.set('a', 1);
    const before = together.of(['a']);
    await turn();
    truth.set('a', 2);
    const after = together.of(['a']);
    answers[0]?.();
    expect((await before).get('a')).toBe(1);
    await turn();
    answers[1]?.();
    expect((await after).get('a')).toBe(2);
  });

  test('a question that fails takes no later one with it', async () => {
    let fails = true;
    const together = new AskedTogether<number>(() =>
      fails ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['a', 1]])),
    );
    await expect(together.of(['a'])).rejects.toThrow('away');
    fails = false;
    expect((await together.of(['a'])).get('a')).toBe(1);
  });
});
