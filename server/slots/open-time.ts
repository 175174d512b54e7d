import { stretchesOf, type Window } from './stretches.js';

/**
 * The open time of a rule: the union of its windows, at each instant with the largest capacity that covers it.
 * Questions in the order of time cost nothing; it remembers where the last one ended.
 */
export class OpenTime {
  /** In order of time, not overlapping; they may touch. */
  readonly #stretches: readonly Window[];
  #at = 0;

  constructor(windows: readonly Window[]) {
    this.#stretches = stretchesOf(windows);
  }

  /** The least capacity within [startMs, endMs); 0 where any of it is closed. */
  leastCapacity(startMs: number, endMs: number): number {
    const stretches = this.#stretches;
    while (this.#at > 0 && (stretches[this.#at - 1] as Window).endMs > startMs) this.#at -= 1;
    while (this.#at < stretches.length && (stretches[this.#at] as Window).endMs <= startMs) this.#at += 1;
    let least = Infinity;
    let openUntilMs = startMs;
    for (let index = this.#at; index < stretches.length; index += 1) {
      const stretch = stretches[index] as Window;
      if (stretch.startMs > openUntilMs) return 0;
      least = Math.min(least, stretch.capacity);
      openUntilMs = stretch.endMs;
      if (openUntilMs >= endMs) return least;
    }
    return 0;
  }
}
