import { instantText } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import {
  allOf,
  anyOf,
  availabilityWindow,
  conjunctsOf,
  scheduleFilterOf,
  windowFilter,
  type AvailabilityQuestion,
  type Filter,
  type SlotWindow,
} from '../search/index.js';
import { addDays } from '../zones/index.js';
import { refuseWideWindow, stretchOf } from './generate-slots.js';
import type { ScheduleFacts } from './schedule-facts.js';
import type { ScheduleView } from './schedule-reader.js';
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
import type { Param } from './types.js';

const FREE: Filter = { kind: 'token', param: 'status', code: 'free' };
const NOTHING: Filter = { kind: 'any', of: [] };

/** What is asked of one Schedule: the window in its zone, cut to its planning horizon. */
interface Asked {
  readonly view: ScheduleView;
  readonly window: SlotWindow;
}

/**
 * Plans an availability question: only what can be had, stored and computed alike (design §5).
 *
 * @throws {Fault} `too-costly` for a wide window or many Schedules, `invalid` where `end` does not lie after `start`
 */
export async function planAvailability(
  deps: SlotSearchDeps,
  question: AvailabilityQuestion,
  base: string,
): Promise<SlotPlan> {
  const nowMs = deps.clock.nowMs();
  const { search, durationMinutes } = question;
  const ids = await scheduleIdsOf(deps.store, scheduleFilterOf(search.filter) ?? NOTHING);
  if (!ids) throw tooManySchedules();
  const rest = restOf(conjunctsOf(search.filter), (part) => scheduleFilterOf(part) !== undefined);
  const asked = await askedOf(deps, question, ids, base, nowMs);
  const questions = asked
    .filter(({ view }) => view.facts.rules.length > 0)
    .map((one) => ({ ...one, rest, ...(durationMinutes !== undefined && { durationMinutes }) }));
  const computed = generateAll(deps.memory, questions, nowMs, await chainResolverFor(deps.store, rest));
  // The units of the rule schedules have just told whether any stored Slot lies there.
  const mayBeStored = questions.length < asked.length || questions.some(({ view }) => view.slots.length > 0);
  return {
    parsed: search,
    self: [...search.applied, ...defaultsOf(question, nowMs)],
    storedFilter: mayBeStored ? storedFilterOf(asked, rest, durationMinutes) : undefined,
    computed,
    computedInOrder: questions.length <= 1,
    totalWanted: true,
  };
}

/** The active Schedules among those named, each with its window. */
async function askedOf(
  deps: SlotSearchDeps,
  question: AvailabilityQuestion,
  ids: readonly string[],
  base: string,
  nowMs: number,
): Promise<Asked[]> {
  const windows = new Map<string, SlotWindow>();
  const windowIn = (zone: string): SlotWindow => {
    const window = windows.get(zone) ?? availabilityWindow(question, zone, nowMs);
    windows.set(zone, window);
    return window;
  };
  const windowOf = ({ zone, horizon }: ScheduleFacts) => withinHorizon(windowIn(zone), horizon);
  // A question that cannot be answered is refused whether or not its Schedule exists.
  const stretch = (facts: ScheduleFacts) => {
    refuseWideWindow(windowIn(facts.zone));
    return facts.rules.length > 0 ? stretchOf(windowOf(facts)) : undefined;
  };
  const views = await deps.schedules.views(ids, base, stretch);
  if (views.every((view) => view === undefined)) refuseWideWindow(windowIn('UTC'));
  return views.flatMap((view) => (view?.facts.active ? [{ view, window: windowOf(view.facts) }] : []));
}

function withinHorizon(window: SlotWindow, horizon: Interval): SlotWindow {
  return {
    ...window,
    startFromMs: Math.max(window.startFromMs, horizon.startMs),
    endByMs: Math.min(window.endByMs, horizon.endMs),
  };
}

/** Stored free Slots of the Schedules asked, those with the same window in one condition. */
function storedFilterOf(asked: readonly Asked[], rest: Filter, durationMinutes: number | undefined): Filter {
  const byWindow = new Map<string, { window: SlotWindow; ids: string[] }>();
  for (const { view, window } of asked) {
    const name = Object.values(window).join();
    const group = byWindow.get(name) ?? { window, ids: [] };
    byWindow.set(name, { ...group, ids: [...group.ids, view.facts.id] });
  }
  const groups = [...byWindow.values()].map(({ window, ids }) =>
    allOf([ofSchedules(ids), windowFilter(window, durationMinutes)]),
  );
  return allOf([FREE, anyOf(groups), ...conjunctsOf(rest)]);
}

type Bound = AvailabilityQuestion['bounds'][number];

/** The bounds that the question left open, as they were filled: the next page must mean the same. */
function defaultsOf(question: AvailabilityQuestion, nowMs: number): Param[] {
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

/** The last of seven days after a bare date, whatever the zone; else the instant. */
function defaultEnd(question: AvailabilityQuestion, nowMs: number): string {
  const day = question.bounds.find(({ param, time }) => param === 'start' && time.kind === 'days')?.time;
  if (day?.kind === 'days') return addDays(day.firstDate, 6);
  return instantText(availabilityWindow(question, 'UTC', nowMs).endByMs);
}
