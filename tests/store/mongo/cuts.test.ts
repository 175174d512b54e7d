/**
 * The connection to the database is cut at each command of a commit in turn, before the command arrives or after it was
 * carried out, and stays so. Once the deadline is over another server finds all of the commit or nothing of it.
 * (Jest fails a test while which a promise is rejected and nobody handles it.)
 */
import { afterAll, expect, jest, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { leftoversOf, openMongo } from '../../../server/store/mongo/index.js';
import { SETTLE_MS } from '../../../server/store/mongo/protocol/sweep.js';
import type { Store, StoredDocument, Write } from '../../../server/store/index.js';
import { key, put } from '../documents.js';
import { closingAtLast } from '../left-open.js';
import { databaseUrl, describeOnMongodb, dropDatabase, newDatabaseName, serverUrl } from './databases.js';
import { Proxy, type Fate } from './proxy.js';
import { nameOf } from './wire.js';

/** How many are cut off at a time: each has connections of its own. */
const AT_ONCE = 4;
const TEST_MS_MAX = 120_000;
/** More than a commit of three documents takes from its beginning to its deadline. */
const COMMITS_OVER_MS = 3_000;

type Outcome = 'committed' | 'stale' | 'refused';

jest.setTimeout(TEST_MS_MAX);

const name = newDatabaseName();

/** One document changes, one is made, one goes away, and one is only looked at. */
const writesOf = (cut: string): Write[] => [
  put(`Patient/${cut}`, { expectedRevision: 1, text: '{"new":true}' }),
  put(`Appointment/${cut}`, { text: '{"new":true}' }),
  { kind: 'remove', ...key(`Unit/${cut}`), expectedRevision: 1 },
  { kind: 'check', ...key(`Schedule/${cut}`), expectedRevision: 1 },
];
const before = (cut: string): Write[] => [
  put(`Patient/${cut}`),
  put(`Unit/${cut}`, { keepHistory: false }),
  put(`Schedule/${cut}`),
];

/** Commits through a network of its own, and tells what it was told and which commands were its. */
async function commitThrough(cut: string, fateOfNth: (nth: number) => Fate): Promise<[Outcome, string[]]> {
  const proxy = await Proxy.before(serverUrl());
  const store = closingAtLast(await openMongo(proxy.url(name)));
  await store.commit(before(cut));
  const sent: string[] = [];
  // Indexes and the sweeper are none of the commit.
  const isOurs = (command: Document) => nameOf(command) !== 'createIndexes' && !JSON.stringify(command).includes('$lt');
  proxy.fateOf = (command) => (isOurs(command) ? fateOfNth(sent.push(nameOf(command))) : 'pass');
  const outcome = await store.commit(writesOf(cut)).then(
    ({ committed }): Outcome => (committed ? 'committed' : 'stale'),
    (): Outcome => 'refused',
  );
  await store.close();
  await proxy.close();
  return [outcome, sent];
}

/** All of the commit, nothing of it, or what never may be. */
async function stateOf(store: Store, cut: string): Promise<string> {
  const keys = [`Patient/${cut}`, `Appointment/${cut}`, `Unit/${cut}`].map(key);
  const [patient, appointment, unit] = await store.readMany(keys);
  const old = await store.version(key(`Patient/${cut}`), 1);
  const told = (document: StoredDocument | undefined) => document && `${document.revision} ${document.text}`;
  const found = JSON.stringify([told(patient), told(appointment), told(unit), told(old)]);
  const text = `1 {"id":"${cut}"}`;
  if (found === JSON.stringify(['2 {"new":true}', '1 {"new":true}', undefined, text])) return 'all';
  if (found === JSON.stringify([text, undefined, text, text])) return 'nothing';
  return found;
}

async function expectNothingLeft(): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const left = await leftoversOf(databaseUrl(name));
    if ((left.intents === 0 && left.records === 0) || tries === 10) {
      expect(left).toEqual({ intents: 0, records: 0 });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

describeOnMongodb('a commit that is cut off', () => {
  afterAll(() => dropDatabase(name));

  test('all of it is there or nothing, and nothing is left behind', async () => {
    const [whole, commands] = await commitThrough('whole', () => 'pass');
    expect(whole).toBe('committed');
    // The record, the intents, the reading, the turn, history, roll forward, and the removal of the record at least.
    expect(commands.length).toBeGreaterThanOrEqual(7);
    const cuts = commands.flatMap((_, at) => [
      { cut: `before-${at + 1}`, nth: at + 1, fate: 'cut before' as const },
      { cut: `after-${at + 1}`, nth: at + 1, fate: 'cut after' as const },
    ]);
    const outcomes = new Map<string, Outcome>([['whole', whole]]);
    for (let at = 0; at < cuts.length; at += AT_ONCE) {
      const some = cuts.slice(at, at + AT_ONCE).map(async ({ cut, nth, fate }) => {
        const [outcome] = await commitThrough(cut, (count) => (count === nth ? fate : 'pass'));
        outcomes.set(cut, outcome);
      });
      await Promise.all(some);
    }

    // Later: the deadlines are over, for a server whose clock says so.
    const ahead = { nowMs: () => Date.now() + SETTLE_MS + COMMITS_OVER_MS };
    const later = closingAtLast(await openMongo(databaseUrl(name), { clock: ahead }));
    // Before anything is read: readers settle what they meet, and would do the work of the sweeper.
    await expectNothingLeft();
    for (const [cut, outcome] of outcomes) {
      const possible = outcome === 'committed' ? ['all'] : ['all', 'nothing'];
      expect({ cut, possible }).toEqual({
        cut,
        possible: expect.arrayContaining([await stateOf(later, cut)]) as unknown,
      });
    }
    // Nobody else wrote: what was refused was not refused as stale.
    expect(new Set(outcomes.values())).toEqual(new Set(['committed', 'refused']));
    await later.close();
  });
});
