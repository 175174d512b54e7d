import type { Appointment } from 'fhir/r4.js';

export type AppointmentStatus = Appointment['status'];

/** What an Appointment may become of what (design §4), beside itself and `entered-in-error`. */
const NEXT: Readonly<Record<AppointmentStatus, readonly AppointmentStatus[]>> = {
  proposed: ['pending', 'booked', 'waitlist', 'cancelled'],
  waitlist: ['pending', 'booked', 'cancelled'],
  pending: ['booked', 'cancelled'],
  booked: ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  arrived: ['booked', 'checked-in', 'fulfilled', 'noshow', 'cancelled'],
  'checked-in': ['arrived', 'fulfilled', 'cancelled'],
  noshow: ['booked', 'arrived'],
  cancelled: ['pending', 'booked'],
  fulfilled: [],
  'entered-in-error': [],
};

const OCCUPYING: readonly AppointmentStatus[] = ['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'];

/** Whether a value is a status that FHIR knows. */
export function isAppointmentStatus(value: unknown): value is AppointmentStatus {
  return typeof value === 'string' && Object.hasOwn(NEXT, value);
}

/** Whether an Appointment may change its status so. */
export function statusChange(from: AppointmentStatus, to: AppointmentStatus): 'same' | 'allowed' | 'refused' {
  if (from === to) return 'same';
  return to === 'entered-in-error' || NEXT[from].includes(to) ? 'allowed' : 'refused';
}

/** Whether an Appointment of that status has its time. */
export function occupies(status: AppointmentStatus): boolean {
  return OCCUPYING.includes(status);
}

/**
 * What an allowed change does to the time: `wins` it as if for the first time, `frees` it, `keeps` it, or there is
 * `none`.
 *
 * @param from undefined: the Appointment is new
 */
export function timeChange(
  from: AppointmentStatus | undefined,
  to: AppointmentStatus,
): 'wins' | 'keeps' | 'frees' | 'none' {
  const had = from !== undefined && occupies(from);
  if (occupies(to)) return had ? 'keeps' : 'wins';
  return had ? 'frees' : 'none';
}
