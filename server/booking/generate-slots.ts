import { MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { conjunctsOf, evaluate, type ChainResolver, type Filter, type SlotWindow } from '../search/index.js';
import { listCandidates } from '../slots/index.js';
import { computedSlot, computedSlotIndex, facesOf, type ComputedSlot, type SlotFace } from './computed-slots.js';
import type { ScheduleFacts } from './schedule-facts.js';
import type { ScheduleReader } from './schedule-reader.js';
import { isAboutServiceType, servingEveryType } from './slot-scope.js';

/** How far apart the bounds of a question may lie (design §5). */
export const WINDOW_DAYS_MAX = 93;
/** How many computed slots one question may meet, over all its Schedules. */
export const COMPUTED_SLOTS_MAX = 200_000;

/** By how much that many local days may be longer than so many times 24 hours: Antarctica/Troll. */
const CLOCK_CHANGE_MS_MAX = 2 * 3_600_000;

/** A buffer reaches a day beyond a slot at most; clocks change by hours. */
const BUFFER_MS_MAX = MS_PER_DAY;

/** What is asked of one Schedule. */
export interface ScheduleQuestion {
  readonly facts: ScheduleFacts;
  readonly window: SlotWindow;
  readonly durationMinutes?: number;
  /** What a slot must meet beside lying in the window and belonging to the Schedule. */
  readonly rest: Filter;
}

/** What was found on one Schedule. */
export interface GeneratedSlots {
  readonly computed: readonly ComputedSlot[];
  /** Whether stored Slots have time in the window. */
  readonly hasStored: boolean;
}

/**
 * Computes the slots of a Schedule that a question asks for.
 *
 * @throws {Fault} `too-costly` for a window over {@link WINDOW_DAYS_MAX} days
 */
export async function generateSlots(
  schedules: ScheduleReader,
  question: ScheduleQuestion,
  nowMs: number,
  resolve: ChainResolver,
): Promise<GeneratedSlots> {
  const { facts, window, durationMinutes, rest } = question;
  refuseWideWindow(window);
  const endMs = Math.min(window.endByMs, window.startBeforeMs + MS_PER_DAY);
  const stretch = { startMs: window.startFromMs - BUFFER_MS_MAX, endMs: endMs + BUFFER_MS_MAX };
  if (!(stretch.startMs < stretch.endMs)) return { computed: [], hasStored: false };
  const { slots } = await schedules.slotsIn(facts.id, stretch);
  const faces = facesOf(facts);
  const serving = facts.rules.flatMap((rule, at) => {
    const face = faces[at];
    return face && serves(face, rest) ? [{ rule, face }] : [];
  });
  const candidates = listCandidates(
    serving.map(({ rule }) => rule),
    { ...window, nowMs, ...(durationMinutes !== undefined && { durationMinutes }) },
    { horizon: facts.horizon, blocked: slots, claims: [], bookedStartsMs: [] },
  );
  const computed = candidates.flatMap((candidate) => {
    const face = serving[candidate.rule]?.face;
    const slot = face && computedSlot(facts, face, candidate);
    return slot && meets(slot, rest, resolve) ? [slot] : [];
  });
  return { computed, hasStored: slots.length > 0 };
}

/** Rules of other types only are left out before slots are made, so that they hide none of another rule. */
function serves(face: SlotFace, rest: Filter): boolean {
  const subject = { id: '', updatedMs: 0, index: face.index };
  return conjunctsOf(forFace(face, rest))
    .filter(isAboutServiceType)
    .every((part) => evaluate(part, subject, () => false));
}

function meets(slot: ComputedSlot, rest: Filter, resolve: ChainResolver): boolean {
  if (rest.kind === 'all' && rest.of.length === 0) return true;
  const subject = { id: slot.id, updatedMs: 0, index: computedSlotIndex(slot) };
  return evaluate(forFace(slot.face, rest), subject, resolve);
}

function forFace(face: SlotFace, rest: Filter): Filter {
  return face.servesEveryType ? servingEveryType(rest) : rest;
}

/** @throws {Fault} `too-costly` */
export function refuseWideWindow(window: SlotWindow): void {
  const askedMs = Math.min(window.endByMs, window.startBeforeMs) - window.startFromMs;
  if (!(askedMs > WINDOW_DAYS_MAX * MS_PER_DAY + CLOCK_CHANGE_MS_MAX)) return;
  throw fault('too-costly', `One question covers at most ${WINDOW_DAYS_MAX} days; ask in parts.`, 'start');
}
