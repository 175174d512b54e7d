import type { Window } from './windows.js';

/**
 * The open time of a rule: the union of its windows, at each instant with the largest capacity that covers it.
 * Questions in the order of time cost nothing; it remembers where the last one ended.
 */
export class OpenTime {
  /** In order of time, not overlapping; they touch where the capacity changes and between windows. */
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

/** Windows cut at every instant where one of them begins or ends, each piece with the largest capacity there. */
function stretchesOf(windows: readonly Window[]): readonly Window[] {
  const sorted = [...windows].sort((a, b) => a.startMs - b.startMs);
  if (sorted.every((window, index) => index === 0 || (sorted[index - 1] as Window).endMs <= window.startMs))
    return sorted;

  const edges = [...new Set(sorted.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const stretches: Window[] = [];
  let open: Window[] = [];
  let upcoming = 0;
  edges.forEach((startMs, index) => {
    open = open.filter((window) => window.endMs > startMs);
    for (; upcoming < sorted.length && (sorted[upcoming] as Window).startMs <= startMs; upcoming += 1) {
      open.push(sorted[upcoming] as Window);
    }
    // At the last edge nothing is open any more.
    const endMs = edges[index + 1] ?? startMs;
    if (open.length > 0) stretches.push({ startMs, endMs, capacity: Math.max(...open.map((one) => one.capacity)) });
  });
  return stretches;
}
