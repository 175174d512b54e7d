import type { FhirResource } from 'fhir/r4.js';
import type { Row } from '../bench.js';
import { compareFilled } from '../compare-filled.js';
import { practitioner, ruleSchedule } from '../resources.js';

const SCHEDULES = 100_000;
/** A database takes them more slowly; it is the same question. */
const SCHEDULES_DATABASE = 10_000;
const SCHEDULES_QUICK = 2_000;
const SCHEDULES_PER_PRACTITIONER = 10;

/** The same question with one Schedule in the store and with very many. */
export const run: Row = async (bench) => {
  const { quick, storeUrl } = bench.options;
  const whole = storeUrl === undefined ? SCHEDULES : SCHEDULES_DATABASE;
  const count = quick ? SCHEDULES_QUICK : whole;
  const { ratio, notes } = await compareFilled(bench, schedules(count));
  const what = `with ${count.toLocaleString('en-US')} schedules against with 1`;
  return [{ what, value: ratio, unit: '', goal: { atLeast: 0.9 }, notes }];
};

function* schedules(count: number): Generator<FhirResource> {
  const practitioners = Math.ceil(count / SCHEDULES_PER_PRACTITIONER);
  for (let number = 0; number < practitioners; number += 1) yield practitioner(number);
  for (let number = 0; number < count; number += 1) {
    yield ruleSchedule(`other-${number}`, { hour: number % 21, minute: 0 }, number % practitioners);
  }
}
