/**
 * Slot generation a second time, straight from the prose of docs/availability.md: minute by minute, with Temporal
 * for every conversion and no table, index or order to get wrong. Slow, and on purpose unlike the server's own.
 * All times must be whole minutes.
 */
import { Temporal } from 'temporal-polyfill';
import type { AvailabilityRule, Candidate, Occupied, SlotQuestion } from '../../server/slots/index.js';

const MINUTE = 60_000;

interface Opened {
  readonly date: string;
  startMs: number;
  endMs: number;
  readonly capacity: number;
}

/** What `listCandidates` should answer. */
export function naiveCandidates(
  rules: readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied: Occupied,
): readonly Candidate[] {
  const offered = new Map<string, Candidate>();
  rules.forEach((rule, index) => {
    for (const { startMs, endMs, capacity } of offeredBy(rule, question, occupied)) {
      const key = `${startMs} ${endMs}`;
      if (!offered.has(key)) offered.set(key, { startMs, endMs, rule: index, capacity });
    }
  });
  return [...offered.values()].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

function offeredBy(rule: AvailabilityRule, question: SlotQuestion, occupied: Occupied) {
  const minutes = question.durationMinutes ?? rule.durationMinutes ?? 20;
  if (rule.fixedDuration && minutes !== rule.durationMinutes) return [];
  const found: { startMs: number; endMs: number; capacity: number }[] = [];
  const windows = allWindows(rule, question);
  const starts = gridStarts(rule, windows, rule.intervalMinutes ?? minutes);
  const known = new Map<number, number>();
  const capacityAt = (ms: number): number => {
    const capacity = known.get(ms) ?? openCapacity(rule, windows, occupied, ms);
    known.set(ms, capacity);
    return capacity;
  };
  for (let startMs = question.startFromMs; startMs < question.startBeforeMs; startMs += MINUTE) {
    const endMs = startMs + minutes * MINUTE;
    if (!starts.has(startMs) || endMs > question.endByMs) continue;
    const open = minutesOf(startMs, endMs).map(capacityAt);
    const capacity = Math.min(...open);
    if (capacity === 0 || !hasRoom(rule, occupied, startMs, endMs, capacity)) continue;
    if (isTimely(rule, startMs, question.nowMs) && belowLimits(rule, startMs, occupied)) {
      found.push({ startMs, endMs, capacity });
    }
  }
  return found;
}

/** Steps 1 to 3: the windows of every date that can matter, those of one date not yet made one. */
function allWindows(rule: AvailabilityRule, question: SlotQuestion): Opened[] {
  const windows: Opened[] = [];
  const first = localAt(rule, question.startFromMs).toPlainDate().subtract({ days: 4 });
  const last = localAt(rule, question.startBeforeMs).toPlainDate().add({ days: 4 });
  for (let date = first; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    if (isSkipped(rule, date)) continue;
    const override = rule.overrides.find((one) => one.date === date.toString());
    const weekly = rule.hours.filter((one) => !one.daysOfWeek.length || one.daysOfWeek.includes(date.dayOfWeek as 1));
    for (const hours of override ? override.hours : weekly) {
      const endDate = hours.endMinute <= hours.startMinute ? date.add({ days: 1 }) : date;
      const window: Opened = {
        date: date.toString(),
        startMs: instantOf(rule, date, hours.startMinute),
        endMs: instantOf(rule, endDate, hours.endMinute),
        capacity: hours.capacity ?? rule.capacity,
      };
      let next = date.add({ days: 1 });
      while (isSkipped(rule, next)) next = next.add({ days: 1 });
      const firstOfNext = next.toZonedDateTime(rule.zone).epochMilliseconds;
      const isOverridden = rule.overrides.some((one) => one.date === next.toString());
      if (isOverridden && window.endMs > firstOfNext) window.endMs = firstOfNext;
      if (window.startMs < window.endMs) windows.push(window);
    }
  }
  return windows;
}

/** Step 4 and the grid: every minute at which a slot may start. */
function gridStarts(rule: AvailabilityRule, windows: readonly Opened[], intervalMinutes: number): Set<number> {
  const starts = new Set<number>();
  for (const date of new Set(windows.map((window) => window.date))) {
    const left = windows.filter((window) => window.date === date).map((window) => ({ ...window }));
    for (;;) {
      const pair = left.flatMap((a) =>
        left.filter((b) => a !== b && a.startMs <= b.endMs && b.startMs <= a.endMs).map((b) => [a, b] as const),
      )[0];
      if (!pair) break;
      const [a, b] = pair;
      a.startMs = Math.min(a.startMs, b.startMs);
      a.endMs = Math.max(a.endMs, b.endMs);
      left.splice(left.indexOf(b), 1);
    }
    for (const { startMs, endMs } of left) {
      for (let ms = startMs + rule.offsetMinutes * MINUTE; ms < endMs; ms += intervalMinutes * MINUTE) starts.add(ms);
    }
  }
  return starts;
}

/** Steps 4 to 6: the largest capacity that covers a minute; 0 for what is closed or taken away. */
function openCapacity(rule: AvailabilityRule, windows: readonly Opened[], occupied: Occupied, ms: number): number {
  if (rule.closures.some((closure) => covers(closure, ms))) return 0;
  if (!covers(occupied.horizon, ms) || occupied.blocked.some((blocked) => covers(blocked, ms))) return 0;
  return Math.max(0, ...windows.filter((window) => covers(window, ms)).map((window) => window.capacity));
}

/** At every minute of what it would occupy: no stored Slot, and fewer claims than its capacity. */
function hasRoom(
  rule: AvailabilityRule,
  occupied: Occupied,
  startMs: number,
  endMs: number,
  capacity: number,
): boolean {
  const [fromMs, toMs] = [startMs - rule.bufferBeforeMinutes * MINUTE, endMs + rule.bufferAfterMinutes * MINUTE];
  return minutesOf(fromMs, toMs).every((ms) => {
    const there = occupied.claims.filter((claim) => covers(claim, ms));
    const own = there.filter((claim) => claim.pool !== 'every' && claim.pool.name === rule.pool);
    const isBlocked = there.some((claim) => claim.pool === 'every') || occupied.blocked.some((one) => covers(one, ms));
    return !isBlocked && own.length < capacity;
  });
}

function isTimely(rule: AvailabilityRule, startMs: number, nowMs: number): boolean {
  if (rule.noticeMinutes !== undefined && startMs < nowMs + rule.noticeMinutes * MINUTE) return false;
  if (rule.bookingWindow === undefined) return true;
  if ('minutes' in rule.bookingWindow) return startMs <= nowMs + rule.bookingWindow.minutes * MINUTE;
  const last = localAt(rule, nowMs).toPlainDate().add({ days: rule.bookingWindow.days });
  return Temporal.PlainDate.compare(localAt(rule, startMs).toPlainDate(), last) <= 0;
}

function belowLimits(rule: AvailabilityRule, startMs: number, occupied: Occupied): boolean {
  const start = localAt(rule, startMs);
  return rule.limits.every(({ count, per }) => {
    const same = occupied.bookedStartsMs.filter((ms) => {
      const other = localAt(rule, ms);
      if (per === 'day') return other.toPlainDate().equals(start.toPlainDate());
      if (per === 'month') return other.year === start.year && other.month === start.month;
      return other.weekOfYear === start.weekOfYear && other.yearOfWeek === start.yearOfWeek;
    });
    return same.length < count;
  });
}

function isSkipped(rule: AvailabilityRule, date: Temporal.PlainDate): boolean {
  const next = date.add({ days: 1 });
  return date.toZonedDateTime(rule.zone).epochMilliseconds === next.toZonedDateTime(rule.zone).epochMilliseconds;
}

function instantOf({ zone }: AvailabilityRule, date: Temporal.PlainDate, minute: number): number {
  const time = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 });
  return date.toPlainDateTime(time).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

function localAt({ zone }: AvailabilityRule, ms: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();
}

function minutesOf(fromMs: number, toMs: number): number[] {
  const minutes: number[] = [];
  for (let ms = fromMs; ms < toMs; ms += MINUTE) minutes.push(ms);
  return minutes;
}

function covers({ startMs, endMs }: { startMs: number; endMs: number }, ms: number): boolean {
  return startMs <= ms && ms < endMs;
}
