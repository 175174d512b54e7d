import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomFrom, type Random } from './random.js';
import type { Assignment, News } from './worker.js';
import type { Run } from './workload.js';

export interface TeamOptions {
  readonly workload: string;
  /** The fronts. Workers take them in turn. */
  readonly places: readonly string[];
  readonly run: Run;
  readonly processes: number;
  readonly seed: string;
  /** The folder of the journals. */
  readonly journals: string;
}

interface Member {
  readonly place: string;
  readonly name: string;
  readonly process: ChildProcess;
  /** Undefined until the worker works. */
  acknowledged: number | undefined;
  answered: number;
  ended: boolean;
  errors: string;
}

/** What only the tests of the team itself set. */
interface Means {
  /** The file of the worker. */
  readonly program: string;
  /** How long a worker may take to come to its end: longer than any single answer may. */
  readonly stopMsMax: number;
  /** How long a worker may do nothing, after a kill or a restart, before it is said to hang. */
  readonly standstillMsMax: number;
}

const MEANS: Means = {
  program: fileURLToPath(new URL('./worker.js', import.meta.url)),
  stopMsMax: 30_000,
  standstillMsMax: 60_000,
};
const LOOK_MS = 20;

/** The worker processes of a run. */
export class Team {
  readonly #members: Member[] = [];
  readonly #random: Random;
  readonly #offences: string[] = [];
  #stopping = false;

  constructor(
    private readonly options: TeamOptions,
    private readonly means = MEANS,
  ) {
    this.#random = randomFrom(options.seed);
  }

  /** Workers that ended by themselves, or hung. */
  get offences(): readonly string[] {
    return this.#offences;
  }

  /** How many attempts were answered, of the workers that have not been killed. */
  get answered(): number {
    return this.#members.reduce((sum, { answered }) => sum + answered, 0);
  }

  /** Whether any worker is at work: what is waited for may else never come. */
  get isAtWork(): boolean {
    return this.#members.some(({ ended }) => !ended);
  }

  /** Starts all workers. Resolves when each of them works. */
  async start(): Promise<void> {
    for (let at = 0; at < this.options.processes; at += 1) this.#members[at] = this.#begin(at, 0);
    await this.#until('worked', this.#members, ({ acknowledged }) => acknowledged !== undefined);
  }

  /** Kills a worker in the middle of its work, whichever, and starts another in its place. */
  async kill(generation: number): Promise<void> {
    const isAtWork = ({ acknowledged, ended }: Member) => acknowledged !== undefined && !ended;
    for (let waitedMs = 0; !this.#members.some(isAtWork); waitedMs += LOOK_MS) {
      if (waitedMs > this.means.standstillMsMax) throw new Error('No worker is at work.');
      await setTimeout(LOOK_MS);
    }
    const atWork = this.#members.filter(isAtWork);
    const member = atWork[this.#random(atWork.length)] as Member;
    member.ended = true;
    const exit = once(member.process, 'exit');
    member.process.kill('SIGKILL');
    await exit;
    const at = this.#members.indexOf(member);
    this.#members[at] = this.#begin(at, generation);
  }

  /** Waits until every worker at a front, or at all, has acknowledged something that it had not before. */
  async progress(place?: string): Promise<void> {
    const asked = this.#members.filter((member) => place === undefined || member.place === place);
    const before = new Map(asked.map((member) => [member, member.acknowledged ?? 0]));
    await this.#until('got on', asked, (member) => (member.acknowledged ?? 0) > (before.get(member) ?? 0));
  }

  /** Lets every worker end its step. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#members.map((member) => this.#stop(member)));
  }

  async #stop(member: Member): Promise<void> {
    if (member.ended) return;
    const exit = once(member.process, 'exit');
    if (member.process.connected) member.process.send('stop');
    const { stopMsMax } = this.means;
    const hangs = await Promise.race([exit.then(() => false), setTimeout(stopMsMax, true, { ref: false })]);
    if (!hangs) return;
    this.#offences.push(`${member.name} hangs: it did not stop within ${String(stopMsMax / 1_000)} s.`);
    member.ended = true;
    member.process.kill('SIGKILL');
    await exit;
  }

  #begin(at: number, generation: number): Member {
    const { workload, places, run, journals, seed } = this.options;
    const place = places[at % places.length] as string;
    const name = `w${String(at)}-${String(generation)}`;
    const assignment: Assignment = { workload, place, run, journals, worker: name, seed: `${seed} ${name}` };
    const process = fork(this.means.program, [JSON.stringify(assignment)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const member: Member = { place, name, process, acknowledged: undefined, answered: 0, ended: false, errors: '' };
    process.stderr?.setEncoding('utf8').on('data', (text: string) => (member.errors += text));
    process.on('message', (news: News) => Object.assign(member, news));
    process.on('exit', (code, signal) => {
      const meant = member.ended || (this.#stopping && code === 0);
      member.ended = true;
      if (!meant) this.#offences.push(`${name} ended by itself, ${String(signal ?? code)}: ${member.errors}`);
    });
    return member;
  }

  async #until(what: string, members: readonly Member[], holds: (member: Member) => boolean): Promise<void> {
    const { standstillMsMax } = this.means;
    for (let waitedMs = 0; waitedMs < standstillMsMax; waitedMs += LOOK_MS) {
      if (members.every((member) => holds(member) || member.ended)) return;
      await setTimeout(LOOK_MS);
    }
    const still = members.filter((member) => !holds(member) && !member.ended);
    for (const { name, place } of still) {
      this.#offences.push(`${name} at ${place} hangs: it has not ${what} within ${String(standstillMsMax / 1_000)} s.`);
    }
  }
}
