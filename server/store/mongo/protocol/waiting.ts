import { Fault, fault } from '../../../base/fault.js';
import type { ProtocolDeps } from './deps.js';

/** How long a writer waits for others in all; longer than a commit of a few documents may take (`COMMIT_MS_MAX`). */
export const WAIT_MS_MAX = 4_000;
/** How long a writer goes on asking what became of an operation whose answer was lost. */
export const INSIST_MS_MAX = 1_500;
/** Pauses grow from the one to the other. */
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

type Waiting = Pick<ProtocolDeps, 'clock' | 'pause' | 'random'>;

/** Pauses that grow, up to a limit of time that runs from the making of this. */
export class Patience {
  readonly #deps: Waiting;
  readonly #endMs: number;
  #pauseMs = PAUSE_MS;

  constructor(deps: Waiting, limitMs: number) {
    this.#deps = deps;
    this.#endMs = deps.clock.nowMs() + limitMs;
  }

  isOver(): boolean {
    return this.#deps.clock.nowMs() >= this.#endMs;
  }

  async wait(): Promise<void> {
    const ms = this.#pauseMs * (0.5 + this.#deps.random() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    await this.#deps.pause(ms);
  }
}

/**
 * Repeats an action whose answers may be lost until it has one.
 *
 * @param action answers undefined where it is not known yet; what it throws counts as a lost answer, a Fault does not
 * @param cause the lost answer that made this necessary
 * @throws {Fault} `unavailable`, saying that the outcome is unknown
 */
export async function insist<T>(deps: Waiting, action: () => Promise<T | undefined>, cause?: unknown): Promise<T> {
  const patience = new Patience(deps, INSIST_MS_MAX);
  let lost = cause;
  for (;;) {
    try {
      const answer = await action();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof Fault) throw error;
      lost = error;
    }
    if (patience.isOver()) throw unknownOutcome(lost);
    await patience.wait();
  }
}

/** The Fault of a writer whose patience is over. */
export function inTheWay(): Fault {
  return fault('unavailable', 'Other commits stand in the way. Nothing was written. Try again.');
}

/** The Fault of a writer that cannot find out whether its commit stands. It must never say `stale` instead. */
export function unknownOutcome(cause?: unknown): Fault {
  const message = 'The outcome is unknown: the database did not answer. Read what is there before trying again.';
  return fault('unavailable', message, undefined, cause);
}
