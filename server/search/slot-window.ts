import { MINUTES_PER_DAY, MS_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import { addDays, dayInterval } from '../zones/index.js';
import { intervalOf, type AskedBound } from './asked-time.js';
import { allOf, anyOf, conjunctsOf } from './combine.js';
import type { DateLeaf, Filter, Prefix } from './filter.js';
import { unreadable } from './limits.js';
import type { AvailabilityQuestion } from './slot-question.js';

/** Which slots are wanted, in milliseconds since 1970; an open side is infinite. */
export interface SlotWindow {
  /** They start at or after. */
  readonly startFromMs: number;
  /** They start before. */
  readonly startBeforeMs: number;
  /** They end at or before. */
  readonly endByMs: number;
}

const UNBOUNDED: SlotWindow = { startFromMs: -Infinity, startBeforeMs: Infinity, endByMs: Infinity };

/** How long a window is whose end nobody names. */
export const WINDOW_DAYS_DEFAULT = 7;

/** 9999-12-31, the last day that FHIR can write: a default end up to its UTC midnight can be written in every zone. */
const LAST_DAY_MS = 253_402_214_400_000;

/** The longest slot there is: who ends late cannot have started much earlier. */
const SLOT_MS_MAX = MINUTES_PER_DAY * MS_PER_MINUTE;

/**
 * The window of an availability question in the zone of a Schedule. Without a lower bound it begins now; without an
 * upper one it ends seven days later: after a day at the same local midnight, after a moment 168 hours on. It is
 * empty where the zone skips all of the time asked for.
 *
 * @throws {Fault} `invalid` where `end` does not lie after `start`, or where the years end before the window would
 */
export function availabilityWindow(question: AvailabilityQuestion, zone: string, nowMs: number): SlotWindow {
  const { bounds } = question;
  const asked = boundsIn(zone, question);
  const startFromMs = asked.startFromMs === -Infinity ? nowMs : asked.startFromMs;
  const isOpen = asked.startBeforeMs === Infinity && asked.endByMs === Infinity;
  const window = { ...asked, startFromMs, ...(isOpen && { endByMs: weekAfter(bounds, startFromMs, zone) }) };
  if (window.endByMs > startFromMs) return window;
  // Days and clock faces that one zone skips are there in UTC, so UTC tells which was written first.
  const isLocal = asked.startFromMs !== -Infinity && bounds.every(({ time }) => time.kind !== 'instant');
  const written = isLocal ? boundsIn('UTC', question) : window;
  if (written.endByMs > written.startFromMs) return { ...window, endByMs: startFromMs };
  throw unreadable('end', 'end must lie after start (now, where none is given).');
}

function boundsIn(zone: string, { bounds, durationMinutes = MINUTES_PER_DAY }: AvailabilityQuestion): SlotWindow {
  const durationMs = durationMinutes * MS_PER_MINUTE;
  const window = { ...UNBOUNDED };
  for (const bound of bounds) {
    const limits = bound.param === 'start' ? limitsOfStart(bound, zone) : limitsOfEnd(bound, zone, durationMs);
    window.startFromMs = Math.max(window.startFromMs, limits.startFromMs ?? -Infinity);
    window.startBeforeMs = Math.min(window.startBeforeMs, limits.startBeforeMs ?? Infinity);
    window.endByMs = Math.min(window.endByMs, limits.endByMs ?? Infinity);
  }
  return window;
}

/** The condition by which stored Slots lie in a window and, where a length was asked for, have it exactly. */
export function windowFilter(window: SlotWindow, durationMinutes?: number): Filter {
  const leaf = (param: string, prefix: Prefix, ms: number): Filter[] =>
    Number.isFinite(ms) ? [{ kind: 'date', param, prefix, range: { startMs: ms, endMs: ms + 1 } }] : [];
  return allOf([
    ...leaf('start', 'ge', window.startFromMs),
    ...leaf('start', 'lt', window.startBeforeMs),
    ...leaf('end', 'le', window.endByMs),
    ...(durationMinutes === undefined
      ? []
      : [{ kind: 'number', param: 'duration', prefix: 'eq', value: durationMinutes } as const]),
  ]);
}

/**
 * The bounds that a FHIR search sets to computed slots, whose times are whole minutes: no slot outside of them meets
 * the filter, though not each one within does. Alternatives are bounded where each of them is; what stands under `not`
 * bounds nothing.
 */
export function windowOf(filter: Filter): Partial<SlotWindow> {
  const { startFromMs, startBeforeMs, endByMs } = sidesOf(filter);
  return {
    ...(startFromMs > -Infinity && { startFromMs }),
    ...(startBeforeMs < Infinity && { startBeforeMs }),
    ...(endByMs < Infinity && { endByMs }),
  };
}

function sidesOf(filter: Filter): SlotWindow {
  if (filter.kind === 'date') return sidesOfDate(filter);
  if (filter.kind !== 'all' && filter.kind !== 'any') return UNBOUNDED;
  const parts = filter.of.map(sidesOf);
  if (parts.length === 0) return UNBOUNDED;
  // What all bound, the narrowest bounds; of alternatives, the widest.
  const [from, by] = filter.kind === 'all' ? [Math.max, Math.min] : [Math.min, Math.max];
  return {
    startFromMs: parts.map((one) => one.startFromMs).reduce((a, b) => from(a, b)),
    startBeforeMs: parts.map((one) => one.startBeforeMs).reduce((a, b) => by(a, b)),
    endByMs: parts.map((one) => one.endByMs).reduce((a, b) => by(a, b)),
  };
}

function sidesOfDate(leaf: DateLeaf): SlotWindow {
  const least = lowerEdge(leaf) ?? -Infinity;
  const most = upperEdge(leaf) ?? Infinity;
  if (leaf.param === 'start') return { ...UNBOUNDED, startFromMs: least, startBeforeMs: most };
  if (leaf.param === 'end') return { ...UNBOUNDED, startFromMs: least - SLOT_MS_MAX, endByMs: most - 1 };
  return UNBOUNDED;
}

/**
 * What a search for Slots says about their Schedules, as a condition on Schedule; undefined where it says nothing that
 * every match must meet.
 */
export function scheduleFilterOf(filter: Filter): Filter | undefined {
  const known = conjunctsOf(filter).flatMap((part) => onSchedule(part) ?? []);
  return known.length === 0 ? undefined : allOf(known);
}

function onSchedule(part: Filter): Filter | undefined {
  if (part.kind === 'chain' && part.param === 'schedule') return part.filter;
  if (part.kind === 'reference' && part.param === 'schedule') {
    // A Schedule elsewhere is none of ours: its URL is no id.
    return { kind: 'token', param: '_id', code: part.target.replace(/^Schedule\//, '') };
  }
  if (part.kind !== 'any') return undefined;
  const parts = part.of.map(onSchedule);
  return parts.every((one) => one !== undefined) ? anyOf(parts) : undefined;
}

function limitsOfStart({ prefix = 'ge', time }: AskedBound, zone: string): Partial<SlotWindow> {
  const { startMs, endMs } = intervalOf(time, zone);
  switch (prefix) {
    case 'ge':
      return { startFromMs: startMs };
    case 'gt':
    case 'sa':
      return { startFromMs: endMs };
    case 'lt':
    case 'eb':
      return { startBeforeMs: startMs };
    case 'le':
      return { startBeforeMs: endMs };
    default:
      return { startFromMs: startMs, startBeforeMs: endMs };
  }
}

/** A slot that ends at the midnight after a day ends within that day. */
function limitsOfEnd({ prefix = 'le', time }: AskedBound, zone: string, durationMs: number): Partial<SlotWindow> {
  const { startMs, endMs } = intervalOf(time, zone);
  const isDay = time.kind === 'days';
  const first = isDay ? startMs + 1 : startMs;
  const last = isDay ? endMs : startMs;
  switch (prefix) {
    case 'ge':
      return { startFromMs: first - durationMs };
    case 'gt':
    case 'sa':
      return { startFromMs: last + 1 - durationMs };
    case 'lt':
    case 'eb':
      return { endByMs: first - 1 };
    case 'le':
      return { endByMs: last };
    default:
      return { startFromMs: first - durationMs, endByMs: last };
  }
}

/** The default end: seven local days after a bare `start` of whole days, else seven times 24 hours. */
function weekAfter(bounds: readonly AskedBound[], startFromMs: number, zone: string): number {
  if (startFromMs + WINDOW_DAYS_DEFAULT * MS_PER_DAY > LAST_DAY_MS) {
    throw unreadable('start', 'The week after start reaches beyond the year 9999: give an end too.');
  }
  const day = bounds.find(
    ({ param, prefix = 'ge', time }) => param === 'start' && prefix === 'ge' && time.kind === 'days',
  );
  if (day?.time.kind === 'days' && intervalOf(day.time, zone).startMs === startFromMs) {
    return dayInterval(zone, addDays(day.time.firstDate, WINDOW_DAYS_DEFAULT)).startMs;
  }
  return startFromMs + WINDOW_DAYS_DEFAULT * MS_PER_DAY;
}

/** When what a date leaf finds begins at the earliest, in whole minutes: a second may reach over the edge. */
function lowerEdge({ prefix, range }: DateLeaf): number | undefined {
  switch (prefix) {
    case 'eq':
    case 'ge':
    case 'ap':
      return Math.floor(range.startMs / MS_PER_MINUTE) * MS_PER_MINUTE;
    case 'gt':
    case 'sa':
      return Math.floor(range.endMs / MS_PER_MINUTE) * MS_PER_MINUTE;
    default:
      return undefined;
  }
}

/** Before when what a date leaf finds begins. */
function upperEdge({ prefix, range }: DateLeaf): number | undefined {
  switch (prefix) {
    case 'eq':
    case 'le':
    case 'ap':
      return range.endMs;
    case 'lt':
    case 'eb':
      return range.startMs;
    default:
      return undefined;
  }
}
