/**
 * Whole servers over one store, and their clients: Appointments are booked, held, moved and cancelled and Slots locked
 * and disabled, by operations and by plain writes, on few times that all of them want. A worker is a server with its
 * clients in one process, so that a kill takes a server away in the midst of its commits.
 *
 * Every answer is journaled with what it said. Afterwards everything is read and held against the journals twice: at
 * once, while holds last, and when nothing is held any more. See the files `check-….ts`.
 */
import { setTimeout } from 'node:timers/promises';
import type * as AppModule from '../../../server/app.js';
import type * as ClockModule from '../../../server/base/clock.js';
import type * as IdsModule from '../../../server/base/ids.js';
import type * as BookingModule from '../../../server/booking/index.js';
import type * as OpenStore from '../../../server/open-store.js';
import type * as AuthModule from '../../../server/auth/index.js';
import type { Store } from '../../../server/store/index.js';
import type { Findings, Scene, Worker, Workload } from '../../harness/workload.js';
import { Agendas } from './agendas.js';
import { answerOffences, enableAll } from './check-answers.js';
import { journalOffences } from './check-journal.js';
import { standingOffences } from './check-standing.js';
import { hadPlaces, timeOffences } from './check-times.js';
import { withVersions } from './check-told.js';
import { Client } from './client.js';
import { readEvidence, type Evidence } from './evidence.js';
import { anyRequest } from './requests.js';
import { EXCLUSIVE_ACTORS, LOCK_DEFAULT_MS, serve, type Parts, type ServerInProcess } from './server.js';
import type { Asked } from './told.js';

/** How many clients each server has: their requests meet inside of it too. */
const CLIENTS = 3;
/** Longer than a hold or lock of which nobody was told may last. */
const UNTOLD_MS_MAX = 6_000;

export const bookings: Workload = {
  open: (place, run) => sceneAt(place, (store, parts) => bookingsIn(store, new Agendas(run), parts)),
};

/** A scene on the store of a URL, made of the parts of the build. */
export async function sceneAt(place: string, make: (store: Store, parts: Parts) => Promise<Scene>): Promise<Scene> {
  const { openStore } = (await partOf('open-store.js')) as typeof OpenStore;
  const { makeApp } = (await partOf('app.js')) as typeof AppModule;
  const { checkStore } = (await partOf('booking/index.js')) as typeof BookingModule;
  const { makeApiKeys } = (await partOf('auth/index.js')) as typeof AuthModule;
  const { systemClock: clock } = (await partOf('base/clock.js')) as typeof ClockModule;
  const { newUuid: newId } = (await partOf('base/ids.js')) as typeof IdsModule;
  const store = await openStore(place);
  const scene = await make(store, { makeApp, checkStore, makeApiKeys, clock, newId });
  return {
    ...scene,
    async close() {
      await scene.close();
      await store.close();
    },
  };
}

/** A module of the server, from the build beside this one. */
async function partOf(path: string): Promise<unknown> {
  return import(new URL(`../../../${path}`, import.meta.url).href);
}

/** The workload on an open store, which it does not close. */
export async function bookingsIn(store: Store, agendas: Agendas, parts: Parts): Promise<Scene> {
  const server = await serve(store, parts);
  return {
    prepare: () => prepare(server, agendas),
    stepOf: (worker) => stepOf(server, agendas, worker, anyRequest),
    check: (attempts) => check({ store, server, agendas, parts }, attempts as readonly Asked[]),
    close: () => server.close(),
  };
}

/** Makes what FHIR makes, and looks whether all of it can be had. */
export async function prepare(server: ServerInProcess, agendas: Agendas): Promise<void> {
  for (const resource of agendas.resources()) {
    const path = `${resource.resourceType}/${resource.id ?? ''}`;
    const { status, body } = await server.ask({ method: 'PUT', path, body: resource });
    if (status !== 201) throw new Error(`PUT ${path} was answered with ${String(status)}: ${JSON.stringify(body)}`);
  }
  await expectFree(server, agendas);
}

/** @throws {Error} where a time of the run cannot be had */
export async function expectFree(server: ServerInProcess, agendas: Agendas): Promise<void> {
  for (const { slot, agenda } of agendas.places) {
    const { status, body } = await server.ask({ method: 'GET', path: `Slot/${slot}` });
    const isFree = (body as { readonly status?: string } | undefined)?.status === 'free';
    if (status !== 200 || !isFree) throw new Error(`Slot/${slot} of ${agenda} is not free: ${JSON.stringify(body)}`);
  }
}

/** The step of one server's clients, each of which makes a request. */
export function stepOf(
  server: ServerInProcess,
  agendas: Agendas,
  worker: Worker,
  act: (client: Client) => Promise<void>,
): () => Promise<void> {
  const clients = Array.from({ length: CLIENTS }, () => new Client(agendas, worker, server));
  return async () => {
    const steps = await Promise.allSettled(clients.map((client) => act(client)));
    // Of several failures one is enough; all clients have ended their request.
    for (const step of steps) if (step.status === 'rejected') throw step.reason;
  };
}

interface Checked {
  readonly store: Store;
  readonly server: ServerInProcess;
  readonly agendas: Agendas;
  readonly parts: Parts;
  /** What else must be true of the answers when nothing is held any more. */
  readonly alsoAfterwards?: (evidence: Evidence) => Promise<readonly string[]>;
}

/** Looks at everything: what stands, what was told, and what is answered. */
export async function check(checked: Checked, asked: readonly Asked[]): Promise<Findings> {
  const { server, agendas, alsoAfterwards } = checked;
  const { offences: whileHeld } = await offencesNow(checked, asked);
  await setTimeout(Math.max(0, holdsEndMs(asked) - Date.now()));
  await enableAll(server, agendas);
  const { evidence: after, attempts, offences: afterwards } = await offencesNow(checked, asked);
  const offences = [
    ...whileHeld,
    ...timeOffences(agendas, attempts),
    ...afterwards,
    ...(await answerOffences(server, after, agendas)),
    ...((await alsoAfterwards?.(after)) ?? []),
  ];
  const versions = [...after.versions.values()].reduce((sum, all) => sum + all.length, 0);
  const stretches = hadPlaces(agendas, attempts).length;
  return {
    offences: [...new Set(offences)],
    notes: [
      ...kinds(attempts),
      `Appointments ${String(after.versions.size)}, versions ${String(versions)}, times had ${String(stretches)}`,
    ],
  };
}

/** What is wrong with what stands at this moment, as this workload sees it and as `fhir-slots check` does. */
async function offencesNow({ store, agendas, parts }: Checked, asked: readonly Asked[]) {
  const nowMs = Date.now();
  const evidence = await readEvidence(store, agendas, nowMs);
  const checked = await parts.checkStore(store, nowMs, { exclusiveActors: EXCLUSIVE_ACTORS });
  const { attempts, offences: ofTold } = withVersions(evidence, asked);
  const offences = [
    ...ofTold,
    ...journalOffences(evidence, attempts),
    ...standingOffences(evidence, agendas),
    ...checked.map((offence) => `fhir-slots check: ${offence}`),
  ];
  return { evidence, attempts, offences };
}

/** When the last hold and the last lock have ended. */
function holdsEndMs(attempts: readonly Asked[]): number {
  return attempts.reduce((last, { plan, told, outcome }) => {
    if (outcome === 'refused') return last;
    if (!told) return Math.max(last, plan.startedMs + UNTOLD_MS_MAX);
    const holds = told.appointments.map(({ holdUntilMs = 0 }) => holdUntilMs);
    return Math.max(last, told.expiresMs ?? 0, told.answeredMs + LOCK_DEFAULT_MS, ...holds);
  }, 0);
}

/** What was asked, by kind: how many, and how many of them were acknowledged. */
function kinds(attempts: readonly Asked[]): readonly string[] {
  const counts = new Map<string, { asked: number; acknowledged: number }>();
  for (const { plan, outcome } of attempts) {
    const count = counts.get(plan.kind) ?? { asked: 0, acknowledged: 0 };
    count.asked += 1;
    if (outcome === 'acknowledged') count.acknowledged += 1;
    counts.set(plan.kind, count);
  }
  const shown = [...counts].map(([kind, one]) => `${kind} ${String(one.acknowledged)} of ${String(one.asked)}`);
  return [`acknowledged of asked: ${shown.toSorted().join(', ')}`];
}
