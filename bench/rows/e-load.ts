import type { FhirResource } from 'fhir/r4.js';
import { Bench, type Figure, type Row } from '../bench.js';
import { writeResources } from '../compare-filled.js';
import { monitored, openDriver } from '../mongo/databases.js';
import { Listener, NOTE_COMMANDS } from '../mongo/listener.js';
import { replay } from '../mongo/replay.js';
import { runLoad, type LoadRun } from '../processes.js';
import { patient, practitioner, ruleSchedule, slotAppointment, storedSchedule, storedSlot } from '../resources.js';
import { median, range, shortNumber } from '../statistics.js';
import { newStore } from '../stores.js';

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
/** 5,000 in all: a database takes them more slowly. */
const DATABASE: Mix = {
  practitioners: 50,
  ruleSchedules: 150,
  storedSchedules: 50,
  patients: 1_000,
  appointments: 1_750,
};
const QUICK: Mix = { practitioners: 10, ruleSchedules: 30, storedSchedules: 10, patients: 200, appointments: 350 };

/** `load` of a mixed file into a new store: the whole process, from its start to its end. */
export const run: Row = async (bench) => {
  const { quick, storeUrl } = bench.options;
  const full = storeUrl === undefined ? FULL : DATABASE;
  const mix = quick ? QUICK : full;
  const count = [...resourcesOf(mix)].length;
  const data = bench.path('mix.ndjson');
  await writeResources(data, resourcesOf(mix));
  const bareRound = storeUrl === undefined ? undefined : await bareLoad(bench, data);
  const runs: LoadRun[] = [];
  const bareSeconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push(await Bench.run(bench.options, async (one) => runLoad(one, await newStore(one, 'e'), data)));
    if (bareRound) bareSeconds.push(await bareRound.seconds());
  }
  const rates = runs.map(({ seconds }) => count / seconds);
  const peaks = runs.map(({ peakBytes }) => peakBytes / BYTES_PER_MEGABYTE);
  const what = `load of ${count.toLocaleString('en-US')} resources`;
  const notes = [`${ROUNDS} runs, ${range(rates)}`];
  const memory: Figure = {
    what: 'its peak memory',
    value: median(peaks),
    unit: ' MB',
    goal: { atMost: 256 },
    notes: [range(peaks)],
  };
  if (!bareRound) return [{ what, value: median(rates), unit: '/s', goal: { atLeast: 10_000 }, notes }, memory];
  const ratios = runs.map(({ seconds }, round) => (bareSeconds[round] as number) / seconds);
  const against = {
    what: 'of what the bare driver does with the same commands',
    value: median(ratios),
    unit: '',
    notes: [range(ratios), `${shortNumber(bareRound.commands)} commands, without the start of a process`],
  };
  return [{ what, value: median(rates), unit: '/s', notes }, against, memory];
};

/** What `load` sends to the database, to be sent again by the bare driver. */
async function bareLoad(bench: Bench, data: string) {
  const listener = new Listener();
  const preload = { module: NOTE_COMMANDS, listen: listener.listen };
  await Bench.run(bench.options, async (one) => runLoad(one, monitored(await newStore(one, 'e_noted')), data, preload));
  const commands = await listener.take();
  const seconds = () =>
    Bench.run(bench.options, async (one) => {
      const db = await openDriver(one, await newStore(one, 'e_bare'));
      const startedMs = performance.now();
      for (const command of commands) await replay(db, command);
      return (performance.now() - startedMs) / 1_000;
    });
  return { commands: commands.length, seconds };
}

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
