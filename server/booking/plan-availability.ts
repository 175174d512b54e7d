import { instantText } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import {
  allOf,
  anyOf,
  availabilityWindow,
  conjunctsOf,
  namesMoment,
  scheduleFilterOf,
  statusIs,
  WINDOW_DAYS_DEFAULT,
  windowFilter,
  type AvailabilityQuestion,
  type ChainResolver,
  type Filter,
  type SlotWindow,
} from '../search/index.js';
import { addDays } from '../zones/index.js';
import { refuseWideWindow, stretchOf } from './generate-slots.js';
import type { PlanRepeat } from './plan-memory.js';
import type { ScheduleFacts } from './schedule-facts.js';
import type { ScheduleView } from './schedule-reader.js';
import type { Revisions } from './seen-documents.js';
import type { SlotMemory } from './slot-memory.js';
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
import { chainsOf, idsOf } from './slot-scope.js';
import type { Param } from './types.js';

const NOTHING: Filter = { kind: 'any', of: [] };

/** What is asked of one Schedule: the window in its zone, cut to its planning horizon. */
interface Asked {
  readonly view: ScheduleView;
  readonly window: SlotWindow;
}

/** The plan of an availability question, and how it is made again when the same is asked. */
export interface AvailabilityPlan {
  readonly plan: SlotPlan;
  /** Absent where the Schedules have to be looked for each time. */
  readonly repeat?: PlanRepeat;
}

/**
 * Plans an availability question: only what can be had, stored and computed alike (design §5).
 *
 * @param nowMs the moment for which it was read
 * @param asked revisions that the same request has asked for before
 * @throws {Fault} `too-costly` for a wide window or many Schedules, `invalid` where `end` does not lie after `start`
 */
export async function planAvailability(
  deps: SlotSearchDeps,
  question: AvailabilityQuestion,
  base: string,
  nowMs: number,
  asked?: Revisions,
): Promise<AvailabilityPlan> {
  const { filter } = question.search;
  const ofSchedule = scheduleFilterOf(filter) ?? NOTHING;
  const ids = await scheduleIdsOf(deps.store, ofSchedule);
  if (!ids) throw tooManySchedules();
  const rest = restOf(filter);
  const windowNow = windowsAt(question, nowMs);
  const views = await deps.schedules.views(ids, base, (facts) => stretchIn(facts, windowNow), asked);
  const found = views.filter((view) => view !== undefined);
  // A question that cannot be answered is refused whether or not its Schedule exists.
  if (found.length === 0) refuseWideWindow(windowNow('UTC'));
  const resolve = await chainResolverFor(deps.store, rest);
  const planAt = (atMs: number, windowIn: WindowIn) =>
    planOf(deps.memory, question, found, rest, atMs, windowIn, resolve);
  const plan = planAt(nowMs, windowNow);
  if (found.length < ids.length || !idsOf(ofSchedule) || chainsOf(rest).length > 0) return { plan };
  if (namesMoment(question.search)) return { plan };
  const stretches = found.map(({ facts }) => stretchIn(facts, windowNow));
  const repeat: PlanRepeat = {
    keys: found.flatMap(({ keys }) => keys),
    revisions: found.flatMap(({ revisions }) => revisions),
    at(laterMs) {
      const windowThen = windowsAt(question, laterMs);
      const isSame = found.every(({ facts }, at) => isSameStretch(stretchIn(facts, windowThen), stretches[at]));
      return isSame ? planAt(laterMs, windowThen) : undefined;
    },
  };
  return { plan, repeat };
}

/** The window of the question in a zone. */
type WindowIn = (zone: string) => SlotWindow;

function windowsAt(question: AvailabilityQuestion, nowMs: number): WindowIn {
  const windows = new Map<string, SlotWindow>();
  return (zone) => {
    const window = windows.get(zone) ?? availabilityWindow(question, zone, nowMs);
    windows.set(zone, window);
    return window;
  };
}

/** Where stored Slots matter. @throws {Fault} `too-costly` */
function stretchIn({ zone, horizon, rules }: ScheduleFacts, windowIn: WindowIn): Interval | undefined {
  refuseWideWindow(windowIn(zone));
  return rules.length > 0 ? stretchOf(withinHorizon(windowIn(zone), horizon)) : undefined;
}

function isSameStretch(a: Interval | undefined, b: Interval | undefined): boolean {
  return a?.startMs === b?.startMs && a?.endMs === b?.endMs;
}

function planOf(
  memory: SlotMemory,
  question: AvailabilityQuestion,
  views: readonly ScheduleView[],
  rest: Filter,
  nowMs: number,
  windowIn: WindowIn,
  resolve: ChainResolver,
): SlotPlan {
  const { search, durationMinutes } = question;
  const asked = views
    .filter(({ facts }) => facts.active)
    .map((view): Asked => ({ view, window: withinHorizon(windowIn(view.facts.zone), view.facts.horizon) }));
  const questions = asked
    .filter(({ view }) => view.facts.rules.length > 0)
    .map((one) => ({ ...one, rest, ...(durationMinutes !== undefined && { durationMinutes }) }));
  // The units of the rule schedules have told whether any stored Slot lies there.
  const mayBeStored = questions.length < asked.length || questions.some(({ view }) => view.slots.length > 0);
  return {
    parsed: search,
    self: [...search.applied, ...boundParams(question, nowMs)],
    nowMs,
    storedFilter: mayBeStored ? storedFilterOf(asked, rest, durationMinutes, nowMs) : undefined,
    computed: generateAll(memory, questions, nowMs, resolve),
    computedInOrder: questions.length <= 1,
    totalWanted: true,
  };
}

/** The part of a window in which a Schedule offers anything. */
export function withinHorizon(window: SlotWindow, horizon: Interval): SlotWindow {
  return {
    ...window,
    startFromMs: Math.max(window.startFromMs, horizon.startMs),
    endByMs: Math.min(window.endByMs, horizon.endMs),
  };
}

/** Stored free Slots of the Schedules asked, those with the same window in one condition. */
function storedFilterOf(
  asked: readonly Asked[],
  rest: Filter,
  durationMinutes: number | undefined,
  nowMs: number,
): Filter {
  const byWindow = new Map<string, { window: SlotWindow; ids: string[] }>();
  for (const { view, window } of asked) {
    const name = Object.values(window).join();
    const group = byWindow.get(name) ?? { window, ids: [] };
    byWindow.set(name, { ...group, ids: [...group.ids, view.facts.id] });
  }
  const groups = [...byWindow.values()].map(({ window, ids }) =>
    allOf([ofSchedules(ids), windowFilter(window, durationMinutes)]),
  );
  return allOf([statusIs('free', nowMs), anyOf(groups), ...conjunctsOf(rest)]);
}

type Bound = AvailabilityQuestion['bounds'][number];

/** The bounds that the question left open, as they were filled: the next page must mean the same. */
export function boundParams(question: AvailabilityQuestion, nowMs: number): Param[] {
  const { bounds } = question;
  const start: Param[] = bounds.some(boundsStart) ? [] : [['start', instantText(nowMs)]];
  return bounds.some(boundsEnd) ? start : [...start, ['end', defaultEnd(question, nowMs)]];
}

function boundsStart({ param, prefix = param === 'start' ? 'ge' : 'le' }: Bound): boolean {
  return ['ge', 'gt', 'sa', 'eq'].includes(prefix);
}

function boundsEnd({ param, prefix = param === 'start' ? 'ge' : 'le' }: Bound): boolean {
  return ['le', 'lt', 'eb', 'eq'].includes(prefix);
}

/** The last of the days from a bare date on, whatever the zone; else the instant. */
function defaultEnd(question: AvailabilityQuestion, nowMs: number): string {
  const day = question.bounds.find(
    ({ param, prefix = 'ge', time }) => param === 'start' && prefix === 'ge' && time.kind === 'days',
  )?.time;
  if (day?.kind === 'days') return addDays(day.firstDate, WINDOW_DAYS_DEFAULT - 1);
  return instantText(availabilityWindow(question, 'UTC', nowMs).endByMs);
}
