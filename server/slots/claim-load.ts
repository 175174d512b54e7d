import { firstIndex } from './sorted-intervals.js';
import type { ClaimedTime } from './types.js';

/** How many claims of one pool lie at each instant. */
export interface ClaimLoad {
  /** Where the load changes, sorted. Before the first it is 0. */
  readonly edgesMs: readonly number[];
  /** The load from each edge to the next; Infinity where a claim blocks whatever the capacity. */
  readonly loads: readonly number[];
}

/** The load of a pool: its own claims count one each, those of `every` pool leave no room at all. */
export function claimLoad(claims: readonly ClaimedTime[], pool: string | undefined): ClaimLoad {
  const steps: { atMs: number; booked: number; blocking: number }[] = [];
  for (const { startMs, endMs, pool: claimed } of claims) {
    if (!(startMs < endMs) || (claimed !== 'every' && claimed.name !== pool)) continue;
    const [booked, blocking] = claimed === 'every' ? [0, 1] : [1, 0];
    steps.push({ atMs: startMs, booked, blocking }, { atMs: endMs, booked: -booked, blocking: -blocking });
  }
  steps.sort((a, b) => a.atMs - b.atMs);
  const edgesMs: number[] = [];
  const loads: number[] = [];
  let booked = 0;
  let blocking = 0;
  for (const step of steps) {
    booked += step.booked;
    blocking += step.blocking;
    if (edgesMs.at(-1) !== step.atMs) edgesMs.push(step.atMs);
    loads[edgesMs.length - 1] = blocking > 0 ? Infinity : booked;
  }
  return { edgesMs, loads };
}

/** The largest load within [startMs, endMs). */
export function largestLoad({ edgesMs, loads }: ClaimLoad, startMs: number, endMs: number): number {
  const next = firstIndex(edgesMs.length, (index) => (edgesMs[index] as number) > startMs);
  let largest = loads[next - 1] ?? 0;
  for (let index = next; index < edgesMs.length && (edgesMs[index] as number) < endMs; index += 1) {
    largest = Math.max(largest, loads[index] as number);
  }
  return largest;
}
