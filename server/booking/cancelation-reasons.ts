import type { Appointment } from 'fhir/r4.js';

/** Published by fhir-profiles/CodeSystem-cancelation-reason.json. */
const SYSTEM = 'https://fhir-slots.dev/fhir/CodeSystem/cancelation-reason';

/** Why an Appointment is cancelled whose hold came to its end. */
export const HOLD_ENDED: Appointment['cancelationReason'] = {
  coding: [{ system: SYSTEM, code: 'hold-ended', display: 'Hold ended' }],
  text: 'The hold ended before the appointment was booked.',
};

/** Why an Appointment is cancelled whose hold was opened by its key, for another Appointment. */
export const HOLD_GIVEN_UP: Appointment['cancelationReason'] = {
  coding: [{ system: SYSTEM, code: 'hold-given-up', display: 'Hold given up' }],
  text: 'Another appointment was booked with the key of the hold.',
};
