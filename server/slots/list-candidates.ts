import { MS_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { clockOf } from '../zones/index.js';
import { checksOf, type Check } from './checks.js';
import { gridOf, isWholeMinute, lengthOffered } from './grid.js';
import type { AvailabilityRule, Candidate, Occupied, SlotQuestion } from './types.js';

/** Starts may be asked for over this many days: the 93 that callers allow, with room for clock changes. */
export const SPAN_DAYS_MAX = 95;

/**
 * How many slots are ever held of one question, those that several rules offer alike counted for each: whoever calls
 * for so many has set no limit of its own.
 */
export const CANDIDATES_MAX = 500_000;

/**
 * The slots that the rules of a Schedule offer, sorted by start, then end; those that several rules offer, once
 * (docs/availability.md, 'From windows to slots'). A start that falls between two minutes of UTC is left out.
 *
 * Who asks has looked already whether the Schedule and its actors are active, and leaves out rules of other types.
 *
 * @throws {Fault} `too-costly` for a question over more than 95 days or with more than 500,000 slots;
 *   `invalid` for a rule whose zone or dates cannot be read
 */
export function listCandidates(
  rules: readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied: Occupied,
): readonly Candidate[] {
  const found: Candidate[] = [];
  rules.forEach((rule, index) => addCandidates(found, rule, index, question, occupied));
  return isSorted(found) ? found : sortedOnce(found);
}

function addCandidates(
  found: Candidate[],
  rule: AvailabilityRule,
  index: number,
  question: SlotQuestion,
  occupied: Occupied,
): void {
  const lengthMinutes = lengthOffered(rule, question.durationMinutes);
  if (lengthMinutes === undefined) return;
  const lengthMs = lengthMinutes * MS_PER_MINUTE;
  const fromMs = question.startFromMs;
  const beforeMs = Math.min(question.startBeforeMs, question.endByMs - lengthMs + 1);
  if (beforeMs <= fromMs) return;
  if (!(beforeMs - fromMs <= SPAN_DAYS_MAX * MS_PER_DAY)) {
    throw fault('too-costly', 'Ask for a shorter stretch of time.');
  }

  const { windows, open, offsetMs, stepMs } = gridOf(rule, lengthMinutes, {
    startMs: fromMs,
    endMs: beforeMs + lengthMs,
  });
  const checks = checksOf(rule, clockOf(rule.zone), occupied, question.nowMs);
  for (const window of windows) {
    const firstMs = window.startMs + offsetMs;
    // Steps are whole minutes: as the first start lies, so do all.
    if (!isWholeMinute(firstMs)) continue;
    const stepsBefore = Math.max(0, Math.ceil((fromMs - firstMs) / stepMs));
    const untilMs = Math.min(window.endMs, beforeMs);
    for (let startMs = firstMs + stepsBefore * stepMs; startMs < untilMs; startMs += stepMs) {
      const endMs = startMs + lengthMs;
      const capacity = open.leastCapacity(startMs, endMs);
      if (capacity === 0 || anyRefuses(checks, startMs, endMs, capacity)) continue;
      if (found.length === CANDIDATES_MAX) throw fault('too-costly', 'That is too many slots: ask for fewer days.');
      found.push({ startMs, endMs, rule: index, capacity });
    }
  }
}

function anyRefuses(checks: readonly Check[], startMs: number, endMs: number, capacity: number): boolean {
  for (const check of checks) if (check.refuses(startMs, endMs, capacity)) return true;
  return false;
}

/** By start, then end, then the order of the rules. */
function inOrder(a: Candidate, b: Candidate): number {
  return a.startMs - b.startMs || a.endMs - b.endMs || a.rule - b.rule;
}

/** Whether each candidate comes after the one before, and none is there twice: so it is with most single rules. */
function isSorted(candidates: readonly Candidate[]): boolean {
  for (let index = 1; index < candidates.length; index += 1) {
    if ((candidates[index - 1] as Candidate).startMs >= (candidates[index] as Candidate).startMs) return false;
  }
  return true;
}

/** In order, and of those with the same start and end only the first rule's. */
function sortedOnce(candidates: Candidate[]): readonly Candidate[] {
  candidates.sort(inOrder);
  return candidates.filter(({ startMs, endMs }, index) => {
    const before = candidates[index - 1];
    return before === undefined || before.startMs !== startMs || before.endMs !== endMs;
  });
}
