import type { Practitioner, Schedule } from 'fhir/r4.js';
import { Connection, requestText, type Answer } from './connection.js';
import { practitioner, ruleSchedule } from './resources.js';

/** The Schedule that is asked for and changed. */
const SCHEDULE = 'measured';
const SLOTS = 40;
export const QUESTION = requestText('GET', `/Slot?schedule=${SCHEDULE}`);

/** Connections that ask at the same time, and how often each asks between two changes. */
export const CONNECTIONS = 5;
const QUESTIONS_EACH = 2;

/** One of the two servers that are compared. */
export interface Side {
  /** Opens connections of a turn's own: servers close those that lie idle while the other side has its turn. */
  readonly enter: () => Promise<Visit>;
}

export interface Visit {
  /**
   * Asks ten times; answers how many milliseconds that took.
   *
   * @throws {Error} for an answer that is not the last state
   */
  readonly burst: () => Promise<number>;
  /** Changes the Schedule; answers how many milliseconds that took. */
  readonly change: () => Promise<number>;
  readonly leave: () => void;
}

export const QUESTIONS_PER_BURST = CONNECTIONS * QUESTIONS_EACH;

/** The real server, with a Schedule whose opening moves between two times. */
export async function realSide(port: number): Promise<Side & { readonly recorded: Answer }> {
  const openings = openingsFarFrom(new Date());
  let changes = 0;
  const shown = () => firstStart(openingOf(openings, changes));
  const change = async (connection: Connection) => {
    changes += 1;
    await put(connection, ruleSchedule(SCHEDULE, openingOf(openings, changes), 0));
  };
  const recorded = await withConnection(port, async (connection) => {
    await put(connection, practitioner(0));
    await change(connection);
    return connection.ask(QUESTION);
  });
  refuseOther(recorded, shown());
  return { recorded, enter: () => enter(port, shown, change) };
}

/** A server that sends the recorded answer, whatever happens; it is sent the same requests. */
export function bareSide(port: number, recorded: Answer): Side {
  const [opening] = openingsFarFrom(new Date());
  const [shown] = /T\d\d:\d\d:00/.exec(recorded.body.toString()) as unknown as [string];
  const change = (connection: Connection) => put(connection, ruleSchedule(SCHEDULE, opening, 0));
  return {
    enter: () => enter(port, () => shown, change),
  };
}

async function enter(
  port: number,
  shown: () => string,
  change: (connection: Connection) => Promise<void>,
): Promise<Visit> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(port)));
  const [first] = connections as [Connection];
  return {
    burst: () => burst(connections, shown()),
    change: () => timed(() => change(first)),
    leave: () => connections.forEach((connection) => connection.close()),
  };
}

async function withConnection<T>(port: number, act: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.open(port);
  try {
    return await act(connection);
  } finally {
    connection.close();
  }
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
