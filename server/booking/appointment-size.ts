import { MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';

/** Days that the times of one Appointment last together: each day of each timeline is a document that it changes. */
export const APPOINTMENT_DAYS_MAX = 366;
/** Slots, or Schedules, whose time one Appointment takes. */
export const APPOINTMENT_TIMES_MAX = 100;

/**
 * Judged before any unit is read, and for what claims nothing, too: its time would be looked for in all of these days.
 *
 * @param whole from start to end
 * @param slots that it names
 * @throws {Fault} `rule` for an Appointment that lasts too long or names too many Slots
 */
export function refuseOversized(whole: Interval | undefined, slots: readonly unknown[] = []): void {
  refuseLongTimes(whole ? [whole] : []);
  refuseMany(slots.length, 'Slots', 'Appointment.slot');
}

/** @param times of one Appointment, all of them @throws {Fault} `rule` where they last too long together */
export function refuseLongTimes(times: readonly Interval[]): void {
  const lengthMs = times.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0);
  if (lengthMs <= APPOINTMENT_DAYS_MAX * MS_PER_DAY) return;
  const most = `An Appointment takes at most ${APPOINTMENT_DAYS_MAX} days`;
  throw fault('rule', `${most}, those of all its Slots or Schedules together.`, 'Appointment.end');
}

/** @throws {Fault} `rule` for more of them than one Appointment may take time of */
export function refuseMany(count: number, what: string, expression: string): void {
  if (count <= APPOINTMENT_TIMES_MAX) return;
  throw fault('rule', `An Appointment takes the time of at most ${APPOINTMENT_TIMES_MAX} ${what}.`, expression);
}
