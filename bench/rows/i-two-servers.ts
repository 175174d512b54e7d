import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { FhirResource } from 'fhir/r4.js';
import type { Row } from '../bench.js';
import { Connection, requestText } from '../connection.js';
import { cpuTimes, type CpuTimes } from '../cpu.js';
import { startServer, type Server } from '../processes.js';
import { practitioner, ruleSchedule, storedSchedule, storedSlot } from '../resources.js';
import { median, range, shortNumber } from '../statistics.js';
import { newStore } from '../stores.js';

const WARM_UP_MS = 3_000;
const ROUND_MS = 2_000;
const ROUNDS = 9;
const QUICK = { warmUpMs: 300, roundMs: 300, rounds: 3 };

/** Together, however many servers there are. */
const CONNECTIONS = 16;
/** Each connection asks for its own Schedule, and changes a Slot of its own every so many requests. */
const REQUESTS_PER_WRITE = 5;

/** The goal is meant for machines where load, servers and database do not share the same few. */
const PROCESSORS_LEAST = 4;
/** From this share of its processor on, a process that has only one is what limits. */
const BUSY = 0.85;

/** The same load on one server process and on two, over one store. */
export const run: Row = async (bench) => {
  const { warmUpMs, roundMs, rounds } = bench.options.quick
    ? QUICK
    : { warmUpMs: WARM_UP_MS, roundMs: ROUND_MS, rounds: ROUNDS };
  const store = await newStore(bench, 'i');
  const servers = [await startServer(bench, store), await startServer(bench, store)] as const;
  await setUp(servers[0]);
  await turn(servers, warmUpMs);
  await turn([servers[0]], warmUpMs);
  const ones: Turn[] = [];
  const twos: Turn[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) ones.push(await turn([servers[0]], roundMs));
    twos.push(await turn(servers, roundMs));
    if (round % 2 === 1) ones.push(await turn([servers[0]], roundMs));
  }
  const factors = twos.map(({ perSecond }, round) => perSecond / (ones[round] as Turn).perSecond);
  const processors = availableParallelism();
  const few = `says little on ${String(processors)} processors, it is for ${String(PROCESSORS_LEAST)} or more`;
  return [
    {
      what: `two servers against one, a write in ${String(REQUESTS_PER_WRITE)} requests`,
      value: median(factors),
      unit: '',
      goal: { atLeast: 1.5 },
      notJudged: processors < PROCESSORS_LEAST ? few : undefined,
      notes: [
        `${String(rounds)} rounds, ${String(CONNECTIONS)} connections, ${range(factors)}`,
        noteOf('one server', ones, processors),
        noteOf('two servers', twos, processors),
      ],
    },
  ];
};

interface Turn {
  readonly perSecond: number;
  /** Processors that were busy on average. */
  readonly used: CpuTimes;
}

async function setUp({ port }: Server): Promise<void> {
  const connection = await Connection.open(port);
  const put = (resource: FhirResource) =>
    ask(connection, 'PUT', `/${resource.resourceType}/${resource.id ?? ''}`, JSON.stringify(resource));
  for (let number = 0; number < CONNECTIONS; number += 1) {
    await put(practitioner(number));
    await put({ ...ruleSchedule(`asked-${String(number)}`, { hour: 3, minute: 0 }, number) });
    await put(storedSchedule(number, number));
    await put(storedSlot(number, number, 0, 'free'));
  }
  connection.close();
}

async function turn(servers: readonly Server[], roundMs: number): Promise<Turn> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, number) =>
      Connection.open((servers[number % servers.length] as Server).port),
    ),
  );
  const pids = servers.map(({ pid }) => pid);
  const before = cpuTimes(pids);
  const startedMs = performance.now();
  const counts = await Promise.all(connections.map((connection, number) => load(connection, number, roundMs)));
  const seconds = (performance.now() - startedMs) / 1_000;
  const after = cpuTimes(pids);
  for (const connection of connections) connection.close();
  // What the round set going may not run into the next one.
  await setTimeout(50);
  const share = (key: 'load' | 'database' | 'machine') => (after[key] - before[key]) / seconds;
  const serverShares = after.servers.map((used, at) => (used - (before.servers[at] ?? 0)) / seconds);
  return {
    perSecond: counts.reduce((sum, count) => sum + count, 0) / seconds,
    used: { load: share('load'), servers: serverShares, database: share('database'), machine: share('machine') },
  };
}

/** Asks and writes without a pause; answers how many requests there were. */
async function load(connection: Connection, number: number, roundMs: number): Promise<number> {
  const endMs = performance.now() + roundMs;
  let count = 0;
  for (; performance.now() < endMs; count += 1) {
    if (count % REQUESTS_PER_WRITE < REQUESTS_PER_WRITE - 1) {
      await ask(connection, 'GET', `/Slot?schedule=asked-${String(number)}`);
      continue;
    }
    // To and fro, so that every write moves the Slot: it and a unit change, in one commit.
    const place = Math.floor(count / REQUESTS_PER_WRITE) % 2;
    const slot = storedSlot(number, number, place, 'free');
    await ask(connection, 'PUT', `/Slot/${slot.id ?? ''}`, JSON.stringify(slot));
  }
  return count;
}

/** @throws {Error} for an answer that is none */
async function ask(connection: Connection, method: string, path: string, body?: string): Promise<void> {
  const { status, body: answer } = await connection.ask(requestText(method, path, body));
  if (status >= 300) throw new Error(`${method} ${path} was answered with ${String(status)}: ${answer.toString()}`);
}

function noteOf(name: string, turns: readonly Turn[], processors: number): string {
  const middle = (of: (turn: Turn) => number) => median(turns.map(of));
  const [first] = turns as readonly [Turn];
  const load = middle(({ used }) => used.load);
  const servers = first.used.servers.map((_, at) => middle(({ used }) => used.servers[at] ?? 0));
  const database = middle(({ used }) => used.database);
  const machine = middle(({ used }) => used.machine);
  const others = Math.max(0, machine - load - sumOf(servers) - database);
  const shares = [
    `load ${load.toFixed(2)}`,
    ...servers.map((share) => `server ${share.toFixed(2)}`),
    `database ${database.toFixed(2)}`,
    `others ${others.toFixed(2)}`,
    `all ${machine.toFixed(2)} of ${String(processors)}`,
  ];
  const rate = shortNumber(middle(({ perSecond }) => perSecond));
  const limit = limitOf({ load, servers, database, others }, processors);
  return `${name}: ${rate} requests per second; processors used: ${shares.join(', ')}; the limit is ${limit}`;
}

/** By the processors that each part keeps busy. */
function limitOf(
  { load, servers, database, others }: Omit<CpuTimes, 'machine'> & { readonly others: number },
  processors: number,
): string {
  if (load >= BUSY) return 'the load';
  if (servers.some((share) => share >= BUSY)) return 'a server process';
  const parts = { 'the load': load, 'the servers': sumOf(servers), 'the database': database, 'other programs': others };
  if (sumOf(Object.values(parts)) < BUSY * processors) return 'waiting for the database';
  const [greatest] = Object.entries(parts).sort(([, a], [, b]) => b - a);
  return `the machine, busy with ${greatest?.[0] ?? ''} most of all`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
