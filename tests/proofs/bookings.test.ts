/** The checkers of the workload `bookings` find what a broken engine does, and nothing on a sound one. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Agendas } from '../../proofs/workloads/bookings/agendas.js';
import { parameters, type Client } from '../../proofs/workloads/bookings/client.js';
import { bookingsIn } from '../../proofs/workloads/bookings/index.js';
import { anyRequest } from '../../proofs/workloads/bookings/requests.js';
import { systemClock } from '../../server/base/clock.js';
import type { Write } from '../../server/store/index.js';
import { changing, PARTS, seenAtWork, SERVERS, withoutClaims, type Engine, type Proved } from './at-work.js';
import { acknowledgesAndForgets, half, type Break } from './broken-stores.js';

const SECONDS_MAX = 120;
const AGENDAS_TIMES = 4;

const seenOn = (name: string, engine: Engine) => seenAtWork(name, engine, BOOKINGS);

const BOOKINGS: Proved = {
  run: (id) => ({ id, documents: AGENDAS_TIMES }),
  open: (store, run) => bookingsIn(store, new Agendas(run), PARTS),
  agendasOf: (_, run) => Promise.resolve(new Agendas(run)),
  act: anyRequest,
};

/** How many of what is found is left out. */
function hides(type: string): number {
  return type === 'Appointment' ? 1 : 0;
}

/** Books a time, as many times as asked. */
function books(client: Client, agenda: 'limited' | 'stored', at: number): Promise<unknown> {
  const id = client.worker.newId();
  const body = client.resource(id, [client.agendas.at(agenda, at)], 'booked', undefined);
  return client.ask({ kind: 'post', id, method: 'POST', path: 'Appointment', body, touches: { makes: [id] } });
}

/** More than the limit of a day, at the same moment, in two units. */
async function overTheLimit([one, other]: readonly Client[]): Promise<void> {
  if (!one || !other) return;
  await books(one, 'limited', 0);
  await Promise.all([books(one, 'limited', 0), books(other, 'limited', AGENDAS_TIMES - 1)]);
}

/** Two times of one unit, at the same moment. */
async function intoOneUnit([one, other]: readonly Client[]): Promise<void> {
  if (!one || !other) return;
  await Promise.all([books(one, 'stored', 0), books(other, 'stored', 1)]);
}

/** One locks a time, and another who has no key asks for it. */
async function intoTheLock([one, other]: readonly Client[]): Promise<void> {
  if (!one || !other) return;
  const id = one.worker.newId();
  const { slot } = one.agendas.at('stored', 1);
  const until = { valueDateTime: new Date(Date.now() + LOCK_MS).toISOString() };
  await one.ask({
    ...{ kind: '$lock', id, method: 'POST', path: `Slot/${slot}/$lock`, touches: { slot, key: 'zebra' } },
    body: parameters({ until, key: { valueString: 'zebra' } }),
  });
  await books(other, 'stored', 1);
}

/** One holds a time, and another books it. */
async function intoTheHold([one, other]: readonly Client[]): Promise<void> {
  if (!one || !other) return;
  const id = one.worker.newId();
  const resource = one.resource(id, [one.agendas.at('stored', 0)], 'proposed', undefined);
  const until = { valueDateTime: new Date(Date.now() + LOCK_MS).toISOString() };
  await one.ask({
    ...{ kind: '$hold', id, method: 'POST', path: 'Appointment/$hold', touches: { makes: [id] } },
    body: parameters({ 'appt-resource': { resource }, until }),
  });
  await books(other, 'stored', 0);
}

const LOCK_MS = 5_000;

/** The same, so late that whoever decides at the same moment has decided by then. */
const lateCommits =
  (change: (write: Write) => Write | undefined): Break =>
  (store, now) => ({
    commit: async (writes) => {
      await setTimeout(LATE_MS);
      return (changing(change)(store, now).commit ?? store.commit)(writes);
    },
  });

const LATE_MS = 400;

/** Units are written whatever their revision is; all else is refused as it should be. */
const lastUnitWins: Break = (store) => ({
  commit: async (writes) => {
    await setTimeout(LATE_MS);
    const result = await store.commit(writes);
    if (result.committed || !result.stale.every(({ type }) => type === 'Unit')) return result;
    const revisions = await store.revisions(writes);
    return store.commit(writes.map((write, at) => ({ ...write, expectedRevision: revisions[at] ?? 0 })));
  },
});

test.concurrent(
  'on a sound engine nothing is wrong, although much is refused',
  async () => {
    const { offences, attempts } = await seenOn('sound', {});
    expect(offences).toEqual([]);
    const asked = (outcome: string) => attempts.filter((attempt) => attempt.outcome === outcome).length;
    expect(asked('refused')).toBeGreaterThan(SERVERS * 10);
    expect(asked('acknowledged')).toBeGreaterThan(SERVERS * 10);
  },
  SECONDS_MAX * 1_000,
);

describe('an engine that', () => {
  const TOO_MANY = /^(?:At \S+ )?(?:\d+ have )?Appointment\/\S+ on Slot\/\S+/;
  const CHECK = /^fhir-slots check: /;

  test.concurrent.each<readonly [string, Engine, readonly RegExp[]]>([
    [
      'lets the last writer of a unit win',
      { breaks: lastUnitWins, play: intoOneUnit },
      [/^There is an? (?:Appointment without its claim|claim without its Appointment)/, CHECK],
    ],
    [
      'has no claims',
      { breaks: withoutClaims(['booked', 'held', 'locked']) },
      [/^\d+ have Appointment\/\S+ on Slot/, /^There is an Appointment without its claim/, CHECK],
    ],
    [
      'has no locks',
      { breaks: withoutClaims(['locked']), play: intoTheLock },
      [/^w1-1 has won a time that w0-1 had locked/],
    ],
    [
      'does not check what it rests on',
      { breaks: lateCommits((write) => (write.kind === 'check' ? undefined : write)), play: overTheLimit },
      [/^\d+ are on one day of Schedule\/\S+-limited: its limit is 2/],
    ],
    [
      'acknowledges and forgets',
      { breaks: acknowledgesAndForgets },
      [/^\S+ was acknowledged, and its Appointment is not there/, /was told of Appointment\/\S+, which is not there/],
    ],
    ['makes half of a commit', { breaks: half }, [/ was told of |without its |^fhir-slots check: /]],
    [
      'forgets what it has answered',
      { breaks: changing((write) => (write.type === 'IdempotentAnswer' ? undefined : write)) },
      [/ was asked again, and told /],
    ],
    [
      'does not write the Slots whose status follows',
      { breaks: changing((write) => (write.type === 'Slot' && write.expectedRevision > 0 ? undefined : write)) },
      [CHECK],
    ],
    [
      'does not find what is there',
      { breaksAtEnd: (store) => ({ search: async (query) => (await store.search(query)).slice(hides(query.type)) }) },
      [/^A search finds /],
    ],
    [
      'has a server whose clock is ahead gives away what others hold, and',
      { clockOf: (at) => ({ nowMs: () => systemClock.nowMs() + at * 2 * LOCK_MS }), play: intoTheHold },
      [TOO_MANY],
    ],
  ])(
    '%s is found out',
    async (name, engine, found) => {
      const { offences } = await seenOn(name, engine);
      for (const pattern of found) expect(offences).toContainEqual(expect.stringMatching(pattern));
    },
    SECONDS_MAX * 1_000,
  );

  test.concurrent.each<readonly [string, Engine]>([
    ['the limit', { breaks: lateCommits((write) => write), play: overTheLimit }],
    ['the lock', { play: intoTheLock }],
    ['the hold', { play: intoTheHold }],
  ])(
    'keeps %s is sound',
    async (name, engine) => expect((await seenOn(name, engine)).offences).toEqual([]),
    SECONDS_MAX * 1_000,
  );
});
