import type { Interval } from '../base/interval.js';

/** Intervals sorted by start, none empty, none touching another: made by `disjoint`, searched by `meets`. */
export type DisjointIntervals = readonly Interval[];

/** The same time as the intervals given, each instant once. */
export function disjoint(intervals: readonly Interval[]): DisjointIntervals {
  const sorted = intervals.filter((one) => one.startMs < one.endMs).sort((a, b) => a.startMs - b.startMs);
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = merged.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

/** Whether any of the intervals shares an instant with [startMs, endMs). */
export function meets(intervals: DisjointIntervals, startMs: number, endMs: number): boolean {
  const next = intervals[firstIndex(intervals.length, (index) => (intervals[index] as Interval).endMs > startMs)];
  return next !== undefined && next.startMs < endMs;
}

/** The first index below `length` where a condition holds, else `length`. Once it holds, it must hold for all after. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
