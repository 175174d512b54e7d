import { MINUTES_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { clockOf } from '../zones/index.js';
import { OpenTime } from './open-time.js';
import type { AvailabilityRule } from './types.js';
import { windowsWithin } from './windows.js';

/** How long a slot is when neither the question nor the rule says. */
const DURATION_MINUTES_DEFAULT = 20;

/** Longer slots are not offered: the span that a question may have at most (93 days) could not hold one. */
export const LENGTH_MINUTES_MAX = 93 * MINUTES_PER_DAY;

/** Where slots of one length may start under a rule, and the open time that they must fit in. */
export interface Grid {
  readonly windows: readonly Interval[];
  readonly open: OpenTime;
  /** From the start of a window to the first start, and from one start to the next. */
  readonly offsetMs: number;
  readonly stepMs: number;
}

/** The length of the slots that a rule offers; undefined for a length that it does not. @param asked in minutes */
export function lengthOffered(rule: AvailabilityRule, asked: number | undefined): number | undefined {
  const minutes = asked ?? rule.durationMinutes ?? DURATION_MINUTES_DEFAULT;
  if (rule.fixedDuration && minutes !== rule.durationMinutes) return undefined;
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= LENGTH_MINUTES_MAX ? minutes : undefined;
}

/**
 * The grid for slots of so many minutes that lie within a stretch of time.
 *
 * @throws {Fault} `invalid` for a zone or a date of the rule that cannot be read, or years beyond all calendars
 */
export function gridOf(rule: AvailabilityRule, lengthMinutes: number, within: Interval): Grid {
  const { single, merged } = windowsWithin(rule, clockOf(rule.zone), within);
  return {
    windows: merged,
    open: new OpenTime(single),
    offsetMs: rule.offsetMinutes * MS_PER_MINUTE,
    stepMs: Math.max(rule.intervalMinutes ?? lengthMinutes, 1) * MS_PER_MINUTE,
  };
}

/** Whether one of the grid's windows has a start there, on a whole minute of UTC. */
export function isStart(grid: Grid, startMs: number): boolean {
  if (!isWholeMinute(startMs)) return false;
  return grid.windows.some((window) => {
    const sinceFirstMs = startMs - (window.startMs + grid.offsetMs);
    return sinceFirstMs >= 0 && sinceFirstMs % grid.stepMs === 0 && startMs < window.endMs;
  });
}

/**
 * Whether a slot may start there: the id of a computed slot names minutes. Local mean times of old have faces between
 * two minutes of UTC.
 */
export function isWholeMinute(startMs: number): boolean {
  return startMs % MS_PER_MINUTE === 0;
}
