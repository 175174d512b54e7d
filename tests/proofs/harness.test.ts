/** The checker of `contend` and `crash` finds what a broken store does, and nothing on a sound one. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { JournalingWorker, journalOf } from '../../proofs/harness/journal.js';
import { randomFrom } from '../../proofs/harness/random.js';
import { work } from '../../proofs/harness/work.js';
import { transfersIn } from '../../proofs/workloads/transfers/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';
import type { Store } from '../../server/store/index.js';
import * as broken from './broken-stores.js';

const RUN = { id: 'test', documents: 6 };
const WORKERS = 5;
const STEPS = 120;

let store: Store;
beforeEach(() => {
  store = openSqlite(':memory:');
});
afterEach(() => store.close());

/** Lets several workers step at the same time, in this process. Checks what they made, on another store if given. */
async function offencesOf(over: Store, checked = over): Promise<readonly string[]> {
  const scene = transfersIn(over, RUN);
  await transfersIn(store, RUN).prepare();
  const journals = await Promise.all(
    Array.from({ length: WORKERS }, async (_, at) => {
      let text = '';
      const worker = new JournalingWorker(`w${String(at)}`, randomFrom(`seed ${String(at)}`), (line) => (text += line));
      let steps = 0;
      await work(scene.stepOf(worker), worker, () => (steps += 1) > STEPS);
      return journalOf(worker.name, text);
    }),
  );
  const { offences } = await transfersIn(checked, RUN).check(journals.flatMap(({ attempts }) => attempts));
  return [...journals.flatMap(({ complaints }) => complaints), ...offences];
}

test('on a sound store nothing is wrong, although commits are refused', async () => {
  let refused = 0;
  const counting = broken.replacing(store, {
    commit: async (writes) => {
      const result = await store.commit(writes);
      if (!result.committed) refused += 1;
      return result;
    },
  });
  expect(await offencesOf(counting)).toEqual([]);
  expect(refused).toBeGreaterThan(WORKERS);
});

describe('a store that', () => {
  const ONE_IN = 10;

  test.each<readonly [string, broken.Break, readonly RegExp[]]>([
    [
      'makes half of a commit',
      broken.half,
      [/^Account \d is revision .* by the receipts it should be/, /^The sum of all amounts is \d+; it should be 6000/],
    ],
    ['stops halfway, its answer lost', broken.halfUnanswered, [/^Account \d is revision .* by the receipts/]],
    [
      'acknowledges and forgets',
      broken.acknowledgesAndForgets,
      [/^\S+ was acknowledged, and its receipt is not there/],
    ],
    ['refuses and writes', broken.refusesAndWrites, [/^\S+ was refused, and its receipt is there/]],
    ['overwrites what changed meanwhile', broken.ignoresRevisions, [/^An update is lost: .* both wrote over revision/]],
    [
      'does not keep checks',
      broken.ignoresChecks,
      [/^These commits happened, and cannot have in any order: .* before/],
    ],
    ['shows what is not committed', broken.showsUncommitted, [/ read account \d as .*, which no commit made/]],
    [
      'loses history',
      broken.keepsNoHistory,
      [/^In its history account \d is absent; it should be/, /^In the history the receipt \S+ is absent; it should be/],
    ],
    [
      'does not find what is there',
      broken.findsNothing,
      [/^w\S+: \S+ was acknowledged, and a search finds 0 receipts of that id/],
    ],
    ['counts wrong', broken.countsWrong, [/^Counting finds \d+ receipts; there are \d+/]],
    ['leaves what is taken away', broken.removesNothing, [/^The receipt \S+ is revision 1: .*; it should be absent/]],
    [
      'names other documents when it refuses',
      broken.namesOthers,
      [/was refused for .*other.*, which it does not name/],
    ],
    ['fails in another way', broken.fails, [/^w\d: \S+ failed: TypeError: undefined is not a store/]],
  ])('%s is found out', async (_, breaks, found) => {
    const random = randomFrom('breaks');
    const offences = await offencesOf(
      broken.replacing(
        store,
        breaks(store, () => random(ONE_IN) === 0),
      ),
    );
    for (const pattern of found) expect(offences).toContainEqual(expect.stringMatching(pattern));
  });

  test('never finds a receipt at the end is found out', async () => {
    const search: Store['search'] = async (query) => (await store.search(query)).slice(1);
    expect(await offencesOf(store, broken.replacing(store, { search }))).toContainEqual(
      expect.stringMatching(/^No search finds Receipt\/test-w\d-\d+/),
    );
  });

  test('is away now and then breaks nothing', async () => {
    const random = randomFrom('away');
    const away = () => random(ONE_IN) === 0;
    const gone = () => Promise.reject(Object.assign(new Error('away'), { kind: 'unavailable' }));
    const commit: Store['commit'] = async (writes) => {
      if (away()) return gone();
      const result = await store.commit(writes);
      // It happened, and the answer is lost.
      return away() ? gone() : result;
    };
    const readMany: Store['readMany'] = (keys) => (away() ? gone() : store.readMany(keys));
    expect(await offencesOf(broken.replacing(store, { commit, readMany }), store)).toEqual([]);
  });
});

describe('a journal', () => {
  const PLANNED = '{"id":"a-1","plan":{"is":1}}\n';

  test('a plan without an outcome is an attempt cut short', () => {
    const { attempts } = journalOf('a', PLANNED);
    expect(attempts).toEqual([
      { id: 'a-1', worker: 'a', plan: { is: 1 }, outcome: 'unknown', cutShort: true, tookMs: 0 },
    ]);
  });

  test('an outcome that was cut off is unknown, a plan that was cut off was never tried', () => {
    expect(journalOf('a', `${PLANNED}{"id":"a-1","became":"ackno`).attempts).toMatchObject([{ outcome: 'unknown' }]);
    expect(journalOf('a', `${PLANNED}{"id":"a-2","pl`).attempts).toMatchObject([{ id: 'a-1' }]);
  });

  test('a line that is damaged elsewhere is no journal', () => {
    expect(() => journalOf('a', `{"id":"a-1","pl\n${PLANNED}`)).toThrow(SyntaxError);
  });

  test('the plan is written before the act, the outcome after it', async () => {
    const told: string[] = [];
    const worker = new JournalingWorker('w', randomFrom(''), (line) => told.push(line.slice(0, 16)));
    await worker.attempt(worker.newId(), {}, () => Promise.resolve(told.push('act') > 0 ? 'refused' : 'acknowledged'));
    expect(told).toEqual(['{"id":"w-1","pla', 'act', '{"id":"w-1","bec']);
  });
});
