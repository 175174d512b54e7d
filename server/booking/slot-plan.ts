import type { Clock } from '../base/clock.js';
import { fault, type Fault } from '../base/fault.js';
import { indexValuesOf, type IndexValues } from '../fhir/index.js';
import {
  allOf,
  anyOf,
  conjunctsOf,
  scheduleFilterOf,
  type ChainLeaf,
  type ChainResolver,
  type Filter,
  type HasLeaf,
  type ParsedSearch,
} from '../search/index.js';
import type { Store } from '../store/index.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import type { ComputedSlot } from './computed-slots.js';
import { COMPUTED_SLOTS_MAX, generateSlots, type ScheduleQuestion } from './generate-slots.js';
import type { ScheduleReader } from './schedule-reader.js';
import type { SlotMemory } from './slot-memory.js';
import { BASE_INSIDE } from './inside.js';
import { chainsOf, idsOf } from './slot-scope.js';
import type { Param } from './types.js';

/** How many Schedules one question may be about. */
export const SCHEDULES_ASKED_MAX = 1_000;

export interface SlotSearchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly schedules: ScheduleReader;
  readonly computedSlots: ComputedSlotReader;
  readonly memory: SlotMemory;
}

/** A search for Slots, decided: which of them are computed, and how the stored ones are found. */
export interface SlotPlan {
  readonly parsed: ParsedSearch;
  /** What was really asked, for the self link. */
  readonly self: readonly Param[];
  /** The moment for which the conditions on stored Slots are asked. */
  readonly nowMs: number;
  /** Undefined: no stored Slot can match. */
  readonly storedFilter: Filter | undefined;
  readonly computed: readonly ComputedSlot[];
  /** Whether they stand by start already, as those of a single Schedule do. */
  readonly computedInOrder: boolean;
  /** Computed slots that were asked for by their ids, whatever their status. */
  readonly named?: readonly { readonly id: string; readonly index: IndexValues; readonly text: string }[];
  /** Whether the number of all matches is told whatever `_total` says. */
  readonly totalWanted: boolean;
}

/**
 * The ids of the Schedules that a condition finds; undefined where they are too many.
 * A condition that only names ids is not looked up: views tell which of them exist.
 */
export async function scheduleIdsOf(store: Store, filter: Filter): Promise<readonly string[] | undefined> {
  const named = idsOf(filter);
  const query = { type: 'Schedule', filter, sort: [], limit: SCHEDULES_ASKED_MAX + 1 };
  const ids = named ? [...new Set(named)] : (await store.search(query)).map(({ document }) => document.id);
  return ids.length > SCHEDULES_ASKED_MAX ? undefined : ids;
}

/** The refusal (`too-costly`) of a question about more Schedules than {@link SCHEDULES_ASKED_MAX}. */
export function tooManySchedules(): Fault {
  const message = `One question is about at most ${SCHEDULES_ASKED_MAX} schedules; name fewer of them.`;
  return fault('too-costly', message, 'schedule');
}

/** Computes the slots of several Schedules. @throws {Fault} `too-costly` beyond {@link COMPUTED_SLOTS_MAX} */
export function generateAll(
  memory: SlotMemory,
  questions: readonly ScheduleQuestion[],
  nowMs: number,
  resolve: ChainResolver,
): readonly ComputedSlot[] {
  let count = 0;
  const found = questions.map((question) => {
    const slots = generateSlots(memory, question, nowMs, resolve);
    count += slots.length;
    if (count > COMPUTED_SLOTS_MAX) {
      const message = `It meets more than ${COMPUTED_SLOTS_MAX} slots; ask for a shorter time or fewer schedules.`;
      throw fault('too-costly', message, 'start');
    }
    return slots;
  });
  return found.length === 1 && found[0] ? found[0] : found.flat();
}

/** How many resources may meet one `_has` where it is asked of computed slots, which refer to nothing in the store. */
export const REFERRING_MAX = 1_000;

/**
 * Answers what a condition on computed slots says of other resources: chains from the Schedules that each of them
 * finds, each `_has` from what the resources that it finds refer to.
 *
 * @throws {Fault} `too-costly` beyond {@link SCHEDULES_ASKED_MAX} or {@link REFERRING_MAX}
 */
export async function chainResolverFor(store: Store, filter: Filter): Promise<ChainResolver> {
  const chains = chainsOf(filter);
  if (chains.length === 0) return () => false;
  const found = await Promise.all(
    chains.map(async (leaf) => {
      if (leaf.kind === 'has') return [leaf, await referredTo(store, leaf)] as const;
      const ids = await scheduleIdsOf(store, leaf.filter);
      if (!ids) throw tooManySchedules();
      return [leaf, new Set(ids.map((id) => `Schedule/${id}`))] as const;
    }),
  );
  const targets = new Map<ChainLeaf | HasLeaf, ReadonlySet<string>>(found);
  return (leaf, target) => targets.get(leaf)?.has(target) ?? false;
}

async function referredTo(store: Store, { sourceType, by, filter }: HasLeaf): Promise<ReadonlySet<string>> {
  const found = await store.search({ type: sourceType, filter, sort: [], limit: REFERRING_MAX + 1 });
  if (found.length > REFERRING_MAX) {
    const message = `More than ${REFERRING_MAX} resources of type ${sourceType} meet _has; ask for fewer of them.`;
    throw fault('too-costly', message, '_has');
  }
  const context = { zone: 'UTC', ownBases: [BASE_INSIDE] };
  const values = found.flatMap(({ document }) => indexValuesOf(JSON.parse(document.text), context)[by] ?? []);
  return new Set(values.flatMap((value) => (value.kind === 'reference' ? [value.target] : [])));
}

/** Slots of any of these Schedules. */
export function ofSchedules(ids: readonly string[]): Filter {
  return anyOf(ids.map((id): Filter => ({ kind: 'reference', param: 'schedule', target: `Schedule/${id}` })));
}

/** The parts of a condition on Slots that do not speak of their Schedule. */
export function restOf(filter: Filter): Filter {
  return allOf(conjunctsOf(filter).filter((part) => scheduleFilterOf(part) === undefined));
}
