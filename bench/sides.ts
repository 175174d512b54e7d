import type { Practitioner, Schedule } from 'fhir/r4.js';
import { Connection, requestText, type Answer } from './connection.js';
import type { Bench } from './bench.js';
import { practitioner, ruleSchedule } from './resources.js';

/** The Schedule that is asked for and changed. */
const SCHEDULE = 'measured';
const SLOTS = 40;
const QUESTION = requestText('GET', `/Slot?schedule=${SCHEDULE}`);

/** Connections that ask at the same time, and how often each asks between two changes. */
const CONNECTIONS = 5;
const QUESTIONS_EACH = 2;

/** One of the two servers that are compared. */
export interface Side {
  /** Asks ten times; answers how many milliseconds that took. @throws {Error} for an answer that is not the last state */
  readonly burst: () => Promise<number>;
  /** Changes the Schedule; answers how many milliseconds that took. */
  readonly change: () => Promise<number>;
}

export const QUESTIONS_PER_BURST = CONNECTIONS * QUESTIONS_EACH;

/** The real server, with a Schedule whose opening moves between two times. */
export async function realSide(bench: Bench, port: number): Promise<Side & { readonly recorded: Answer }> {
  const connections = await openConnections(bench, port);
  const [first] = connections as [Connection];
  const openings = openingsFarFrom(new Date());
  await put(first, practitioner(0));
  let changes = 0;
  const change = async () => {
    changes += 1;
    await put(first, ruleSchedule(SCHEDULE, openingOf(openings, changes), 0));
  };
  const shown = () => firstStart(openingOf(openings, changes));
  await change();
  const recorded = await first.ask(QUESTION);
  refuseOther(recorded, shown());
  return {
    recorded,
    burst: () => burst(connections, shown()),
    change: () => timed(change),
  };
}

/** A server that sends the recorded answer, whatever happens; it is sent the same requests. */
export async function bareSide(bench: Bench, port: number, recorded: Answer): Promise<Side> {
  const connections = await openConnections(bench, port);
  const [first] = connections as [Connection];
  const opening = openingOf(openingsFarFrom(new Date()), 0);
  const [shown] = /T\d\d:\d\d:00/.exec(recorded.body.toString()) as unknown as [string];
  return {
    burst: () => burst(connections, shown),
    change: () => timed(() => put(first, ruleSchedule(SCHEDULE, opening, 0))),
  };
}

async function openConnections(bench: Bench, port: number): Promise<readonly Connection[]> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)));
  bench.atEnd(() => Promise.resolve(connections.forEach((connection) => connection.close())));
  return connections;
}

function burst(connections: readonly Connection[], shown: string): Promise<number> {
  return timed(() =>
    Promise.all(
      connections.map(async (connection) => {
        for (let asked = 0; asked < QUESTIONS_EACH; asked += 1) {
          const { status, body } = await connection.ask(QUESTION);
          if (status !== 200 || !body.includes(shown)) {
            throw new Error(`An answer is old or wrong: ${status}, without ${shown}.`);
          }
        }
      }),
    ),
  );
}

async function put(connection: Connection, resource: Practitioner | Schedule): Promise<void> {
  const { status, body } = await connection.ask(
    requestText('PUT', `/${resource.resourceType}/${resource.id}`, JSON.stringify(resource)),
  );
  if (status !== 200 && status !== 201) throw new Error(`A PUT was answered with ${status}: ${body.toString()}`);
}

interface Opening {
  readonly hour: number;
  readonly minute: number;
}

/** Two openings so far from now that none of the 40 slots is cut off at either end of the week. */
function openingsFarFrom(now: Date): readonly [Opening, Opening] {
  const hour = now.getUTCHours() < 12 ? 18 : 3;
  return [
    { hour, minute: 0 },
    { hour, minute: 5 },
  ];
}

function openingOf(openings: readonly [Opening, Opening], changes: number): Opening {
  return openings[changes % 2 === 0 ? 0 : 1];
}

/** Stands in the answer only if this is the opening. */
function firstStart({ hour, minute }: Opening): string {
  return `T${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}:00`;
}

/** @throws {Error} unless the answer has the 40 slots that all rows are about */
function refuseOther({ status, body }: Answer, shown: string): void {
  const text = body.toString();
  const bundle = JSON.parse(text) as { entry?: unknown[] };
  if (status === 200 && bundle.entry?.length === SLOTS && text.includes(shown)) return;
  throw new Error(`${SLOTS} slots with ${shown} were expected: ${status} ${text.slice(0, 500)}`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}
