/** Servers in this process at work on one store, which may be broken in some way, and what the checkers find then. */
import { JournalingWorker, journalOf } from '../../proofs/harness/journal.js';
import { randomFrom } from '../../proofs/harness/random.js';
import { work } from '../../proofs/harness/work.js';
import type { Attempt, Run, Scene } from '../../proofs/harness/workload.js';
import type { Agendas } from '../../proofs/workloads/bookings/agendas.js';
import { Client } from '../../proofs/workloads/bookings/client.js';
import { serve, type ServerInProcess } from '../../proofs/workloads/bookings/server.js';
import { makeApp } from '../../server/app.js';
import { makeApiKeys } from '../../server/auth/index.js';
import { systemClock, type Clock } from '../../server/base/clock.js';
import { newUuid } from '../../server/base/ids.js';
import { checkStore } from '../../server/booking/index.js';
import type { Store, Write } from '../../server/store/index.js';
import { openSqlite } from '../../server/store/sqlite/index.js';
import { replacing, type Break } from './broken-stores.js';

export const SERVERS = 2;
const STEPS = 30;
const ONE_IN = 5;
export const PARTS = { makeApp, checkStore, makeApiKeys, clock: systemClock, newId: newUuid };

export interface Seen {
  readonly offences: readonly string[];
  readonly attempts: readonly Attempt[];
}

/** A workload, opened from the source. */
export interface Proved {
  readonly run: (id: string) => Run;
  readonly open: (store: Store, run: Run) => Promise<Scene>;
  /** What is known of its times once all is prepared. */
  readonly agendasOf: (server: ServerInProcess, run: Run) => Promise<Agendas>;
  readonly act: (client: Client) => Promise<void>;
}

export interface Engine {
  readonly breaks?: Break;
  readonly clockOf?: (server: number) => Clock;
  /** What is broken after the load only. */
  readonly breaksAtEnd?: Break;
  /** What a server becomes that does not answer as it should. */
  readonly answersAs?: (server: ServerInProcess) => ServerInProcess;
  /** What the clients do together, each at its own server; absent: mixed requests. */
  readonly play?: (clients: readonly Client[]) => Promise<void>;
}

/** Servers in this process, each over its own view of one store, work at the same time; then the store is checked. */
export async function seenAtWork(name: string, engine: Engine, proved: Proved): Promise<Seen> {
  const { breaks = sound, breaksAtEnd = sound, clockOf = () => systemClock, answersAs = (server) => server } = engine;
  const store = openSqlite(':memory:');
  const run = proved.run(name.replace(/\W/g, ''));
  const random = randomFrom(name);
  const now = () => random(ONE_IN) === 0;
  const end = await proved.open(replacing(store, breaksAtEnd(store, now)), run);
  await end.prepare();
  const texts: string[] = [];
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, (_, at) => {
      const slow = yielding(store);
      return serve(replacing(slow, breaks(slow, now)), { ...PARTS, clock: clockOf(at) });
    }),
  );
  const clients = await Promise.all(
    servers.map(async (server, at) => {
      const write = (line: string) => (texts[at] = (texts[at] ?? '') + line);
      const worker = new JournalingWorker(`w${String(at)}`, randomFrom(`${name} ${String(at)}`), write);
      return new Client(await proved.agendasOf(server, run), worker, answersAs(server));
    }),
  );
  await (engine.play ?? ((all) => mixed(all, proved.act)))(clients);
  const journals = texts.map((text, at) => journalOf(`w${String(at)}`, text));
  const attempts = journals.flatMap((journal) => journal.attempts);
  const { offences } = await end.check(attempts);
  await Promise.all([...servers, end].map((one) => one.close()));
  await store.close();
  return { offences: [...journals.flatMap(({ complaints }) => complaints), ...offences], attempts };
}

const sound: Break = () => ({});

/** Three requests at a time at each server. */
async function mixed(clients: readonly Client[], act: Proved['act']): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      let steps = 0;
      const step = async () => void (await Promise.all([1, 2, 3].map(() => act(client))));
      await work(step, client.worker, () => (steps += 1) > STEPS);
    }),
  );
}

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
export const changing =
  (change: (write: Write) => Write | undefined): Break =>
  (store) => ({ commit: async (writes) => store.commit(writes.flatMap((write) => change(write) ?? [])) });

/** Units without some of their claims. */
export const withoutClaims = (kinds: readonly string[]): Break =>
  changing((write) => {
    if (write.type !== 'Unit' || write.kind !== 'put') return write;
    const unit = JSON.parse(write.text) as { readonly claims?: readonly { readonly kind: string }[] };
    const claims = (unit.claims ?? []).filter(({ kind }) => !kinds.includes(kind));
    return { ...write, text: JSON.stringify({ ...unit, claims }) };
  });
