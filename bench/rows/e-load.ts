import { rm } from 'node:fs/promises';
import type { FhirResource } from 'fhir/r4.js';
import type { Row } from '../bench.js';
import { writeResources } from '../compare-filled.js';
import { runLoad, type LoadRun } from '../processes.js';
import { patient, practitioner, ruleSchedule, slotAppointment, storedSchedule, storedSlot } from '../resources.js';
import { median, range } from '../statistics.js';

const ROUNDS = 5;
const BYTES_PER_MEGABYTE = 1_048_576;

/** Stored Slots of a Schedule of that kind. */
const SLOTS_EACH = 40;

interface Mix {
  readonly practitioners: number;
  readonly ruleSchedules: number;
  readonly storedSchedules: number;
  readonly patients: number;
  readonly appointments: number;
}

/** 100,000 in all, the 40 Slots of each stored Schedule included. */
const FULL: Mix = {
  practitioners: 1_000,
  ruleSchedules: 3_000,
  storedSchedules: 1_000,
  patients: 20_000,
  appointments: 35_000,
};
const QUICK: Mix = { practitioners: 10, ruleSchedules: 30, storedSchedules: 10, patients: 200, appointments: 350 };

/** `load` of a mixed file into a new store: the whole process, from its start to its end. */
export const run: Row = async (bench) => {
  const mix = bench.options.quick ? QUICK : FULL;
  const count = [...resourcesOf(mix)].length;
  const data = bench.path('mix.ndjson');
  await writeResources(data, resourcesOf(mix));
  const runs: LoadRun[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const store = bench.path(`e-${round}.db`);
    runs.push(await runLoad(bench, store, data));
    await rm(store);
  }
  const rates = runs.map(({ seconds }) => count / seconds);
  const peaks = runs.map(({ peakBytes }) => peakBytes / BYTES_PER_MEGABYTE);
  const what = `load of ${count.toLocaleString('en-US')} resources`;
  return [
    { what, value: median(rates), unit: '/s', goal: { atLeast: 10_000 }, notes: [`${ROUNDS} runs, ${range(rates)}`] },
    { what: 'its peak memory', value: median(peaks), unit: ' MB', goal: { atMost: 256 }, notes: [range(peaks)] },
  ];
};

function* resourcesOf(mix: Mix): Generator<FhirResource> {
  const { practitioners } = mix;
  for (let number = 0; number < practitioners; number += 1) yield practitioner(number);
  for (let number = 0; number < mix.ruleSchedules; number += 1) {
    yield ruleSchedule(`rule-${number}`, { hour: number % 21, minute: 0 }, number % practitioners);
  }
  for (let number = 0; number < mix.storedSchedules; number += 1) yield storedSchedule(number, number % practitioners);
  for (let number = 0; number < mix.patients; number += 1) yield patient(number);
  for (let number = 0; number < mix.storedSchedules * SLOTS_EACH; number += 1) yield slot(number, mix);
  for (let number = 0; number < mix.appointments; number += 1) {
    const practitionerNumber = scheduleOf(number) % practitioners;
    yield slotAppointment(number, slot(number, mix), practitionerNumber, number % mix.patients);
  }
}

/** The first ones are busy: each has its Appointment. */
function slot(number: number, mix: Mix) {
  return storedSlot(number, scheduleOf(number), number % SLOTS_EACH, number < mix.appointments ? 'busy' : 'free');
}

function scheduleOf(slotNumber: number): number {
  return Math.floor(slotNumber / SLOTS_EACH);
}
