import { setImmediate, setTimeout } from 'node:timers/promises';
import { isAway, textOf } from './journal.js';
import type { Worker } from './workload.js';

/** How long a worker rests after a step that failed, so that an absent database is not asked without a pause. */
const REST_MS = 50;

/** Repeats the step until told to stop. Goes on after a step that failed; one that should not have is journaled. */
export async function work(step: () => Promise<void>, worker: Worker, isStopped: () => boolean): Promise<void> {
  while (!isStopped()) {
    try {
      await step();
      // A store that answers without waiting would else keep the word to stop from being heard.
      await setImmediate();
    } catch (thrown) {
      if (!isAway(thrown)) worker.complain(`a step failed: ${textOf(thrown)}`);
      await setTimeout(REST_MS);
    }
  }
}

/**
 * Repeats something that needs what may be away, until it has been there or nobody wants it any more.
 *
 * @throws what says something else than that it is away
 */
export async function patiently<T>(act: () => Promise<T>, isStopped: () => boolean): Promise<T | undefined> {
  while (!isStopped()) {
    try {
      return await act();
    } catch (thrown) {
      if (!isAway(thrown)) throw thrown;
      await setTimeout(REST_MS);
    }
  }
  return undefined;
}
