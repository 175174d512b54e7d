import { MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import {
  conjunctsOf,
  evaluate,
  isEverything,
  type ChainResolver,
  type Filter,
  type SlotWindow,
} from '../search/index.js';
import { occupiedBy } from '../claims/index.js';
import { listCandidates, type Occupied } from '../slots/index.js';
import { ComputedSlot, facesOf, type SlotFace } from './computed-slots.js';
import type { ScheduleView } from './schedule-reader.js';
import type { SlotMemory } from './slot-memory.js';
import { isAboutServiceType, servingEveryType } from './slot-scope.js';

/** How far apart the bounds of a question may lie (design §5). */
export const WINDOW_DAYS_MAX = 93;
/** How many computed slots one question may meet, over all its Schedules. */
export const COMPUTED_SLOTS_MAX = 100_000;

/** By how much that many local days may be longer than so many times 24 hours: Antarctica/Troll. */
const CLOCK_CHANGE_MS_MAX = 2 * 3_600_000;

/** A buffer reaches a day beyond a slot at most, and a slot a day beyond its start. */
const REACH_MS_MAX = MS_PER_DAY;

/** Windows up to this long are computed in whole UTC days, which the next question is likely to share. */
const SHARED_WINDOW_MS_MAX = 31 * MS_PER_DAY;

/** What is asked of one Schedule. */
export interface ScheduleQuestion {
  readonly view: ScheduleView;
  readonly window: SlotWindow;
  readonly durationMinutes?: number;
  /** What a slot must meet beside lying in the window and belonging to the Schedule. */
  readonly rest: Filter;
}

/** What takes the time of a Schedule at a moment, as far as the view reaches. */
function occupiedOf({ facts, units }: ScheduleView, nowMs: number): Occupied {
  return occupiedBy(units, facts, nowMs);
}

/** Where stored Slots matter for a window: in whole UTC days, so that near questions look at the same. */
export function stretchOf(window: SlotWindow): Interval | undefined {
  const { startMs, endMs } = wholeDays(window);
  return startMs < endMs ? { startMs: startMs - REACH_MS_MAX, endMs: endMs + REACH_MS_MAX } : undefined;
}

/** The slots of a Schedule that a question asks for, by start. The view must cover the window's stretch. */
export function generateSlots(
  memory: SlotMemory,
  question: ScheduleQuestion,
  nowMs: number,
  resolve: ChainResolver,
): readonly ComputedSlot[] {
  const { view, window, durationMinutes, rest } = question;
  if (!stretchOf(window)) return [];
  if (!isEverything(rest) || !isShareable(view, window, nowMs)) {
    const slots = compute(question, window, nowMs, rest);
    return isEverything(rest) ? slots : slots.filter((slot) => meets(slot, rest, resolve));
  }
  const days = wholeDays(window);
  const whole = { startFromMs: days.startMs, startBeforeMs: Infinity, endByMs: days.endMs };
  return memory
    .recall(view, `${days.startMs}/${days.endMs}/${durationMinutes ?? ''}`, () => compute(question, whole, nowMs, rest))
    .within(window);
}

/**
 * Whether slots of whole days hold those of every window within them, whenever it is asked for: the grid does not
 * depend on the question, no rule looks at the clock, and no claim is going to lapse.
 */
function isShareable({ facts, units }: ScheduleView, window: SlotWindow, nowMs: number): boolean {
  const { startMs, endMs } = wholeDays(window);
  const isTimeless =
    facts.rules.every((rule) => rule.noticeMinutes === undefined && rule.bookingWindow === undefined) &&
    units.claims.every(({ untilMs }) => untilMs === undefined || untilMs <= nowMs);
  return isTimeless && endMs - startMs <= SHARED_WINDOW_MS_MAX;
}

function wholeDays(window: SlotWindow): Interval {
  const lastMs = Math.min(window.endByMs, window.startBeforeMs + REACH_MS_MAX);
  if (!(window.startFromMs < lastMs)) return { startMs: 0, endMs: 0 };
  return {
    startMs: Math.floor(window.startFromMs / MS_PER_DAY) * MS_PER_DAY,
    endMs: Math.ceil(lastMs / MS_PER_DAY) * MS_PER_DAY,
  };
}

function compute(question: ScheduleQuestion, window: SlotWindow, nowMs: number, rest: Filter): ComputedSlot[] {
  const { view, durationMinutes } = question;
  const faces = facesOf(view.facts);
  const serving = view.facts.rules.flatMap((rule, at) => {
    const face = faces[at];
    return face && serves(face, rest) ? [{ rule, face }] : [];
  });
  const candidates = listCandidates(
    serving.map(({ rule }) => rule),
    { ...window, nowMs, ...(durationMinutes !== undefined && { durationMinutes }) },
    occupiedOf(view, nowMs),
  );
  return candidates.flatMap((candidate) => {
    const face = serving[candidate.rule]?.face;
    return face ? [new ComputedSlot(view.facts, face, candidate)] : [];
  });
}

/** Rules of other types only are left out before slots are made, so that they hide none of another rule. */
function serves(face: SlotFace, rest: Filter): boolean {
  if (isEverything(rest)) return true;
  const subject = { id: '', updatedMs: 0, index: face.index };
  return conjunctsOf(forFace(face, rest))
    .filter(isAboutServiceType)
    .every((part) => evaluate(part, subject, () => false));
}

/** Whether a slot meets what is asked beside its window; one that serves every type of visit, any type. */
export function meets(slot: ComputedSlot, rest: Filter, resolve: ChainResolver): boolean {
  return evaluate(forFace(slot.face, rest), { id: slot.id, updatedMs: 0, index: slot.index() }, resolve);
}

function forFace(face: SlotFace, rest: Filter): Filter {
  return face.servesEveryType ? servingEveryType(rest) : rest;
}

/** @throws {Fault} `too-costly` for a window over {@link WINDOW_DAYS_MAX} days */
export function refuseWideWindow(window: SlotWindow): void {
  const askedMs = Math.min(window.endByMs, window.startBeforeMs) - window.startFromMs;
  if (!(askedMs > WINDOW_DAYS_MAX * MS_PER_DAY + CLOCK_CHANGE_MS_MAX)) return;
  throw fault('too-costly', `One question covers at most ${WINDOW_DAYS_MAX} days; ask in parts.`, 'start');
}
