import type { Clock } from '../base/clock.js';

/**
 * npm passes a Ctrl-C on to us that the terminal has sent us already. A signal that follows so closely is the same
 * wish, not impatience.
 */
const SAME_WISH_MS = 500;

/** 128 + the number of the signal, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Resolves with the first signal to stop; one more, later, leaves at once whatever is still going on. */
export function untilStopped(clock: Clock): Promise<keyof typeof EXIT_CODES> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (firstMs === undefined) {
          firstMs = clock.nowMs();
          resolve(signal);
        } else if (clock.nowMs() - firstMs > SAME_WISH_MS) {
          process.exit(EXIT_CODES[signal]);
        }
      });
    }
  });
}
