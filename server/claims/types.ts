import type { Interval } from '../base/interval.js';

/** Statuses that a Slot has because time of it is taken or closed. */
export type BusyStatus = 'busy' | 'busy-unavailable' | 'busy-tentative';

/**
 * One stretch of time that somebody has on a timeline (design §4). Its interval is the time booked, without buffers.
 */
export interface Claim extends Interval {
  /** Who has it: `Appointment/a1`; `Slot/x` for a lock of a Slot, and for a Slot that was written busy or disabled. */
  readonly by: string;
  /**
   * `booked`: for good. `held`: by a pending Appointment, until `untilMs`. `locked`: the whole Slot, until `untilMs`.
   * `busy`: a Slot that somebody wrote so by hand; it holds its time until it is written free again.
   */
  readonly kind: 'booked' | 'held' | 'locked' | 'busy';
  /** Id of the Schedule on which it lies. */
  readonly schedule: string;
  /** Id of the Slot that it takes, stored or computed; absent for a time that no Slot has (an override). */
  readonly slot?: string;
  /**
   * Start of the Appointment, when this is not the first of the times that it takes on this Schedule: limits count the
   * Appointment where it starts. Absent: it starts with this claim.
   */
  readonly firstStartMs?: number;
  /** Whether that Slot is stored: then it counts against the capacity of that Slot, else against that of its pool. */
  readonly stored: boolean;
  /** Of the rule that offered the time; absent: the pool of all rules without one. */
  readonly pool?: string;
  readonly bufferBeforeMs: number;
  readonly bufferAfterMs: number;
  /** From here on it counts as absent. Absent: it does not lapse. */
  readonly untilMs?: number;
  /** Hash of the key that opens it. */
  readonly keyHash?: string;
  /** Who made a lock without a key: the caller's name. */
  readonly owner?: string;
  /** Of kind `busy`: as it was written. */
  readonly status?: BusyStatus;
}

/** A stored Slot as the unit names it. */
export interface UnitSlot extends Interval {
  readonly id: string;
  /** Id of its Schedule; absent: the Schedule whose own timeline this is. */
  readonly schedule?: string;
  /** How many Appointments it takes; absent: 1. */
  readonly capacity?: number;
}

/** One UTC day of a timeline: a document with a revision, so that whoever changes that day meets (design §4). */
export interface Unit {
  readonly slots: readonly UnitSlot[];
  readonly claims: readonly Claim[];
}
