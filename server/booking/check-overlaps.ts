import type { FhirResource, Schedule } from 'fhir/r4.js';
import { instantText, MS_PER_MINUTE } from '../base/clock.js';
import { Fault } from '../base/fault.js';
import { ALWAYS, overlaps, type Interval } from '../base/interval.js';
import { occupiedBy, occupiedTime, takesPlace, type Claim, type OwnedSlot } from '../claims/index.js';
import { judge } from '../slots/index.js';
import type { CheckedStore } from './check-claims.js';
import type { ScheduleRule } from './read-rules.js';
import { factsOf } from './schedule-facts.js';
import { actorKeysOf } from './schedule-reader.js';
import { timelinesOf } from './timelines.js';

/** Times to come that somebody has twice, or that more have than may: a sentence for each. */
export function overlapOffences(content: CheckedStore): string[] {
  const toCome = content.claims.filter((claim) => occupiedTime(claim).endMs > content.nowMs && claim.kind !== 'busy');
  return [
    ...byTimeline(content, toCome).flatMap(({ timeline, claims }) => meetingOffences(timeline, claims)),
    ...storedOffences(content, toCome.filter(takesPlace)),
    ...computedOffences(content, toCome.filter(takesPlace)),
  ];
}

function byTimeline({ timelines }: CheckedStore, claims: readonly Claim[]) {
  const lists = new Map<string, Claim[]>();
  for (const claim of claims) {
    for (const timeline of timelines.get(claim.schedule) ?? timelinesOf(claim.schedule, undefined)) {
      const list = lists.get(timeline) ?? [];
      lists.set(timeline, list);
      list.push(claim);
    }
  }
  return [...lists].map(([timeline, list]) => ({ timeline, claims: list }));
}

/** Claims that may not meet at all: of different Schedules, of different Slots where one is stored. */
function meetingOffences(timeline: string, claims: readonly Claim[]): string[] {
  return pairsIn(claims)
    .filter(([a, b]) => a.by !== b.by && !countTogether(a, b))
    .map(([a, b]) => `${timeline} has ${textOf(a)} and ${textOf(b)} at once.`);
}

/** Pairs whose times overlap, buffers included. */
function pairsIn(claims: readonly Claim[]): [Claim, Claim][] {
  const inOrder = [...claims].sort((a, b) => occupiedTime(a).startMs - occupiedTime(b).startMs);
  const pairs: [Claim, Claim][] = [];
  let open: Claim[] = [];
  for (const claim of inOrder) {
    open = open.filter((before) => overlaps(occupiedTime(before), occupiedTime(claim)));
    pairs.push(...open.map((before): [Claim, Claim] => [before, claim]));
    open.push(claim);
  }
  return pairs;
}

/** Whether a capacity says how many of them may meet. */
function countTogether(a: Claim, b: Claim): boolean {
  if (a.schedule !== b.schedule || a.stored !== b.stored) return false;
  return a.stored ? a.slot === b.slot : true;
}

function storedOffences({ slots }: CheckedStore, places: readonly Claim[]): string[] {
  const bySlot = new Map<string, number>();
  for (const { stored, slot } of places)
    if (stored && slot !== undefined) bySlot.set(slot, (bySlot.get(slot) ?? 0) + 1);
  return slots
    .filter(({ id, capacity = 1 }) => (bySlot.get(id) ?? 0) > capacity)
    .map(({ id, capacity = 1 }) => `Slot/${id} takes ${capacity}, and ${bySlot.get(id) ?? 0} have it.`);
}

function computedOffences(content: CheckedStore, places: readonly Claim[]): string[] {
  const bySchedule = new Map<string, Claim[]>();
  for (const claim of places) {
    if (!claim.stored) bySchedule.set(claim.schedule, [...(bySchedule.get(claim.schedule) ?? []), claim]);
  }
  return [...bySchedule].flatMap(([id, claims]) => {
    const rules = rulesOf(content, id);
    const stored = content.slots.filter((slot) => slot.schedule === id);
    return claims.flatMap((claim) => [
      ...blockedOffences(claim, stored),
      ...(isOverCapacity(claim, claims, rules) ? [`More than may be had at once: ${textOf(claim)}.`] : []),
    ]);
  });
}

function blockedOffences(claim: Claim, stored: readonly OwnedSlot[]): string[] {
  return stored
    .filter((slot) => overlaps(slot, occupiedTime(claim)))
    .map(({ id }) => `Slot/${id} lies over ${textOf(claim)}.`);
}

/** The rules as they are now, which may have become narrower since it was booked; none: they are not asked. */
function isOverCapacity(claim: Claim, all: readonly Claim[], rules: readonly ScheduleRule[]): boolean {
  const others = all.filter(({ by }) => by !== claim.by);
  const occupied = occupiedBy({ slots: [], claims: others }, { id: claim.schedule, horizon: ALWAYS }, -Infinity);
  const ofPool = rules.filter(({ pool }) => pool === claim.pool);
  if (ofPool.length === 0) return false;
  const asBooked = ofPool.map((rule) => ({
    ...rule,
    bufferBeforeMinutes: claim.bufferBeforeMs / MS_PER_MINUTE,
    bufferAfterMinutes: claim.bufferAfterMs / MS_PER_MINUTE,
  }));
  return judge(asBooked, claim, occupied, claim.startMs).refusals.includes('taken');
}

function rulesOf({ resources, base, defaultZone }: CheckedStore, id: string): readonly ScheduleRule[] {
  const schedule = resources.get(`Schedule/${id}`) as Schedule | undefined;
  if (!schedule) return [];
  const actors = actorKeysOf(schedule, base).flatMap((key): FhirResource[] => {
    const actor = resources.get(`${key.type}/${key.id}`);
    return actor ? [actor] : [];
  });
  try {
    return factsOf(schedule, actors, defaultZone).rules;
  } catch (error) {
    // Rules that cannot be read offer nothing, and so tell nothing of what was booked.
    if (error instanceof Fault) return [];
    throw error;
  }
}

function textOf(claim: Claim & Interval): string {
  const time = `${instantText(claim.startMs)}/${instantText(claim.endMs)}`;
  return `${claim.by} (${claim.kind}, Schedule/${claim.schedule}, ${time})`;
}
