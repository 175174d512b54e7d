import type { Extension, Schedule } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import { AVAILABILITY_URL } from '../../booking/index.js';
import { minuteOf, textOfPlaced, utcText, type PlacedTime, type TimeStyle } from './times.js';

/** What is told of a time slot beside its rule. See fhir-profiles/StructureDefinition-time-slot.json. */
const TIME_SLOT_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/time-slot';

/** FHIR's days, Monday first: https://hl7.org/fhir/R4/valueset-days-of-week.html */
const DAY_CODES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAYS = DAY_CODES.length;

/** Which day 0 is. */
export type WeekStart = 'monday' | 'sunday';

/** A weekly rule of a service, as this API sees it: an availability rule of the Schedule, with a pool of its own. */
export interface TimeSlot {
  readonly number: number;
  /** 0 = Monday, whatever the clients count from. */
  readonly day: number;
  readonly start: PlacedTime;
  readonly end: PlacedTime;
  readonly maxBookings: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A time slot as JSON. */
export function timeSlotJson(
  slot: TimeSlot,
  service: { readonly number: number; readonly zone: string },
  weekStart: WeekStart,
  style: TimeStyle,
): object {
  return {
    id: slot.number,
    service_id: service.number,
    day_of_week: dayOut(slot.day, weekStart),
    start_time: textOfPlaced(slot.start, service.zone, style),
    end_time: textOfPlaced(slot.end, service.zone, style),
    max_bookings: slot.maxBookings,
    created_at: utcText(slot.createdMs),
    updated_at: utcText(slot.updatedMs),
  };
}

/** A day of a request, counted from Monday. */
export function dayIn(day: number, weekStart: WeekStart): number {
  return weekStart === 'monday' ? day : (day + DAYS - 1) % DAYS;
}

function dayOut(day: number, weekStart: WeekStart): number {
  return weekStart === 'monday' ? day : (day + 1) % DAYS;
}

/** By the day as clients count it, then by clock time, then by id. */
export function inOrder(slots: readonly TimeSlot[], weekStart: WeekStart): readonly TimeSlot[] {
  return [...slots].sort(
    (a, b) =>
      dayOut(a.day, weekStart) - dayOut(b.day, weekStart) ||
      minuteOf(a.start.clock) - minuteOf(b.start.clock) ||
      a.number - b.number,
  );
}

/** The pool of the rule of a time slot: its bookings of a date count in it and nowhere else. */
export function poolOfSlot(number: number): string {
  return `rk-time-slot-${number}`;
}

/** The time slot of a pool; undefined for a pool of somebody else. */
export function slotOfPool(pool: string): number | undefined {
  const [, digits] = /^rk-time-slot-([1-9]\d{0,14})$/.exec(pool) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The time slots among the rules of a Schedule. Rules that have been changed into something else are passed over. */
export function timeSlotsOf({ extension = [] }: Schedule): readonly TimeSlot[] {
  const told = new Map(extension.filter(({ url }) => url === TIME_SLOT_URL).map((one) => [numberOf(one), one]));
  return extension.flatMap((rule) => {
    const number = ruleNumber(rule);
    const about = number === undefined ? undefined : told.get(number);
    return number === undefined || !about ? [] : (timeSlotOf(number, rule, about) ?? []);
  });
}

function timeSlotOf(number: number, rule: Extension, about: Extension): TimeSlot | undefined {
  const hours = part(rule, 'availableTime');
  const day = DAY_CODES.findIndex((code) => code === part(hours, 'daysOfWeek')?.valueCode);
  const [start, end] = [part(hours, 'availableStartTime')?.valueTime, part(hours, 'availableEndTime')?.valueTime];
  if (day < 0 || start === undefined || end === undefined) return undefined;
  return {
    number,
    day,
    start: { date: part(about, 'startDate')?.valueDate ?? '', clock: start.slice(0, 'HH:MM:SS'.length) },
    end: { date: part(about, 'endDate')?.valueDate ?? '', clock: end.slice(0, 'HH:MM:SS'.length) },
    maxBookings: part(rule, 'capacity')?.valuePositiveInt ?? 1,
    createdMs: Date.parse(part(about, 'created')?.valueInstant ?? ''),
    updatedMs: Date.parse(part(about, 'updated')?.valueInstant ?? ''),
  };
}

/**
 * The extensions of a Schedule with these time slots in place of those that it has. Of a rule that stays, what this API
 * does not know of (closures, overrides) stays too; other rules are left alone.
 */
export function withTimeSlots(schedule: Schedule, slots: readonly TimeSlot[]): Extension[] {
  const { extension = [] } = schedule;
  const present = new Set(timeSlotsOf(schedule).map(({ number }) => number));
  const isSlots = (one: Extension) => {
    const number = one.url === TIME_SLOT_URL ? numberOf(one) : ruleNumber(one);
    return number !== undefined && present.has(number);
  };
  const rules = new Map(extension.map((one) => [ruleNumber(one), one]));
  return [...extension.filter((one) => !isSlots(one)), ...slots.flatMap((slot) => extensionsOf(slot, rules))];
}

function extensionsOf(slot: TimeSlot, rules: ReadonlyMap<number | undefined, Extension>): Extension[] {
  const kept = (rules.get(slot.number)?.extension ?? []).filter(({ url }) => !SET_PARTS.includes(url));
  const about: Extension[] = [
    { url: 'number', valuePositiveInt: slot.number },
    { url: 'startDate', valueDate: slot.start.date },
    { url: 'endDate', valueDate: slot.end.date },
    { url: 'created', valueInstant: instantText(slot.createdMs) },
    { url: 'updated', valueInstant: instantText(slot.updatedMs) },
  ];
  return [
    { url: AVAILABILITY_URL, extension: [...ruleParts(slot), ...kept] },
    { url: TIME_SLOT_URL, extension: about },
  ];
}

/** The parts of a rule that follow from the time slot. */
const SET_PARTS = ['availableTime', 'duration', 'fixedDuration', 'interval', 'capacity', 'pool'];

function ruleParts({ number, day, start, end, maxBookings }: TimeSlot): Extension[] {
  return [
    {
      url: 'availableTime',
      extension: [
        { url: 'daysOfWeek', valueCode: DAY_CODES[day] ?? '' },
        { url: 'availableStartTime', valueTime: start.clock },
        { url: 'availableEndTime', valueTime: end.clock },
      ],
    },
    minutesPart('duration', minuteOf(end.clock) - minuteOf(start.clock)),
    { url: 'fixedDuration', valueBoolean: true },
    // One Slot of its full length on a date, also in a night that repeats an hour.
    minutesPart('interval', 1_440),
    { url: 'capacity', valuePositiveInt: maxBookings },
    { url: 'pool', valueString: poolOfSlot(number) },
  ];
}

function minutesPart(url: string, value: number): Extension {
  return { url, valueDuration: { value, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' } };
}

function ruleNumber(rule: Extension): number | undefined {
  return rule.url === AVAILABILITY_URL ? slotOfPool(part(rule, 'pool')?.valueString ?? '') : undefined;
}

function numberOf(about: Extension): number | undefined {
  return part(about, 'number')?.valuePositiveInt;
}

function part(whole: Extension | undefined, url: string): Extension | undefined {
  return whole?.extension?.find((one) => one.url === url);
}
