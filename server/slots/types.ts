import type { Interval } from '../base/interval.js';

/** 1 = Monday … 7 = Sunday, as ISO 8601 and Temporal count. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Opening hours of one local day, as clock faces. An end not later than the start means the next day. */
export interface DayHours {
  /** Minutes on the clock face, 0 to 1,439. All day: 0 and 0. */
  readonly startMinute: number;
  readonly endMinute: number;
  /** How many bookings may overlap; absent: the rule's. */
  readonly capacity?: number;
}

export interface WeeklyHours extends DayHours {
  /** Empty: every day. */
  readonly daysOfWeek: readonly Weekday[];
}

/** Replaces the hours of one local day; none: closed. */
export interface Override {
  /** `YYYY-MM-DD` in the rule's zone. */
  readonly date: string;
  readonly hours: readonly DayHours[];
}

export interface Limit {
  readonly count: number;
  readonly per: 'day' | 'week' | 'month';
}

/** One availability rule, as `docs/availability.md` has it, with every FHIR spelling already read. */
export interface AvailabilityRule {
  /** IANA name. */
  readonly zone: string;
  readonly hours: readonly WeeklyHours[];
  readonly overrides: readonly Override[];
  /** Closed time; open sides are infinite. */
  readonly closures: readonly Interval[];
  /** Absent: 20 minutes, unless the question names one. */
  readonly durationMinutes?: number;
  /** No other length than `durationMinutes` is offered. */
  readonly fixedDuration: boolean;
  /** Absent: the length of the slot. */
  readonly intervalMinutes?: number;
  readonly offsetMinutes: number;
  readonly bufferBeforeMinutes: number;
  readonly bufferAfterMinutes: number;
  /** Elapsed time between now and the earliest start. Absent: no bound, not even now. */
  readonly noticeMinutes?: number;
  /** How far ahead one may book: elapsed minutes, or local days. */
  readonly bookingWindow?: { readonly minutes: number } | { readonly days: number };
  readonly limits: readonly Limit[];
  readonly capacity: number;
  /** Rules with the same pool count the same claims. Absent: the pool of all rules without one. */
  readonly pool?: string;
}

/** Which candidates are wanted. */
export interface SlotQuestion {
  /** Starts at or after. */
  readonly startFromMs: number;
  /** Starts before. */
  readonly startBeforeMs: number;
  /** Ends at or before. */
  readonly endByMs: number;
  /** Asked for; absent: each rule's own. */
  readonly durationMinutes?: number;
  readonly nowMs: number;
}

/** Time that is taken on a Schedule. */
export interface Occupied {
  /** `planningHorizon` of the Schedule: nothing outside of it. */
  readonly horizon: Interval;
  /** Stored Slots, sorted by start, not overlapping: their time is theirs, and buffers keep off it. */
  readonly blocked: readonly Interval[];
  /** Live claims, their buffers included. */
  readonly claims: readonly ClaimedTime[];
  /** Starts of the Appointments that count against limits. */
  readonly bookedStartsMs: readonly number[];
}

export interface ClaimedTime extends Interval {
  /** The pool it counts in; `every`: it blocks all of them, full or not (another Schedule's claim, a stored Slot's). */
  readonly pool: { readonly name: string | undefined } | 'every';
}

/** One computed slot. */
export interface Candidate {
  readonly startMs: number;
  readonly endMs: number;
  /** Index of the first rule, in the order given, that offers it. */
  readonly rule: number;
  /** How many may overlap in it. */
  readonly capacity: number;
}

/** Why a stretch of time is not offered as a slot. */
export type Refusal =
  /** Not a length that the rule offers. */
  | 'length'
  /** No slot of that length starts there; none ever does between two minutes of UTC. */
  | 'off-grid'
  /** Not whole in the opening hours. */
  | 'closed'
  /** In time that the rule closes by its date. */
  | 'closure'
  /** Outside the `planningHorizon` of the Schedule. */
  | 'horizon'
  /** A stored Slot lies there, or nearer than a buffer. */
  | 'blocked'
  /** Claims leave no room there, or nearer than a buffer. */
  | 'taken'
  /** Sooner than the minimum notice. */
  | 'notice'
  /** Later than the booking window. */
  | 'window'
  /** As many Appointments start in that day, week or month as may. */
  | 'limit';
