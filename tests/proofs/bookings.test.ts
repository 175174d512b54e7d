/** The checkers of the workload `bookings` find what a broken engine does, and nothing on a sound one. */
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { JournalingWorker, journalOf } from '../../proofs/harness/journal.js';
import { randomFrom } from '../../proofs/harness/random.js';
import { work } from '../../proofs/harness/work.js';
import type { Attempt } from '../../proofs/harness/workload.js';
import { Agendas } from '../../proofs/workloads/bookings/agendas.js';
import { Client, parameters } from '../../proofs/workloads/bookings/client.js';
import { bookingsIn } from '../../proofs/workloads/bookings/index.js';
import { anyRequest } from '../../proofs/workloads/bookings/requests.js';
import { serve } from '../../proofs/workloads/bookings/server.js';
import { makeApp } from '../../server/app.js';
import { systemClock, type Clock } from '../../server/base/clock.js';
import { newUuid } from '../../server/base/ids.js';
import { checkStore } from '../../server/booking/index.js';
import type { Store, Write } from '../../server/store/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';
import { acknowledgesAndForgets, half, replacing, type Break } from './broken-stores.js';

const SERVERS = 2;
const STEPS = 30;
const SECONDS_MAX = 120;
const PARTS = { makeApp, checkStore, clock: systemClock, newId: newUuid };
const AGENDAS_TIMES = 4;

interface Seen {
  readonly offences: readonly string[];
  readonly attempts: readonly Attempt[];
}

interface Engine {
  readonly breaks?: Break;
  readonly clockOf?: (server: number) => Clock;
  /** What is broken after the load only. */
  readonly breaksAtEnd?: Break;
  /** What the clients do together, each at its own server; absent: mixed requests. */
  readonly play?: (clients: readonly Client[]) => Promise<void>;
}

/** Servers in this process, each over its own view of one store, work at the same time; then the store is checked. */
async function seenOn(name: string, engine: Engine): Promise<Seen> {
  const { breaks = sound, breaksAtEnd = sound, clockOf = () => systemClock, play = mixed } = engine;
  const store = openSqlite(':memory:');
  const agendas = new Agendas({ id: name.replace(/\W/g, ''), documents: AGENDAS_TIMES });
  const random = randomFrom(name);
  const now = () => random(ONE_IN) === 0;
  const end = await bookingsIn(replacing(store, breaksAtEnd(store, now)), agendas, PARTS);
  await end.prepare();
  const texts: string[] = [];
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, (_, at) => {
      const slow = yielding(store);
      return serve(replacing(slow, breaks(slow, now)), { ...PARTS, clock: clockOf(at) });
    }),
  );
  const clients = servers.map((server, at) => {
    const write = (line: string) => (texts[at] = (texts[at] ?? '') + line);
    return new Client(
      agendas,
      new JournalingWorker(`w${String(at)}`, randomFrom(`${name} ${String(at)}`), write),
      server,
    );
  });
  await play(clients);
  const journals = texts.map((text, at) => journalOf(`w${String(at)}`, text));
  const attempts = journals.flatMap((journal) => journal.attempts);
  const { offences } = await end.check(attempts);
  await Promise.all([...servers, end].map((one) => one.close()));
  await store.close();
  return { offences: [...journals.flatMap(({ complaints }) => complaints), ...offences], attempts };
}

/** How many of what is found is left out. */
function hides(type: string): number {
  return type === 'Appointment' ? 1 : 0;
}

/** Three requests at a time at each server. */
async function mixed(clients: readonly Client[]): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      let steps = 0;
      const step = async () => void (await Promise.all([1, 2, 3].map(() => anyRequest(client))));
      await work(step, client.worker, () => (steps += 1) > STEPS);
    }),
  );
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
const ONE_IN = 5;
const sound: Break = () => ({});

/** A store in memory answers at once; a pause before each answer lets others come between a look and a commit. */
function yielding(store: Store): Store {
  const pause = () => new Promise(setImmediate);
  return replacing(store, {
    read: async (key) => pause().then(() => store.read(key)),
    readMany: async (keys) => pause().then(() => store.readMany(keys)),
    revisions: async (keys) => pause().then(() => store.revisions(keys)),
    commit: async (writes) => pause().then(() => store.commit(writes)),
  });
}

/** Commits of which something is changed on the way. */
const changing =
  (change: (write: Write) => Write | undefined): Break =>
  (store) => ({ commit: async (writes) => store.commit(writes.flatMap((write) => change(write) ?? [])) });

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
    const result = await store.commit(writes);
    if (result.committed || !result.stale.every(({ type }) => type === 'Unit')) return result;
    const revisions = await store.revisions(writes);
    return store.commit(writes.map((write, at) => ({ ...write, expectedRevision: revisions[at] ?? 0 })));
  },
});

/** Units without some of their claims. */
const withoutClaims = (kinds: readonly string[]): Break =>
  changing((write) => {
    if (write.type !== 'Unit' || write.kind !== 'put') return write;
    const unit = JSON.parse(write.text) as { readonly claims?: readonly { readonly kind: string }[] };
    const claims = (unit.claims ?? []).filter(({ kind }) => !kinds.includes(kind));
    return { ...write, text: JSON.stringify({ ...unit, claims }) };
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
      { breaks: lastUnitWins },
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
