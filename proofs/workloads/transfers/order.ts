import { seenBy, type Chain } from './chains.js';
import type { Made } from './documents.js';

const SHOWN = 6;

/**
 * All commits that happened can be put into one order in which each found what it rests on, checks included, and in
 * which those of one worker follow each other as they were answered. Where they cannot, a check was not kept.
 */
export function orderOffences(chains: readonly Chain[], done: readonly Made[]): readonly string[] {
  const laterThan = followersOf(chains, done);
  const waitsFor = new Map(done.map((attempt) => [attempt, 0]));
  for (const followers of laterThan.values()) for (const one of followers) add(waitsFor, one, 1);
  const ready = done.filter((attempt) => waitsFor.get(attempt) === 0);
  for (let attempt = ready.pop(); attempt; attempt = ready.pop()) {
    waitsFor.delete(attempt);
    for (const follower of laterThan.get(attempt) ?? []) if (add(waitsFor, follower, -1) === 0) ready.push(follower);
  }
  if (waitsFor.size === 0) return [];
  const circle = circleIn(laterThan, new Set(waitsFor.keys()));
  const ids = circle.slice(0, SHOWN).map(({ id }) => id);
  return [`These commits happened, and cannot have in any order: ${ids.join(' before ')} before ${ids[0] ?? ''}.`];
}

/** Which commits must have happened after each one. */
function followersOf(chains: readonly Chain[], done: readonly Made[]): ReadonlyMap<Made, Set<Made>> {
  const followers = new Map(done.map((attempt) => [attempt, new Set<Made>()]));
  const order = (before: Made | undefined, after: Made | undefined) => {
    if (before && after && before !== after) followers.get(before)?.add(after);
  };
  const writers = chains.map(({ links }) => new Map(links.map(({ revision, attempt }) => [revision, attempt])));
  for (const attempt of done) {
    for (const { account, revision } of seenBy(attempt)) {
      order(writers[account]?.get(revision - 1), attempt);
      order(attempt, writers[account]?.get(revision));
    }
  }
  const last = new Map<string, Made>();
  for (const attempt of done) {
    order(last.get(attempt.worker), attempt);
    // What was not answered may have happened later than what the worker did next.
    if (attempt.outcome === 'acknowledged') last.set(attempt.worker, attempt);
  }
  return followers;
}

/** Goes back from any of the commits that are left until one is met again. Each waits for another that is left. */
function circleIn(followers: ReadonlyMap<Made, Set<Made>>, left: ReadonlySet<Made>): readonly Made[] {
  const before = new Map<Made, Made>();
  for (const one of left) for (const follower of followers.get(one) ?? []) before.set(follower, one);
  const path: Made[] = [];
  let [at] = left;
  while (at && !path.includes(at)) {
    path.push(at);
    at = before.get(at);
  }
  return at ? path.slice(path.indexOf(at)).toReversed() : path;
}

function add(counts: Map<Made, number>, attempt: Made, by: number): number {
  const count = (counts.get(attempt) ?? 0) + by;
  counts.set(attempt, count);
  return count;
}
