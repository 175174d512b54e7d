import type { FhirResource } from 'fhir/r4.js';
import type { Row } from '../bench.js';
import { compareFilled } from '../compare-filled.js';
import { pastAppointment, patient, practitioner } from '../resources.js';

const PRACTITIONERS = 100;
const PATIENTS = 1_000;

/** The same question with no Appointment in the store and with those of many years. */
export const run: Row = async (bench) => {
  const { appointments } = bench.options;
  const { ratio, notes } = await compareFilled(bench, past(appointments));
  const what = `with ${appointments.toLocaleString('en-US')} past Appointments against with 0`;
  return [{ what, value: ratio, unit: '', goal: { atLeast: 0.9 }, notes }];
};

/** The Practitioner of the measured Schedule has a hundredth of them. */
function* past(count: number): Generator<FhirResource> {
  for (let number = 0; number < PRACTITIONERS; number += 1) yield practitioner(number);
  for (let number = 0; number < PATIENTS; number += 1) yield patient(number);
  for (let number = 0; number < count; number += 1) {
    const place = Math.floor(number / PRACTITIONERS);
    yield pastAppointment(number, number % PRACTITIONERS, number % PATIENTS, place);
  }
}
