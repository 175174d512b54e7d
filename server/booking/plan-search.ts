import { instantMs, instantText, MS_PER_DAY } from '../base/clock.js';
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
  WINDOW_DAYS_DEFAULT,
  windowOf,
  type Filter,
  type ParsedSearch,
  type SearchContext,
  type SlotWindow,
} from '../search/index.js';
import { claimedSlots } from './claimed-slots.js';
import { refuseWideWindow, stretchOf, type ScheduleQuestion } from './generate-slots.js';
import { SCHEDULE_WITH_RULES } from './resource-index.js';
import type { ScheduleFacts } from './schedule-facts.js';
import type { ScheduleView } from './schedule-reader.js';
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
import { CLAIMED, excludesComputed, FREE, idsOf } from './slot-scope.js';
import type { Param } from './types.js';

/** Our own result parameter: the window in which slots were computed, where the question left a side of it open. */
export const WINDOW_PARAM = '_window';

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
  const { nowMs } = search.context;
  const asking = zoneQuestions(search, nowMs);
  const computedToo = !named && !(excludesComputed(parsed.filter, FREE) && excludesComputed(parsed.filter, CLAIMED));
  const known = await knownSchedules(deps, search, base, computedToo ? asking : undefined);
  const storedFilter = storedFilterOf(search, known);
  const whole = { parsed, self: parsed.applied, nowMs, storedFilter, totalWanted: false };
  if (named)
    return { ...whole, computed: [], computedInOrder: true, named: await slotsNamed(deps, named, parsed.filter, base) };
  const questions = known.views.flatMap((view): Asked[] => {
    const asked = asking(view.facts.zone);
    return asked ? [{ view, ...asked }] : [];
  });
  const resolve = await chainResolverFor(deps.store, allOf(questions.map(({ rest }) => rest)));
  const offering = questions.filter(({ free, view: { facts } }) => free && facts.active && facts.rules.length > 0);
  const free = generateAll(deps.memory, offering, nowMs, resolve);
  const claimed = questions.flatMap((one) => (one.claimed ? claimedSlots(one, nowMs, resolve) : []));
  const computed = claimed.length > 0 ? [...free, ...claimed] : free;
  const zones = known.views.filter(({ facts }) => facts.rules.length > 0).map(({ facts }) => facts.zone);
  const defaulted = zones.map((zone) => asking(zone)?.defaulted).find((param) => param !== undefined);
  const self = defaulted ? [...parsed.applied, defaulted] : parsed.applied;
  return { ...whole, computed, computedInOrder: offering.length <= 1 && claimed.length === 0, self };
}

/** What is asked of one Schedule. */
type Asked = ScheduleQuestion & Pick<ZoneQuestion, 'free' | 'claimed'>;

/** What is asked of the rule Schedules of one zone. */
interface ZoneQuestion {
  readonly window: SlotWindow;
  readonly rest: Filter;
  /** Whether free slots can match. */
  readonly free: boolean;
  /** Whether such can match that somebody has claimed. */
  readonly claimed: boolean;
  /** For the self link, where the question left a side of the window open. */
  readonly defaulted: Param | undefined;
}

/** Undefined for a question that no computed slot can meet. */
type ZoneQuestions = (zone: string) => ZoneQuestion | undefined;

function zoneQuestions(search: SlotSearch, nowMs: number): ZoneQuestions {
  const known = new Map<string, ZoneQuestion | undefined>();
  return (zone) => {
    if (!known.has(zone)) known.set(zone, zoneQuestion(search, zone, nowMs));
    return known.get(zone);
  };
}

function zoneQuestion(search: SlotSearch, zone: string, nowMs: number): ZoneQuestion | undefined {
  const filter = filterIn(search, zone);
  const free = !excludesComputed(filter, FREE);
  const claimed = !excludesComputed(filter, CLAIMED);
  if (!free && !claimed) return undefined;
  const asked = windowOf(filter);
  const window = filledWindow(asked, search.pinned, nowMs);
  refuseWideWindow(window);
  const rest = restOf(filter);
  return { window, rest, free, claimed, defaulted: isBounded(asked) ? undefined : windowParam(window) };
}

/** The Schedules that the search may be about, as far as it matters which they are. */
interface KnownSchedules {
  readonly views: readonly ScheduleView[];
  /** Whether these are all whose Slots can match. */
  readonly complete: boolean;
}

/** @param asking absent where no computed slot can match */
async function knownSchedules(
  deps: SlotSearchDeps,
  search: SlotSearch,
  base: string,
  asking: ZoneQuestions | undefined,
): Promise<KnownSchedules> {
  const { parsed } = search;
  if (!asking && !parsed.hasLocalSlotTimes) return { views: [], complete: false };
  const scope = scheduleFilterOf(parsed.filter);
  // Bare dates are days of the zones of all Schedules asked; without them only those with rules matter.
  const all = parsed.hasLocalSlotTimes ? await scheduleIdsOf(deps.store, scope ?? EVERYTHING) : undefined;
  if (parsed.hasLocalSlotTimes && scope && !all) throw tooManySchedules();
  const ids = all ?? (await scheduleIdsOf(deps.store, withRules(scope)));
  if (!ids) throw tooManySchedules();
  const stretch = ({ rules, zone }: ScheduleFacts) => {
    const asked = asking?.(zone);
    // Rules may be gone whose slots somebody has booked.
    return asked && (rules.length > 0 || asked.claimed) ? stretchOf(asked.window) : undefined;
  };
  const views = await deps.schedules.views(ids, base, stretch);
  return { views: views.filter((view) => view !== undefined), complete: all !== undefined };
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
function storedFilterOf(search: SlotSearch, { views, complete }: KnownSchedules): Filter {
  const facts = views.map((view) => view.facts);
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
  const [startFromMs = NaN, startBeforeMs = NaN, ...more] = value.split('/').map((text) => instantMs(text));
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
    const subject = { id: slot.id, updatedMs: 0, index };
    return evaluate(filter, subject, resolve) ? [{ id: slot.id, index, text: slot.text }] : [];
  });
}
