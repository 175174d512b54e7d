import type { DocumentKey } from '../store/index.js';

const APPOINTMENT = 'Appointment/';

/** The key of the Appointment that has a claim. @param by `Appointment/a1` */
export function appointmentKey(by: string): DocumentKey {
  return { type: 'Appointment', id: by.slice(APPOINTMENT.length) };
}
