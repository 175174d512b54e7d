import { MS_PER_DAY } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { liveClaims, takesPlace } from './live.js';
import type { Claim, Unit, UnitSlot } from './types.js';

const SCHEDULE_TIMELINE = 'Schedule/';

/** What lies in some days of some timelines, each thing once. */
export interface JoinedUnits {
  /** By start. Each knows its Schedule. */
  readonly slots: readonly OwnedSlot[];
  readonly claims: readonly Claim[];
}

/** A stored Slot with the id of its Schedule. */
export interface OwnedSlot extends UnitSlot {
  readonly schedule: string;
}

/** Reads a unit document; where there is none, nothing lies in that day. Units of old have no claims. */
export function readUnit(text: string | undefined): Unit {
  const { slots = [], claims = [] } = text === undefined || text === '' ? {} : (JSON.parse(text) as Partial<Unit>);
  return { slots, claims };
}

/** The unit as it is stored from `nowMs` on: claims that have lapsed by then are left out. */
export function unitText(unit: Unit, nowMs: number): string {
  const claims = liveClaims(unit.claims, nowMs);
  return JSON.stringify({ slots: unit.slots, ...(claims.length > 0 && { claims }) });
}

/** The UTC days that an interval touches, in order, numbered since 1970-01-01. */
export function unitDaysOf({ startMs, endMs }: Interval): readonly number[] {
  const first = Math.floor(startMs / MS_PER_DAY);
  const count = Math.max(0, Math.ceil(endMs / MS_PER_DAY) - first);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Id of the unit document of a day. @param timeline `Schedule/s1`, `Practitioner/p1` */
export function timelineUnitId(timeline: string, day: number): string {
  return `${timeline}/${day}`;
}

/** The unit with a claim put in; what its owner had claimed of the same time in the same way is replaced. */
export function withClaim(unit: Unit, claim: Claim): Unit {
  const others = withoutClaim(unit, claim).claims;
  return { ...unit, claims: [...others, claim].sort((a, b) => a.startMs - b.startMs) };
}

/** The unit without one claim: its owner may have others there, and a Slot may be locked and disabled. */
export function withoutClaim(unit: Unit, claim: Claim): Unit {
  const going = keyOf(claim);
  return { ...unit, claims: unit.claims.filter((other) => keyOf(other) !== going) };
}

/** The unit with a Slot put in, in order of starts; the Slot of the same id that lay there is replaced. */
export function withSlot(unit: Unit, slot: UnitSlot): Unit {
  const slots = [...withoutSlot(unit, slot.id).slots, slot];
  return { ...unit, slots: slots.sort((a, b) => a.startMs - b.startMs) };
}

/** The unit without the Slot of an id. */
export function withoutSlot(unit: Unit, id: string): Unit {
  return { ...unit, slots: unit.slots.filter((slot) => slot.id !== id) };
}

/** What several units name, each Slot and each claim once: both stand in every day and timeline that they touch. */
export function joinUnits(units: readonly { readonly timeline: string; readonly unit: Unit }[]): JoinedUnits {
  const slots = new Map<string, OwnedSlot>();
  const claims = new Map<string, Claim>();
  for (const { timeline, unit } of units) {
    for (const slot of unit.slots) slots.set(slot.id, { ...slot, schedule: slot.schedule ?? scheduleOf(timeline) });
    for (const claim of unit.claims) claims.set(keyOf(claim), claim);
  }
  return {
    slots: [...slots.values()].sort((a, b) => a.startMs - b.startMs),
    claims: [...claims.values()].sort((a, b) => a.startMs - b.startMs),
  };
}

/** The Schedules of what lies in a unit. */
export function schedulesIn(timeline: string, { slots, claims }: Unit): ReadonlySet<string> {
  const ids = new Set(claims.map(({ schedule }) => schedule));
  for (const { schedule } of slots) ids.add(schedule ?? scheduleOf(timeline));
  return ids;
}

/** A Slot that names no Schedule lies on its Schedule's own timeline. */
function scheduleOf(timeline: string): string {
  return timeline.startsWith(SCHEDULE_TIMELINE) ? timeline.slice(SCHEDULE_TIMELINE.length) : timeline;
}

/** What makes a claim another one. A hold that is booked stays the same; a Slot may be locked and disabled at once. */
function keyOf(claim: Claim): string {
  const way = takesPlace(claim) ? 'place' : claim.kind;
  return `${claim.by} ${way} ${claim.schedule} ${claim.slot ?? ''} ${claim.startMs} ${claim.endMs}`;
}
