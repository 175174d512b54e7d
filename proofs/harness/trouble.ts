import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { randomFrom, shuffled, type Random } from './random.js';
import { counted } from './report.js';
import type { Team } from './team.js';

/** Shell commands: the first takes something away, the second brings it back. */
export interface AwayAndBack {
  readonly away: string;
  readonly back: string;
}

export interface Troubles {
  /** Workers killed, each followed by another in its place. */
  readonly kills: number;
  readonly restarts: number;
  readonly database?: AwayAndBack | undefined;
  readonly cuts: number;
  /** What cuts a front off, and the front that stays. */
  readonly front?: (AwayAndBack & { readonly other: string }) | undefined;
  /** The mean time from one trouble to the next. */
  readonly everyMs: number;
  readonly seed: string;
}

/** How long the database stays away at most, so that some calls meet it away and some see it come back. */
const AWAY_MS_MAX = 2_000;

/** Makes all troubles, mixed, each at a random moment. The work must get on after each restart and each cut. */
export async function makeTrouble(team: Team, troubles: Troubles): Promise<readonly string[]> {
  const random = randomFrom(`${troubles.seed} troubles`);
  const { kills, restarts, cuts, database, front } = troubles;
  let generation = 0;
  const makeKill = () => team.kill((generation += 1));
  const makeRestart = async () => database && (await restart(team, database, random));
  const makeCut = async () => front && (await cut(team, front));
  const all = [
    ...Array.from({ length: kills }, () => makeKill),
    ...Array.from({ length: restarts }, () => makeRestart),
    ...Array.from({ length: cuts }, () => makeCut),
  ];
  for (const make of shuffled(all, random)) {
    await setTimeout(random(2 * troubles.everyMs));
    await make();
  }
  await team.progress();
  return [
    `processes killed ${counted(kills)}, database restarts ${counted(restarts)}, fronts cut off ${counted(cuts)}`,
  ];
}

async function restart(team: Team, { away, back }: AwayAndBack, random: Random): Promise<void> {
  await shell(away);
  await setTimeout(random(AWAY_MS_MAX));
  await shell(back);
  await team.progress();
}

/** While one front is away, the workers at the other get on; when it is back, all do. */
async function cut(team: Team, { away, back, other }: AwayAndBack & { readonly other: string }): Promise<void> {
  await shell(away);
  await team.progress(other);
  await shell(back);
  await team.progress();
}

/** @throws {Error} where the command fails: what was to be proved was not tried */
async function shell(command: string): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`'${command}' ended with ${String(code)}.`);
}
