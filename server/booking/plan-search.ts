import { instantText, MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { indexValuesOf } from '../fhir/index.js';
import {
  allOf,
  anyOf,
  conjunctsOf,
  EVERYTHING,
  evaluate,
  parseSearch,
  scheduleFilterOf,
  windowOf,
  type Filter,
  type ParsedSearch,
  type SearchContext,
  type SlotWindow,
} from '../search/index.js';
import { refuseWideWindow, type ScheduleQuestion } from './generate-slots.js';
import { SCHEDULE_WITH_RULES } from './resource-index.js';
import type { ScheduleFacts } from './schedule-facts.js';
import { readComputedSlotId } from './slot-id.js';
import {
  chainResolverFor,
  generateAll,
  ofSchedules,
  restOf,
  scheduleIdsOf,
  tooManySchedules,
  type SlotPlan,
  type SlotSearchDeps,
} from './slot-plan.js';
import { excludesComputed, idsOf } from './slot-scope.js';
import type { Param } from './types.js';

/** Our own result parameter: the window in which slots were computed, where the question left a side of it open. */
export const WINDOW_PARAM = '_window';
const WINDOW_DAYS_DEFAULT = 7;

/** A FHIR search for Slots: what was read, and what to read it again in another zone. */
export interface SlotSearch {
  readonly parsed: ParsedSearch;
  readonly params: readonly Param[];
  readonly context: SearchContext;
  /** From `_window` of a link of ours. */
  readonly pinned: Partial<SlotWindow> | undefined;
}

/**
 * Plans a FHIR search: R4's rules for every parameter; stored Slots bounded by what was asked alone, computed ones by
 * a window besides (design §5).
 *
 * @throws {Fault} `too-costly` for a wide window or many Schedules with rules
 */
export async function planSearch(deps: SlotSearchDeps, search: SlotSearch, base: string): Promise<SlotPlan> {
  const { parsed } = search;
  const named = computedIdsNamed(parsed.filter);
  const known = await knownSchedules(deps, search, base);
  const storedFilter = storedFilterOf(search, known);
  const whole = { parsed, self: parsed.applied, storedFilter, totalWanted: parsed.total === 'accurate' };
  if (named) return { ...whole, computed: [], named: await slotsNamed(deps, named, parsed.filter, base) };
  const { questions, defaulted } = questionsOf(search, known.facts, deps.clock.nowMs());
  const resolve = await chainResolverFor(deps.store, allOf(questions.map(({ rest }) => rest)));
  const { computed } = await generateAll(deps, questions, deps.clock.nowMs(), resolve);
  return { ...whole, computed, self: defaulted ? [...parsed.applied, defaulted] : parsed.applied };
}

/** The Schedules that the search may be about, as far as it matters which they are. */
interface KnownSchedules {
  readonly facts: readonly ScheduleFacts[];
  /** Whether these are all whose Slots can match. */
  readonly complete: boolean;
}

async function knownSchedules(deps: SlotSearchDeps, search: SlotSearch, base: string): Promise<KnownSchedules> {
  const { parsed } = search;
  const computedToo = !excludesComputed(parsed.filter) && !computedIdsNamed(parsed.filter);
  if (!computedToo && !parsed.hasLocalSlotTimes) return { facts: [], complete: false };
  const scope = scheduleFilterOf(parsed.filter);
  // Bare dates are days of the zones of all Schedules asked; without them only those with rules matter.
  const all = parsed.hasLocalSlotTimes ? await scheduleIdsOf(deps.store, scope ?? EVERYTHING) : undefined;
  if (parsed.hasLocalSlotTimes && scope && !all) throw tooManySchedules();
  const ids = all ?? (await scheduleIdsOf(deps.store, withRules(scope)));
  if (!ids) throw tooManySchedules();
  const views = await deps.schedules.views(ids, base);
  return { facts: views.flatMap((view) => (view ? [view.facts] : [])), complete: all !== undefined };
}

/** Ids need no look-up to find out which of them have rules: the views tell. */
function withRules(scope: Filter | undefined): Filter {
  if (!scope) return SCHEDULE_WITH_RULES;
  return idsOf(scope) ? scope : allOf([SCHEDULE_WITH_RULES, scope]);
}

/** The condition in the zone of a Schedule. */
function filterIn({ parsed, params, context }: SlotSearch, zone: string): Filter {
  return parsed.hasLocalSlotTimes ? parseSearch('Slot', params, { ...context, slotZone: zone }).filter : parsed.filter;
}

/** Where bare dates mean other days for other Schedules, each zone's Schedules have a condition of their own. */
function storedFilterOf(search: SlotSearch, { facts, complete }: KnownSchedules): Filter {
  const zones = [...new Set(facts.map(({ zone }) => zone))];
  const [zone] = zones;
  if (!search.parsed.hasLocalSlotTimes || !complete || zone === undefined) return search.parsed.filter;
  if (zones.length === 1) return filterIn(search, zone);
  return anyOf(
    zones.map((one) => {
      const ids = facts.filter((each) => each.zone === one).map(({ id }) => id);
      return allOf([ofSchedules(ids), filterIn(search, one)]);
    }),
  );
}

function questionsOf(
  search: SlotSearch,
  facts: readonly ScheduleFacts[],
  nowMs: number,
): { questions: readonly ScheduleQuestion[]; defaulted: Param | undefined } {
  let defaulted: Param | undefined;
  const questions = facts
    .filter(({ rules }) => rules.length > 0)
    .flatMap((one) => {
      const filter = filterIn(search, one.zone);
      if (excludesComputed(filter)) return [];
      const asked = windowOf(filter);
      const window = filledWindow(asked, search.pinned, nowMs);
      refuseWideWindow(window);
      if (!isBounded(asked)) defaulted = windowParam(window);
      const rest = restOf(conjunctsOf(filter), (part) => scheduleFilterOf(part) !== undefined);
      return one.active ? [{ facts: one, window, rest }] : [];
    });
  return { questions, defaulted };
}

/** A side that is open begins now, or ends seven days after the other. */
function filledWindow(asked: Partial<SlotWindow>, pinned: Partial<SlotWindow> | undefined, nowMs: number): SlotWindow {
  const startFromMs = asked.startFromMs ?? pinned?.startFromMs ?? nowMs;
  const weekLaterMs = pinned?.startBeforeMs ?? startFromMs + WINDOW_DAYS_DEFAULT * MS_PER_DAY;
  const { startBeforeMs, endByMs = Infinity } = asked;
  return { startFromMs, startBeforeMs: startBeforeMs ?? (endByMs === Infinity ? weekLaterMs : Infinity), endByMs };
}

function isBounded({ startFromMs, startBeforeMs, endByMs }: Partial<SlotWindow>): boolean {
  return startFromMs !== undefined && (startBeforeMs ?? endByMs) !== undefined;
}

function windowParam({ startFromMs, startBeforeMs, endByMs }: SlotWindow): Param {
  return [WINDOW_PARAM, `${instantText(startFromMs)}/${instantText(Math.min(startBeforeMs, endByMs))}`];
}

/** Reads `_window`. @throws {Fault} `invalid` */
export function readWindowParam(value: string | undefined): Partial<SlotWindow> | undefined {
  if (value === undefined) return undefined;
  const [startFromMs = NaN, startBeforeMs = NaN, ...more] = value.split('/').map((text) => Date.parse(text));
  if (more.length === 0 && startFromMs <= startBeforeMs) return { startFromMs, startBeforeMs };
  throw fault('invalid', `${WINDOW_PARAM} is two instants with a slash between them.`, WINDOW_PARAM);
}

/** The ids, where the search names Slots by id and at least one is that of a computed slot. */
function computedIdsNamed(filter: Filter): readonly string[] | undefined {
  const ids = conjunctsOf(filter).flatMap((part) => idsOf(part) ?? []);
  const computed = ids.filter((id) => readComputedSlotId(id));
  return computed.length > 0 ? computed : undefined;
}

/** Slots asked for by their ids need no window: each is looked up, and judged as a stored one would be. */
async function slotsNamed(deps: SlotSearchDeps, ids: readonly string[], filter: Filter, base: string) {
  const resolve = await chainResolverFor(deps.store, filter);
  const found = await Promise.all([...new Set(ids)].map((id) => deps.computedSlots.find(id, base)));
  return found.flatMap((slot) => {
    if (!slot) return [];
    const index = indexValuesOf(JSON.parse(slot.text), { zone: 'UTC', ownBases: [base] });
    const subject = { id: slot.id, updatedMs: slot.updatedMs, index };
    return evaluate(filter, subject, resolve) ? [{ id: slot.id, index, text: slot.text }] : [];
  });
}
