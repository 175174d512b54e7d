import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workloadNamed } from '../workloads/index.js';
import { readJournals } from './journal.js';
import { leftoversAt } from './leftovers.js';
import type { Options } from './options.js';
import { figuresOf, print } from './report.js';
import { Team } from './team.js';
import { patiently } from './work.js';
import type { Findings } from './workload.js';

/** What happens to the workers while they work: nothing for a while, or kills and cuts. Answers what to print of it. */
export type Trouble = (team: Team) => Promise<readonly string[]>;

/**
 * Sets a team of processes to work, makes trouble, stops them, and looks whether all is as it must be. Prints what it
 * found, and sets the exit code to 1 where something is wrong.
 */
export async function proveUnderLoad(options: Options, trouble: Trouble): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fhir-slots-proof-'));
  const places = options.places.length > 0 ? options.places : [`sqlite:${join(folder, 'store.db')}`];
  const journals = join(folder, 'journals');
  mkdirSync(journals);
  const { workload: name, processes, seed, documents } = options;
  // The process id sets apart runs with one seed on one store.
  const run = { id: `s${seed.replace(/[^A-Za-z0-9]/g, '')}p${String(process.pid)}`, documents };
  print(`${name} on ${places.map(withoutSecret).join(' and ')}`);
  print(`${String(processes)} processes, ${String(documents)} documents, seed ${seed}, run ${run.id}`);

  const [place = ''] = places;
  const scene = await (await workloadNamed(name)).open(place, run);
  try {
    await scene.prepare();
    const team = new Team({ workload: name, places, run, processes, seed, journals });
    const startedMs = performance.now();
    let told: readonly string[] = [];
    try {
      await team.start();
      told = await trouble(team);
    } finally {
      await team.stop();
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    const { attempts, complaints } = readJournals(journals);
    const leftovers = await settled(() => leftoversAt(place));
    const findings = await settled(() => scene.check(attempts));
    for (const line of [...told, ...figuresOf(attempts, seconds), ...leftovers.notes, ...findings.notes]) print(line);
    conclude([...team.offences, ...complaints, ...leftovers.offences, ...findings.offences], folder);
  } finally {
    await scene.close();
  }
}

const TRIES_MAX = 20;

/** Connections that were made before a restart may fail once more each. */
async function settled(look: () => Promise<Findings>): Promise<Findings> {
  let tries = 0;
  const findings = await patiently(look, () => (tries += 1) > TRIES_MAX);
  return findings ?? { offences: ['The database is away after the end, so that nothing could be checked.'], notes: [] };
}

const OFFENCES_SHOWN = 20;

function conclude(offences: readonly string[], folder: string): void {
  if (offences.length === 0) {
    print('Nothing is wrong.');
    rmSync(folder, { recursive: true });
    return;
  }
  process.exitCode = 1;
  print(`WRONG: ${String(offences.length)} offences; the journals are in ${folder}`);
  for (const offence of offences.slice(0, OFFENCES_SHOWN)) print(`- ${offence}`);
  if (offences.length > OFFENCES_SHOWN) print(`- and ${String(offences.length - OFFENCES_SHOWN)} more`);
}

/** A store URL without what stands before its `@`. */
function withoutSecret(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//…@');
}
