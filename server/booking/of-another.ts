import type { Appointment, Device, Reference, Schedule, Slot } from 'fhir/r4.js';
import { localReference, typeOfReference } from '../fhir/index.js';
import { nameOf } from '../store/index.js';
import { BASE_INSIDE } from './inside.js';
import type { SearchEntry } from './types.js';

/**
 * Tells of a Device or a Schedule, among what the resources of a patient refer to, whether it is another patient's: a
 * Device that names one, a Schedule with one or with a related person of one among its actors.
 *
 * @param own what belongs to the patient, the Patient itself among it
 */
export function anothers(own: readonly SearchEntry[]): (entry: SearchEntry) => boolean {
  const names = new Set(own.map(nameOf));
  const isOwn = (reference: Reference) => names.has(referredBy(reference));
  return ({ type, text }) => {
    if (type !== 'Device' && type !== 'Schedule') return false;
    const resource = JSON.parse(text) as Device | Schedule;
    if (resource.resourceType === 'Device') return resource.patient !== undefined && !isOwn(resource.patient);
    return resource.actor.some((actor) => isPerson(actor) && !isOwn(actor));
  };
}

/**
 * Without the Slots of Schedules that are another patient's. Those of an Appointment of the patient stay: they are when
 * it takes place.
 *
 * @param schedules names of Schedules that are another patient's
 */
export function withoutSlotsOf(
  schedules: ReadonlySet<string>,
  referred: readonly SearchEntry[],
  own: readonly SearchEntry[],
): readonly SearchEntry[] {
  if (schedules.size === 0) return referred;
  const appointments = own.filter(({ type }) => type === 'Appointment');
  const taken = new Set(
    appointments.flatMap(({ text }) => ((JSON.parse(text) as Appointment).slot ?? []).map(referredBy)),
  );
  return referred.filter((entry) => {
    if (entry.type !== 'Slot' || taken.has(nameOf(entry))) return true;
    return !schedules.has(referredBy((JSON.parse(entry.text) as Slot).schedule));
  });
}

function isPerson({ reference = '', type }: Reference): boolean {
  const named = localReference(reference, [BASE_INSIDE])?.type ?? typeOfReference(reference) ?? type;
  return named === 'Patient' || named === 'RelatedPerson';
}

/** The name of a resource of this server; of none, nothing. */
function referredBy({ reference }: Reference): string {
  const key = localReference(reference, [BASE_INSIDE]);
  return key ? nameOf(key) : '';
}
