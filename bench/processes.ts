import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Answer } from './connection.js';
import type { Bench } from './bench.js';

const COMMAND = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const BARE_SERVER = fileURLToPath(new URL('./bare-server.js', import.meta.url));
const PEAK_MEMORY = new URL('./peak-memory.js', import.meta.url).href;

/** Settings of the shell that the benchmark runs in must not reach what is measured. */
const CLEAN_ENVIRONMENT = { PATH: process.env['PATH'], TZ: 'UTC' };

/** What else runs in a process of the benchmark. */
export interface Preload {
  /** A module that is loaded before the program. */
  readonly module: string;
  /** Is given the process, to hear what the module sends. */
  readonly listen: (child: ChildProcess) => void;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
}

/** `fhir-slots serve` in a process of its own, on a free port. Resolves when it listens. */
export async function startServer(bench: Bench, storeUrl: string, preload?: Preload): Promise<Server> {
  const settings = ['--port', '0', '--log-level', 'warn', '--store-url', storeUrl];
  const child = spawn(process.execPath, [...nodeOptions(bench, preload), COMMAND, 'serve', ...settings], {
    stdio: ['ignore', 'pipe', 'inherit', ...(preload ? ['ipc' as const] : [])],
    env: CLEAN_ENVIRONMENT,
  });
  preload?.listen(child);
  bench.atEnd(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  let said = '';
  for await (const text of (child.stdout as Readable).setEncoding('utf8') as AsyncIterable<string>) {
    said += text;
    const port = /listens on http:\/\/[\d.]+:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return { port: Number(port), pid: child.pid ?? 0 };
  }
  throw new Error('The server ended before it listened.');
}

/** The least that `node:http` can do: sends a recorded answer to whatever it is asked. Resolves with the port. */
export async function startBareServer(bench: Bench, { headers, body }: Answer): Promise<number> {
  const child = fork(BARE_SERVER, { env: CLEAN_ENVIRONMENT });
  bench.atEnd(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  // These two Node writes by itself, here as there.
  const recorded = [...headers].filter(([name]) => !/^(date|connection|keep-alive)$/i.test(name)).flat();
  child.send({ headers: recorded, body: body.toString('base64') });
  const [port] = (await once(child, 'message')) as [number];
  return port;
}

export interface LoadRun {
  /** From start to exit of the process. */
  readonly seconds: number;
  readonly peakBytes: number;
}

/** `fhir-slots load FILE` in a process of its own. @throws {Error} where anything was refused */
export async function runLoad(bench: Bench, storeUrl: string, dataFile: string, preload?: Preload): Promise<LoadRun> {
  const command = [COMMAND, 'load', dataFile, '--store-url', storeUrl, '--log-level', 'warn'];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...nodeOptions(bench, preload), '--import', PEAK_MEMORY, ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(preload ? ['ipc' as const] : [])],
    env: CLEAN_ENVIRONMENT,
  });
  preload?.listen(child);
  const [, printed, complaints, peak] = child.stdio
    .slice(0, 4)
    .map((stream) => textOf(stream as AsyncIterable<Buffer> | null));
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  const seconds = (performance.now() - startedMs) / 1_000;
  if (exitCode !== 0) throw new Error(`load failed: ${await printed}${(await complaints)?.slice(0, 2_000)}`);
  return { seconds, peakBytes: Number(await peak) };
}

function nodeOptions({ options: { profileFolder } }: Bench, preload: Preload | undefined): readonly string[] {
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  return preload ? [...profile, '--import', preload.module] : profile;
}

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
