import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { clockOf } from '../zones/index.js';
import { checksOf, closureCheck } from './checks.js';
import { gridOf, isStart, lengthOffered } from './grid.js';
import type { AvailabilityRule, Occupied, Refusal } from './types.js';

/** What the rules say of a stretch of time. */
export interface Verdict {
  /** Index of the rule that speaks: the one that offers it, else the one nearest to that. Undefined: there is none. */
  readonly rule: number | undefined;
  /** Empty: it may be had. */
  readonly refusals: readonly Refusal[];
  /** What refused too, but was set aside. */
  readonly setAside: readonly Refusal[];
}

const NOTHING: ReadonlySet<Refusal> = new Set();

/**
 * Why a stretch of time is not offered as a slot; empty when it is, which is exactly when `listCandidates`, asked for
 * that length, lists it. When all of several rules refuse, the one that comes nearest to offering it speaks. Time
 * before now is not refused here, since history is listed: whoever books looks at that.
 *
 * @throws {Fault} `invalid` for a rule whose zone or dates cannot be read
 */
export function refusalsOf(
  rules: readonly AvailabilityRule[],
  interval: Interval,
  occupied: Occupied,
  nowMs: number,
): readonly Refusal[] {
  return judge(rules, interval, occupied, nowMs).refusals;
}

/**
 * The same with the rule that speaks: the first that offers the time, else the nearest. Refusals may be set aside;
 * a rule whose hours and grid fit speaks before one that they do not fit all the same, so that its capacity counts.
 *
 * @throws {Fault} `invalid` for a rule whose zone or dates cannot be read
 */
export function judge(
  rules: readonly AvailabilityRule[],
  interval: Interval,
  occupied: Occupied,
  nowMs: number,
  setAside: ReadonlySet<Refusal> = NOTHING,
): Verdict {
  let nearest: Verdict = { rule: undefined, refusals: ['closed'], setAside: [] };
  let nearestBy = Infinity;
  for (const [rule, one] of rules.entries()) {
    const all = refusalsByRule(one, interval, occupied, nowMs);
    const refusals = all.filter((refusal) => !setAside.has(refusal));
    const by = misfitsOf(all) * 10_000 + refusals.length * 100 + all.length;
    if (by >= nearestBy) continue;
    nearest = { rule, refusals, setAside: all.filter((refusal) => setAside.has(refusal)) };
    nearestBy = by;
    if (all.length === 0) break;
  }
  return nearest;
}

/**
 * The index of the first rule that would offer a stretch of time if nobody had taken any of it and whatever the time
 * now: it starts on the rule's grid and lies whole in its hours and outside its closures. Undefined: a computed slot
 * with that start and length does not exist.
 *
 * @throws {Fault} `invalid` for a rule whose zone or dates cannot be read
 */
export function gridRuleOf(rules: readonly AvailabilityRule[], interval: Interval): number | undefined {
  const index = rules.findIndex((rule) => {
    const { refusals, capacity } = placeInHours(rule, interval);
    return refusals.length === 0 && !closureCheck(rule).refuses(interval.startMs, interval.endMs, capacity);
  });
  return index < 0 ? undefined : index;
}

/** Whether a computed slot with that start and length exists: see `gridRuleOf`. */
export function onGrid(rules: readonly AvailabilityRule[], interval: Interval): boolean {
  return gridRuleOf(rules, interval) !== undefined;
}

interface Placed {
  readonly refusals: readonly Refusal[];
  /** Of the slot; where it does not lie in the hours, of the rule, for those who may book there all the same. */
  readonly capacity: number;
}

function refusalsByRule(
  rule: AvailabilityRule,
  interval: Interval,
  occupied: Occupied,
  nowMs: number,
): readonly Refusal[] {
  const { refusals, capacity } = placeInHours(rule, interval);
  const refusing = checksOf(rule, clockOf(rule.zone), occupied, nowMs)
    .filter((check) => check.refuses(interval.startMs, interval.endMs, capacity))
    .map((check) => check.refusal);
  return [...new Set([...refusals, ...refusing])];
}

/** Whether the rule offers that length, on its grid, within its hours. */
function placeInHours(rule: AvailabilityRule, interval: Interval): Placed {
  const { startMs, endMs } = interval;
  const lengthMinutes = lengthOffered(rule, (endMs - startMs) / MS_PER_MINUTE);
  if (lengthMinutes === undefined) return { refusals: ['length'], capacity: rule.capacity };
  const grid = gridOf(rule, lengthMinutes, interval);
  const capacity = grid.open.leastCapacity(startMs, endMs);
  const refusals: Refusal[] = [];
  if (!isStart(grid, startMs)) refusals.push('off-grid');
  if (capacity === 0) refusals.push('closed');
  return { refusals, capacity: capacity === 0 ? rule.capacity : capacity };
}

/** Time that is closed is so once, by the hours or by date. */
const MISFITS: Readonly<Partial<Record<Refusal, Refusal>>> = {
  length: 'length',
  'off-grid': 'off-grid',
  closed: 'closed',
  closure: 'closed',
};

/** How much of a rule's hours and grid does not fit at all: that weighs more than all other reasons together. */
function misfitsOf(refusals: readonly Refusal[]): number {
  return new Set(refusals.flatMap((one) => MISFITS[one] ?? [])).size;
}
