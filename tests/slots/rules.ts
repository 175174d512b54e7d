/** Rules, questions and answers written the short way, for the tests of slot generation. */
import { ALWAYS } from '../../server/base/interval.js';
import {
  listCandidates,
  type AvailabilityRule,
  type Candidate,
  type ClaimedTime,
  type DayHours,
  type Occupied,
  type SlotQuestion,
  type Weekday,
  type WeeklyHours,
} from '../../server/slots/index.js';
import { dayInterval, instantOfLocal, localText } from '../../server/zones/index.js';

export const NEW_YORK = 'America/New_York';
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WORKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5];

export const FREE: Occupied = { horizon: ALWAYS, blocked: [], claims: [], bookedStartsMs: [] };

/** A rule in New York without hours, buffers, limits; one booking at a time. */
export function rule(parts: Partial<AvailabilityRule> = {}): AvailabilityRule {
  return {
    zone: NEW_YORK,
    hours: [],
    overrides: [],
    closures: [],
    fixedDuration: false,
    offsetMinutes: 0,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    limits: [],
    capacity: 1,
    ...parts,
  };
}

/** Mon–Fri 09:00–17:00 in New York, 30 minutes: the rule that group C4 has in mind where it names none. */
export function office(parts: Partial<AvailabilityRule> = {}): AvailabilityRule {
  return rule({ hours: [hours('mon-fri 09:00-17:00')], durationMinutes: 30, ...parts });
}

/** `09:00-12:00`, `all 00:00-00:00`, `tue,wed 21:00-03:00`, `mon-fri 09:00-17:00`. */
export function hours(text: string, capacity?: number): WeeklyHours {
  const [times = '', days = 'all'] = text.split(' ').reverse();
  const daysOfWeek =
    days === 'all'
      ? []
      : days === 'mon-fri'
        ? WORKDAYS
        : days.split(',').map((day) => (DAYS.indexOf(day) + 1) as Weekday);
  return { daysOfWeek, ...dayHours(times, capacity) };
}

/** `09:00-12:00` */
export function dayHours(text: string, capacity?: number): DayHours {
  const [startMinute = 0, endMinute = 0] = text
    .split('-')
    .map((face) => Number(face.slice(0, 2)) * 60 + Number(face.slice(3)));
  return { startMinute, endMinute, ...(capacity !== undefined && { capacity }) };
}

/** All slots of the local days from the first to the last, asked long before. */
export function onDays(zone: string, first: string, last = first, parts: Partial<SlotQuestion> = {}): SlotQuestion {
  const endByMs = dayInterval(zone, last).endMs;
  return { startFromMs: dayInterval(zone, first).startMs, startBeforeMs: endByMs, endByMs, nowMs: 0, ...parts };
}

/** A stretch of local time in New York: `2027-03-15T10:00` to `10:30`. */
export function stretch(from: string, to: string, zone = NEW_YORK) {
  const end = to.includes('T') ? to : `${from.slice(0, 11)}${to}`;
  return { startMs: instantOfLocal(zone, from), endMs: instantOfLocal(zone, end) };
}

/** A booking in New York, in the pool of rules without one. */
export function booked(from: string, to: string): ClaimedTime {
  return { ...stretch(from, to), pool: { name: undefined } };
}

/** The starts that rules offer, as instants `2027-03-15T13:00Z`. */
export function startsUtc(
  rules: AvailabilityRule | readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied = FREE,
) {
  return list(rules, question, occupied).map(({ startMs }) => new Date(startMs).toISOString().replace(':00.000Z', 'Z'));
}

/** The starts that rules offer, on the clocks of the first rule's zone: `2027-03-15T09:00`. */
export function startsLocal(
  rules: AvailabilityRule | readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied = FREE,
) {
  const zone = [rules].flat()[0]?.zone ?? 'UTC';
  return list(rules, question, occupied).map(({ startMs }) => localText(zone, startMs).slice(0, 16));
}

/** Of one day: the clock faces only, `09:00 09:30`. */
export function faces(
  rules: AvailabilityRule | readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied = FREE,
): string {
  return startsLocal(rules, question, occupied)
    .map((text) => text.slice(11))
    .join(' ');
}

function list(
  rules: AvailabilityRule | readonly AvailabilityRule[],
  question: SlotQuestion,
  occupied: Occupied,
): readonly Candidate[] {
  return listCandidates([rules].flat(), question, occupied);
}

/** Clock faces from the first to the last, so many minutes apart: `09:00 09:30 10:00`. */
export function every(stepMinutes: number, first: string, last: string): string {
  const [from, to] = [first, last].map((face) => Number(face.slice(0, 2)) * 60 + Number(face.slice(3))) as [
    number,
    number,
  ];
  const count = Math.floor((to - from) / stepMinutes) + 1;
  return Array.from({ length: count }, (_, index) => {
    const minute = from + index * stepMinutes;
    return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  }).join(' ');
}
