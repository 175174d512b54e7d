import { MS_PER_DAY } from '../base/clock.js';
import { overlaps, type Interval } from '../base/interval.js';
import type { LocalClock } from '../zones/index.js';
import { dayPlansOf, type DayPlans } from './day-hours.js';
import { oncePerRule } from './once-per-rule.js';
import { disjoint } from './sorted-intervals.js';
import { stretchesOf, type Window } from './stretches.js';
import type { AvailabilityRule } from './types.js';

/** What a rule opens on some dates (docs/availability.md, 'From a rule to windows', steps 1 to 4). */
export interface Windows {
  /** With the capacity on each. Those of one date do not overlap, those of two may. */
  readonly single: readonly Window[];
  /** Those of one date that touch or overlap as one: on each lies a grid of its own. */
  readonly merged: readonly Interval[];
}

/**
 * An instant lies in a window of its own local date or of a neighbour: of the two before it, since a zone may skip a
 * date between, and of the one after, since clocks that go back over midnight show the old date again.
 */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 1;

/** How many days near a change of the clocks are kept of a rule; each change makes about four. */
const CHANGING_DAYS_MAX = 16;

const changingDaysOf = oncePerRule(() => new Map<number, Windows>());

/**
 * The windows of a rule that have an instant in common with a stretch of time.
 *
 * A window belongs to the day of its opening face and may reach into the next day, or past it where a zone skips
 * one whole.
 *
 * @param clock the clocks of the rule's zone
 */
export function windowsWithin(rule: AvailabilityRule, clock: LocalClock, within: Interval): Windows {
  const plans = dayPlansOf(rule);
  const single: Window[] = [];
  const merged: Interval[] = [];
  const toDay = clock.dayAt(within.endMs) + DAYS_AFTER;
  for (let day = clock.dayAt(within.startMs) - DAYS_BEFORE; day <= toDay; day += 1) {
    const plan = plans.of(day);
    if (plan.hours.length === 0) continue;
    const offsetMs = clock.offsetMsAround(day);
    if (offsetMs === undefined) {
      const known = changingDay(rule, plans, clock, day);
      single.push(...known.single.filter((window) => overlaps(window, within)));
      merged.push(...known.merged.filter((window) => overlaps(window, within)));
      continue;
    }
    const midnightMs = day * MS_PER_DAY - offsetMs;
    // The evening before is cut off where an override begins.
    const endMax = plans.isOverridden(day + 1) ? midnightMs + MS_PER_DAY : Infinity;
    const wanted = { startMs: within.startMs - midnightMs, endMs: Math.min(within.endMs, endMax) - midnightMs };
    if (wanted.startMs >= wanted.endMs) continue;
    // Written out: objects that are all made in one place are quick to read, and these are read for every slot.
    for (const face of plan.faces.open) {
      if (!overlaps(face, wanted)) continue;
      const endMs = Math.min(midnightMs + face.endMs, endMax);
      single.push({ startMs: midnightMs + face.startMs, endMs, capacity: face.capacity });
    }
    for (const face of plan.faces.merged) {
      if (!overlaps(face, wanted)) continue;
      merged.push({ startMs: midnightMs + face.startMs, endMs: Math.min(midnightMs + face.endMs, endMax) });
    }
  }
  return { single, merged };
}

function changingDay(rule: AvailabilityRule, plans: DayPlans, clock: LocalClock, day: number): Windows {
  const kept = changingDaysOf(rule);
  const known = kept.get(day);
  if (known) return known;
  const windows = windowsByFace(plans, clock, day);
  if (kept.size >= CHANGING_DAYS_MAX) kept.clear();
  kept.set(day, windows);
  return windows;
}

/** The windows of a day near which the clocks change: each face is looked up. */
function windowsByFace(plans: DayPlans, clock: LocalClock, day: number): Windows {
  const startOfNext = clock.startOfDay(day + 1);
  // A date that the zone skips whole has no windows.
  if (clock.startOfDay(day) === startOfNext) return { single: [], merged: [] };
  // The evening before is cut off where an override begins; the day after a skipped one follows on this one.
  const next = clock.startOfDay(day + 2) === startOfNext ? day + 2 : day + 1;
  const endMax = plans.isOverridden(next) ? startOfNext : Infinity;
  const windows: Window[] = [];
  for (const { startMinute, endMinute, capacity } of plans.of(day).hours) {
    const startMs = clock.instantOfFace(day, startMinute);
    // Midnight is crossed when the clock faces say so, never when the instants do: on the night clocks go
    // forward, 02:30–03:00 turns into 03:30–03:00, which is no window, not one of 24 hours.
    const endDay = endMinute > startMinute ? day : day + 1;
    const endMs = Math.min(clock.instantOfFace(endDay, endMinute), endMax);
    if (startMs < endMs) windows.push({ startMs, endMs, capacity });
  }
  return { single: stretchesOf(windows), merged: disjoint(windows) };
}
