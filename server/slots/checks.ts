import { MS_PER_MINUTE } from '../base/clock.js';
import { dayInterval, type LocalClock } from '../zones/index.js';
import { claimLoad, largestLoad } from './claim-load.js';
import { periodOf } from './limit-periods.js';
import { oncePerRule } from './once-per-rule.js';
import { disjoint, meets } from './sorted-intervals.js';
import type { AvailabilityRule, Limit, Occupied, Refusal } from './types.js';

/**
 * One condition of docs/availability.md, 'From windows to slots'. Listing asks whether any check refuses,
 * booking asks which do: so the two cannot disagree.
 */
export interface Check {
  readonly refusal: Refusal;
  /** @param capacity how many bookings may overlap in the slot */
  refuses(startMs: number, endMs: number, capacity: number): boolean;
}

const closuresOf = oncePerRule(({ closures, overrides, zone }) => {
  const closedDays = overrides.filter(({ hours }) => hours.length === 0).map(({ date }) => dayInterval(zone, date));
  return disjoint([...closures, ...closedDays]);
});

/** The rule's own closed time: its closures, and the days that an override leaves without hours. */
export function closureCheck(rule: AvailabilityRule): Check {
  const closures = closuresOf(rule);
  return { refusal: 'closure', refuses: (startMs, endMs) => meets(closures, startMs, endMs) };
}

/** All checks that can refuse anything here; whether the slot lies on the grid and in the hours is asked before. */
export function checksOf(
  rule: AvailabilityRule,
  clock: LocalClock,
  occupied: Occupied,
  nowMs: number,
): readonly Check[] {
  return [
    ...(closuresOf(rule).length > 0 ? [closureCheck(rule)] : []),
    ...horizonCheck(occupied),
    ...occupationChecks(rule, occupied),
    ...noticeCheck(rule, nowMs),
    ...bookingWindowCheck(rule, clock, nowMs),
    ...rule.limits.flatMap((limit) => limitCheck(limit, clock, occupied.bookedStartsMs)),
  ];
}

function horizonCheck({ horizon }: Occupied): readonly Check[] {
  if (horizon.startMs === -Infinity && horizon.endMs === Infinity) return [];
  const refuses = (startMs: number, endMs: number) => startMs < horizon.startMs || endMs > horizon.endMs;
  return [{ refusal: 'horizon', refuses }];
}

/** What the slot would occupy, its buffers included, keeps off stored Slots and needs room beside the claims. */
function occupationChecks(rule: AvailabilityRule, occupied: Occupied): readonly Check[] {
  const beforeMs = rule.bufferBeforeMinutes * MS_PER_MINUTE;
  const afterMs = rule.bufferAfterMinutes * MS_PER_MINUTE;
  const checks: Check[] = [];
  if (occupied.blocked.length > 0) {
    const blocked = disjoint(occupied.blocked);
    const refuses = (startMs: number, endMs: number) => meets(blocked, startMs - beforeMs, endMs + afterMs);
    checks.push({ refusal: 'blocked', refuses });
  }
  const load = claimLoad(occupied.claims, rule.pool);
  if (load.edgesMs.length > 0) {
    const refuses = (startMs: number, endMs: number, capacity: number) =>
      largestLoad(load, startMs - beforeMs, endMs + afterMs) >= capacity;
    checks.push({ refusal: 'taken', refuses });
  }
  return checks;
}

function noticeCheck({ noticeMinutes }: AvailabilityRule, nowMs: number): readonly Check[] {
  if (noticeMinutes === undefined) return [];
  const earliestMs = nowMs + noticeMinutes * MS_PER_MINUTE;
  return [{ refusal: 'notice', refuses: (startMs) => startMs < earliestMs }];
}

function bookingWindowCheck({ bookingWindow }: AvailabilityRule, clock: LocalClock, nowMs: number): readonly Check[] {
  if (bookingWindow === undefined) return [];
  if ('minutes' in bookingWindow) {
    const latestMs = nowMs + bookingWindow.minutes * MS_PER_MINUTE;
    return [{ refusal: 'window', refuses: (startMs) => startMs > latestMs }];
  }
  const lastDay = clock.dayAt(nowMs) + bookingWindow.days;
  return [{ refusal: 'window', refuses: (startMs) => clock.dayAt(startMs) > lastDay }];
}

/** Refuses starts in a local day, ISO week or month in which as many Appointments start as the limit allows. */
function limitCheck(limit: Limit, clock: LocalClock, bookedStartsMs: readonly number[]): readonly Check[] {
  const periodAt = periodOf(limit.per, clock);
  const counts = new Map<number | string, number>();
  for (const startMs of bookedStartsMs) counts.set(periodAt(startMs), (counts.get(periodAt(startMs)) ?? 0) + 1);
  const full = new Set([...counts].filter(([, count]) => count >= limit.count).map(([period]) => period));
  return full.size === 0 ? [] : [{ refusal: 'limit', refuses: (startMs) => full.has(periodAt(startMs)) }];
}
