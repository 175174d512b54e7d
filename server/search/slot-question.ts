import { fault } from '../base/fault.js';
import { searchParametersOf } from '../fhir/index.js';
import { readBound, type AskedBound } from './asked-time.js';
import { AVAILABILITY_COUNT_DEFAULT, quoted, unreadable } from './limits.js';
import { codeOf } from './parse-condition.js';
import { isResultParameter } from './parse-results.js';
import { parseSearch, type SearchParams } from './parse-search.js';
import { splitPrefix } from './parse-value.js';
import type { ParsedSearch, SearchContext } from './parsed-search.js';

/** What `GET /Slot` asks: for free times that can be had, or for Slots by the rules of R4 (design §5). */
export type SlotRequest = AvailabilityQuestion | { readonly kind: 'search'; readonly search: ParsedSearch };

export interface AvailabilityQuestion {
  readonly kind: 'availability';
  /** All but `start`, `end` and `duration`, which stand in `applied` but are no part of the filter. */
  readonly search: ParsedSearch;
  /** `start` and `end`; `availabilityWindow` makes a window of them when the Schedule's zone is known. */
  readonly bounds: readonly AskedBound[];
  /** Absent: each rule's own. */
  readonly durationMinutes?: number;
}

/** A day: no longer slot can be asked for. */
export const DURATION_MINUTES_MAX = 1_440;

/** Oracle Health's parameter, whose searches find only what is free there: they are availability questions. */
const LOCATION = '-location';

/** With these a request can be an availability question, as long as no other search parameter stands beside it. */
const AVAILABILITY_CODES = ['schedule', 'start', 'end', 'duration'];

/** Prefixes that name no bounds of a window. */
const UNBOUNDING_PREFIXES = ['ne', 'ap'];

/**
 * Tells an availability question from a FHIR search, and reads it.
 *
 * It is one where `duration` or `-location` is given, or where there is `schedule` (or a chain on it), a bare `start`
 * or a bare `end`, and no other search parameter. Result parameters and ignored ones do not matter.
 *
 * @param context its `countDefault` is for FHIR searches
 * @throws {Fault} `required` where an availability question names no schedule; `invalid` for a `start`, `end` or
 *   `duration` that cannot be read or that stands twice, and all of `parseSearch`
 */
export function slotQuestionOf(params: SearchParams, context: SearchContext): SlotRequest {
  if (!isAvailabilityQuestion(params)) return { kind: 'search', search: parseSearch('Slot', params, context) };
  const bounds = params.flatMap(([name, value]) => (name === 'start' || name === 'end' ? readBound(name, value) : []));
  refuseOddBounds(bounds);
  const durationMinutes = readDuration(params.filter(([name]) => name === 'duration').map(([, value]) => value));
  const search = parseSearch('Slot', params, { ...context, countDefault: AVAILABILITY_COUNT_DEFAULT }, isAboutTime);
  if (!search.applied.some(([name]) => namesSchedules(name))) {
    throw fault(
      'required',
      'Free times are those of a schedule: add schedule=[id], or ask by prefixes (start=ge…).',
      'schedule',
    );
  }
  return { kind: 'availability', search, bounds, ...(durationMinutes !== undefined && { durationMinutes }) };
}

function isAvailabilityQuestion(params: SearchParams): boolean {
  const known = searchParametersOf('Slot');
  const isCondition = (code: string) => known.has(code) || code === '_has';
  const conditions = params.filter(([name]) => isCondition(codeOf(name)) && !isResultParameter(name));
  if (conditions.some(([name]) => name === 'duration' || codeOf(name) === LOCATION)) return true;
  return conditions.length > 0 && conditions.every(([name, value]) => namesSchedules(name) || isBareTime(name, value));
}

/** `schedule`, `schedule:Schedule` or a chain, by whatever name; `schedule:missing` names none. */
function namesSchedules(name: string): boolean {
  const code = codeOf(name);
  return code === LOCATION || (code === 'schedule' && name !== 'schedule:missing');
}

/** Without prefix. Several days between commas are no window, but a FHIR search for those days. */
function isBareTime(name: string, value: string): boolean {
  return (name === 'start' || name === 'end') && splitPrefix(value).prefix === undefined && !value.includes(',');
}

function isAboutTime(name: string): boolean {
  return AVAILABILITY_CODES.includes(name) && name !== 'schedule';
}

function refuseOddBounds(bounds: readonly AskedBound[]): void {
  for (const param of ['start', 'end'] as const) {
    const own = bounds.filter((bound) => bound.param === param);
    if (own.filter(({ prefix }) => prefix === undefined).length > 1) {
      throw unreadable(param, `${param} may stand only once; for two bounds write ${param}=ge… and ${param}=lt….`);
    }
    const odd = own.find(({ prefix }) => prefix !== undefined && UNBOUNDING_PREFIXES.includes(prefix));
    if (odd)
      throw unreadable(param, `With duration, ${param} bounds a window, which the prefix ${odd.prefix} does not.`);
  }
}

function readDuration(values: readonly string[]): number | undefined {
  const [value, ...more] = values;
  if (value === undefined) return undefined;
  if (more.length > 0) throw unreadable('duration', 'duration may stand only once.');
  const minutes = Number(value);
  if (!/^\d{1,4}$/.test(value) || minutes < 1 || minutes > DURATION_MINUTES_MAX) {
    throw unreadable(
      'duration',
      `duration is a whole number of minutes from 1 to ${DURATION_MINUTES_MAX}, not ${quoted(value)}.`,
    );
  }
  return minutes;
}
