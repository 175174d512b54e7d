import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { deserialize } from 'node:v8';
import type { Write } from '../../server/store/index.js';
import type { Preload } from '../processes.js';

/** Longer than a message takes from one process to the other. */
const QUIET_MS = 300;

/** What one call of `Store.commit` was given. */
export type Commit = readonly Write[];

/** Hears of the commits of a server that is started with its `preload`. */
export class CommitListener {
  #heard: Commit[] = [];
  #lastMs = 0;

  readonly preload: Preload = {
    module: new URL('./note-commits.js', import.meta.url).href,
    listen: (child: ChildProcess) =>
      child.on('message', (text) => {
        this.#heard.push(deserialize(Buffer.from(text as string, 'base64')) as Commit);
        this.#lastMs = performance.now();
      }),
  };

  /** The commits since the last time, in the order in which they came to stand. */
  async take(): Promise<readonly Commit[]> {
    do await setTimeout(QUIET_MS);
    while (performance.now() - this.#lastMs < QUIET_MS);
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }
}
