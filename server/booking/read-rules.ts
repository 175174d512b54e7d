import type { CodeableConcept, Extension, Schedule } from 'fhir/r4.js';
import { MINUTES_PER_DAY } from '../base/clock.js';
import type { Reason } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import type { AvailabilityRule, DayHours, Limit, Override, Weekday, WeeklyHours } from '../slots/index.js';
import { isCalendarDate, isZone } from '../zones/index.js';
import { AHEAD_MINUTES_MAX, minutesOf } from './durations.js';
import { Parts, type Part, type PartRule } from './extension-parts.js';
import { faceMinute, weekdayOfCode } from './hours.js';
import { periodInterval } from './periods.js';

export const AVAILABILITY_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/availability';
export const RULES_PER_SCHEDULE_MAX = 100;
export const CAPACITY_MAX = 1_000;
export const POOL_CHARACTERS_MAX = 64;

/** A rule as it is written on a Schedule: what slots are made from, and which visits it is for. */
export interface ScheduleRule extends AvailabilityRule {
  /** Its own; empty: the Schedule's. */
  readonly serviceTypes: readonly CodeableConcept[];
  /** It has neither hours nor overrides: the hours of the Schedule's actors count. */
  readonly hoursOfActors: boolean;
}

/** The rules of a Schedule, and all that is wrong with them (`rule`, 422), each naming its element. */
export interface RulesRead {
  readonly rules: readonly ScheduleRule[];
  readonly refusals: readonly Reason[];
}

/** How often a part that repeats may stand: weekly hours, and what is listed by date. */
export const HOURS_PER_RULE_MAX = 200;
export const DATES_PER_RULE_MAX = 2_000;
const FEW_PARTS_MAX = 50;

const RULE_PARTS = {
  timezone: { max: 1, value: 'valueCode' },
  serviceType: { max: FEW_PARTS_MAX, value: 'valueCodeableConcept' },
  availableTime: { max: HOURS_PER_RULE_MAX },
  override: { max: DATES_PER_RULE_MAX },
  notAvailableTime: { max: DATES_PER_RULE_MAX },
  duration: { max: 1, value: 'valueDuration' },
  fixedDuration: { max: 1, value: 'valueBoolean' },
  interval: { max: 1, value: 'valueDuration' },
  offset: { max: 1, value: 'valueDuration' },
  bufferBefore: { max: 1, value: 'valueDuration' },
  bufferAfter: { max: 1, value: 'valueDuration' },
  minimumNotice: { max: 1, value: 'valueDuration' },
  bookingWindow: { max: 1, value: 'valueDuration' },
  limit: { max: FEW_PARTS_MAX },
  capacity: { max: 1, value: 'valuePositiveInt' },
  pool: { max: 1, value: 'valueString' },
} as const satisfies Record<string, PartRule>;

const HOURS_PARTS = {
  daysOfWeek: { max: 7, value: 'valueCode' },
  availableStartTime: { max: 1, value: 'valueTime' },
  availableEndTime: { max: 1, value: 'valueTime' },
  allDay: { max: 1, value: 'valueBoolean' },
  capacity: { max: 1, value: 'valuePositiveInt' },
} as const satisfies Record<string, PartRule>;

const OVERRIDE_PARTS = {
  date: { max: 1, value: 'valueDate' },
  availableTime: { max: FEW_PARTS_MAX },
} as const satisfies Record<string, PartRule>;

const CLOSURE_PARTS = {
  during: { max: 1, value: 'valuePeriod' },
  description: { max: 1, value: 'valueString' },
} as const satisfies Record<string, PartRule>;

const LIMIT_PARTS = {
  count: { max: 1, value: 'valuePositiveInt' },
  per: { max: 1, value: 'valueCode' },
} as const satisfies Record<string, PartRule>;

type RuleParts = Parts<keyof typeof RULE_PARTS>;

/**
 * Reads the availability extensions of a Schedule.
 *
 * @param zone the Schedule's zone, for rules that name none
 * @see `docs/availability.md`, "Shape"
 */
export function readRules(schedule: Schedule, zone: string): RulesRead {
  const refusals: Reason[] = [];
  const found = (schedule.extension ?? [])
    .map((extension, index) => ({ extension, path: `Schedule.extension[${index}]` }))
    .filter(({ extension }) => extension.url === AVAILABILITY_URL);
  if (found.length > RULES_PER_SCHEDULE_MAX) {
    const message = `A Schedule has at most ${RULES_PER_SCHEDULE_MAX} availability rules, not ${found.length}.`;
    return { rules: [], refusals: [{ kind: 'rule', expression: 'Schedule.extension', message }] };
  }
  return { rules: found.map((part) => readRule(part, zone, refusals)), refusals };
}

function readRule(whole: Part, scheduleZone: string, refusals: Reason[]): ScheduleRule {
  const parts: RuleParts = new Parts(whole, RULE_PARTS, refusals);
  const zone = zoneOf(parts, scheduleZone);
  const hours = parts.all('availableTime').flatMap((part) => readHours(part, refusals, true));
  const overrides = readOverrides(parts);
  const durationMinutes = minutesOf(parts, parts.one('duration'), 1, MINUTES_PER_DAY);
  const intervalMinutes = minutesOf(parts, parts.one('interval'), 1, MINUTES_PER_DAY);
  const noticeMinutes = minutesOf(parts, parts.one('minimumNotice'), 0, AHEAD_MINUTES_MAX);
  const bookingWindow = readBookingWindow(parts);
  const fixed = parts.one('fixedDuration');
  if (fixed?.extension.valueBoolean && !parts.one('duration'))
    parts.refuse(fixed.path, 'It needs a duration beside it.');
  const pool = readPool(parts);
  return {
    zone,
    serviceTypes: parts.all('serviceType').map(({ extension }) => extension.valueCodeableConcept as CodeableConcept),
    hoursOfActors: parts.all('availableTime').length === 0 && parts.all('override').length === 0,
    hours,
    overrides,
    closures: parts.all('notAvailableTime').flatMap((part) => readClosure(part, zone, refusals)),
    ...(durationMinutes !== undefined && { durationMinutes }),
    fixedDuration: fixed?.extension.valueBoolean ?? false,
    ...(intervalMinutes !== undefined && { intervalMinutes }),
    offsetMinutes: minutesOf(parts, parts.one('offset'), 0, MINUTES_PER_DAY) ?? 0,
    bufferBeforeMinutes: minutesOf(parts, parts.one('bufferBefore'), 0, MINUTES_PER_DAY) ?? 0,
    bufferAfterMinutes: minutesOf(parts, parts.one('bufferAfter'), 0, MINUTES_PER_DAY) ?? 0,
    ...(noticeMinutes !== undefined && { noticeMinutes }),
    ...(bookingWindow && { bookingWindow }),
    limits: parts.all('limit').flatMap((part) => readLimit(part, refusals)),
    capacity: readCapacity(parts) ?? 1,
    ...(pool !== undefined && { pool }),
  };
}

function zoneOf(parts: RuleParts, scheduleZone: string): string {
  const part = parts.one('timezone');
  const name = part?.extension.valueCode;
  if (!part || name === undefined) return scheduleZone;
  if (isZone(name)) return name;
  parts.refuse(part.path, `'${name}' is no zone of the IANA database; write one such as America/New_York.`);
  return scheduleZone;
}

/** The hours of one `availableTime`; in an override it names no days. Nothing where it is refused. */
function readHours(whole: Part, refusals: Reason[], weekly: boolean): WeeklyHours[] {
  const parts = new Parts(whole, HOURS_PARTS, refusals);
  const days = parts.all('daysOfWeek');
  if (!weekly && days[0]) parts.refuse(days[0].path, 'An override is for one date and names no days of the week.');
  const daysOfWeek = days.flatMap((day) => readWeekday(parts, day));
  const faces = readFaces(parts, whole);
  const capacity = readCapacity(parts);
  return faces ? [{ daysOfWeek, ...faces, ...(capacity !== undefined && { capacity }) }] : [];
}

function readWeekday(parts: Parts<keyof typeof HOURS_PARTS>, day: Part): Weekday[] {
  const weekday = weekdayOfCode(day.extension.valueCode ?? '');
  if (weekday === undefined) parts.refuse(day.path, `'${day.extension.valueCode}' is no day; write mon, tue … sun.`);
  return weekday === undefined ? [] : [weekday];
}

function readFaces(parts: Parts<keyof typeof HOURS_PARTS>, whole: Part): DayHours | undefined {
  const start = parts.one('availableStartTime');
  const end = parts.one('availableEndTime');
  if (parts.one('allDay')?.extension.valueBoolean) {
    if (!start && !end) return { startMinute: 0, endMinute: 0 };
    parts.refuse(whole.path, 'It is all day, or it has a start and an end, not both.');
    return undefined;
  }
  if (!start || !end) {
    parts.refuse(whole.path, 'It needs availableStartTime and availableEndTime, or allDay=true.');
    return undefined;
  }
  const [startMinute, endMinute] = [start, end].map((part) => {
    const minute = faceMinute(part.extension.valueTime ?? '');
    if (minute === undefined) parts.refuse(part.path, 'Hours begin and end at whole minutes: seconds must be 00.');
    return minute;
  });
  return startMinute === undefined || endMinute === undefined ? undefined : { startMinute, endMinute };
}

function readOverrides(parts: RuleParts): Override[] {
  const dates = new Set<string>();
  return parts.all('override').flatMap((part) => {
    const own = new Parts(part, OVERRIDE_PARTS, parts.refusals);
    const date = own.one('date')?.extension.valueDate ?? '';
    const hours = own.all('availableTime').flatMap((time) => readHours(time, parts.refusals, false));
    if (!isCalendarDate(date)) own.refuse(part.path, 'An override needs the whole date that it is for.');
    else if (dates.has(date)) own.refuse(part.path, `There is an override of ${date} already.`);
    dates.add(date);
    return isCalendarDate(date) ? [{ date, hours }] : [];
  });
}

function readClosure(whole: Part, zone: string, refusals: Reason[]): Interval[] {
  const parts = new Parts(whole, CLOSURE_PARTS, refusals);
  const during = parts.one('during');
  const period = during?.extension.valuePeriod;
  if (!during || (period?.start === undefined && period?.end === undefined)) {
    parts.refuse(during?.path ?? whole.path, 'It needs a Period with a start, an end, or both.');
    return [];
  }
  const closed = periodInterval(period, zone);
  if (closed.startMs <= closed.endMs) return [closed];
  parts.refuse(during.path, 'The Period ends before it starts.');
  return [];
}

function readBookingWindow(parts: RuleParts): AvailabilityRule['bookingWindow'] {
  const part = parts.one('bookingWindow');
  const minutes = minutesOf(parts, part, 0, AHEAD_MINUTES_MAX);
  if (!part || minutes === undefined) return undefined;
  const code = part.extension.valueDuration?.code;
  if (code !== 'd' && code !== 'wk') return { minutes };
  if (minutes % MINUTES_PER_DAY === 0) return { days: minutes / MINUTES_PER_DAY };
  parts.refuse(part.path, 'A booking window in days or weeks must be whole days.');
  return undefined;
}

function readLimit(whole: Part, refusals: Reason[]): Limit[] {
  const parts = new Parts(whole, LIMIT_PARTS, refusals);
  const count = parts.one('count')?.extension.valuePositiveInt;
  const per = parts.one('per')?.extension.valueCode;
  if (count !== undefined && (per === 'day' || per === 'week' || per === 'month')) return [{ count, per }];
  parts.refuse(whole.path, 'A limit needs a count and per, which is day, week or month.');
  return [];
}

function readCapacity(parts: Parts<'capacity'> | RuleParts | Parts<keyof typeof HOURS_PARTS>): number | undefined {
  const part = (parts as Parts<'capacity'>).one('capacity');
  const capacity = part?.extension.valuePositiveInt;
  if (part && (capacity ?? 0) > CAPACITY_MAX) parts.refuse(part.path, `A capacity is at most ${CAPACITY_MAX}.`);
  return capacity;
}

function readPool(parts: RuleParts): string | undefined {
  const part = parts.one('pool');
  const pool: Extension['valueString'] = part?.extension.valueString;
  if (part && (pool === undefined || pool.length === 0 || pool.length > POOL_CHARACTERS_MAX)) {
    parts.refuse(part.path, `A pool has a name of 1 to ${POOL_CHARACTERS_MAX} characters.`);
  }
  return pool;
}
