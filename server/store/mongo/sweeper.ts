import { faultOf } from './failures.js';
import { sweep, type ProtocolDeps } from './protocol/index.js';
import type { StoreLog } from './searcher.js';
import { withinTime } from './within-time.js';

/** How often unfinished commits are looked for; somewhat more or less, so that servers do not do it all at once. */
const SWEEP_EVERY_MS = 2_000;
/** How many of them are finished in one go. */
const RECORDS_MAX = 100;
/** A round that takes longer is left to itself: the next one must not wait for a database that does not answer. */
const ROUND_MS_MAX = 30_000;

/** Finishes, from time to time, the commits of servers that have died. Every server runs one. */
export class Sweeper {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    private readonly deps: ProtocolDeps,
    private readonly log: StoreLog,
  ) {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#running = this.#sweep().finally(() => this.#schedule());
      },
      SWEEP_EVERY_MS * (0.5 + this.deps.random()),
    );
    this.#timer.unref();
  }

  async #sweep(): Promise<void> {
    try {
      await withinTime(sweep(this.deps, RECORDS_MAX), ROUND_MS_MAX);
    } catch (error) {
      if (!this.#stopped) this.log.warn({ err: faultOf(error) }, 'Unfinished commits could not be looked for.');
    }
  }
}
