/** The program of one worker. Started by `team.ts`, with an `Assignment` as its argument. */
import { workloadNamed } from '../workloads/index.js';
import { JournalingWorker, journalFile } from './journal.js';
import { randomFrom } from './random.js';
import { patiently, work } from './work.js';
import type { Run } from './workload.js';

export interface Assignment {
  readonly workload: string;
  readonly place: string;
  readonly run: Run;
  readonly worker: string;
  readonly seed: string;
  readonly journals: string;
}

/** What a worker tells the harness: how many attempts were answered so far. The first means that it works. */
export interface News {
  readonly acknowledged: number;
  /** With those that were refused. */
  readonly answered: number;
}

const NEWS_MS = 100;

const assignment = JSON.parse(process.argv[2] ?? '') as Assignment;
const { run, seed, journals, place } = assignment;
let stopped = false;
process.on('message', () => (stopped = true));
// Whoever started it is gone: nobody is left to stop it.
process.on('disconnect', () => process.exit(1));

const isStopped = () => stopped;
const workload = await workloadNamed(assignment.workload);
const scene = await patiently(() => workload.open(place, run), isStopped);
if (scene) {
  const journal = journalFile(journals, assignment.worker);
  const worker = new JournalingWorker(assignment.worker, randomFrom(seed), journal.write);
  const tell = () => process.send?.({ acknowledged: worker.acknowledged, answered: worker.answered } satisfies News);
  tell();
  const news = setInterval(tell, NEWS_MS);
  await work(scene.stepOf(worker), worker, isStopped);
  clearInterval(news);
  journal.close();
  await scene.close();
}
process.removeAllListeners('disconnect');
process.disconnect();
