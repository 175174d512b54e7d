import type { Interval } from '../base/interval.js';
import { firstIndex } from './sorted-intervals.js';

/** Open time, with the number of bookings that may overlap there. */
export interface Window extends Interval {
  readonly capacity: number;
}

/**
 * Windows as stretches in order of time that do not overlap: at each instant the largest capacity that covers it.
 * Those that touch differ in capacity, unless the windows given did not overlap to begin with.
 */
export function stretchesOf(windows: readonly Window[]): readonly Window[] {
  const sorted = isInOrder(windows) ? windows : [...windows].sort((a, b) => a.startMs - b.startMs);
  return areApart(sorted) ? sorted : joined(cutAtEdges(sorted));
}

/** At every instant where a window begins or ends; between two that touch, capacity 0 where nothing is open. */
function cutAtEdges(windows: readonly Window[]): readonly Window[] {
  const edges = [...new Float64Array(windows.flatMap(({ startMs, endMs }) => [startMs, endMs])).sort()];
  const edgesMs = edges.filter((ms, index) => ms !== edges[index - 1]);
  const indexOf = (ms: number) => firstIndex(edgesMs.length, (index) => (edgesMs[index] as number) >= ms);
  const capacities = edgesMs.map(() => 0);
  // The largest capacity comes first and each piece takes what comes first. From a piece that has its capacity,
  // `onward` leads towards the next without, so that none is looked at for every window that covers it.
  const onward = edgesMs.map((_, index) => index);
  const firstWithout = (from: number): number => {
    let at = from;
    for (let next = onward[at] as number; next !== at; next = onward[at] as number) {
      at = onward[at] = onward[next] as number;
    }
    return at;
  };
  for (const { startMs, endMs, capacity } of [...windows].sort((a, b) => b.capacity - a.capacity)) {
    const end = indexOf(endMs);
    for (let at = firstWithout(indexOf(startMs)); at < end; at = firstWithout(at)) {
      capacities[at] = capacity;
      onward[at] = at + 1;
    }
  }
  // After the last edge nothing is open.
  return edgesMs.slice(1).map((endMs, index) => {
    return { startMs: edgesMs[index] as number, endMs, capacity: capacities[index] as number };
  });
}

/** What touches and has the same capacity as one; without what is closed. */
function joined(pieces: readonly Window[]): readonly Window[] {
  const stretches: { startMs: number; endMs: number; capacity: number }[] = [];
  for (const piece of pieces) {
    const last = stretches.at(-1);
    if (piece.capacity === 0) continue;
    if (last?.endMs === piece.startMs && last.capacity === piece.capacity) last.endMs = piece.endMs;
    else stretches.push({ ...piece });
  }
  return stretches;
}

function isInOrder(windows: readonly Window[]): boolean {
  return windows.every((window, index) => index === 0 || (windows[index - 1] as Window).startMs <= window.startMs);
}

function areApart(sorted: readonly Window[]): boolean {
  return sorted.every((window, index) => index === 0 || (sorted[index - 1] as Window).endMs <= window.startMs);
}
