import type { Appointment, Extension, Schedule, Slot } from 'fhir/r4.js';
import { CREATED_URL } from '../../booking/index.js';
import { instantText } from '../../base/clock.js';

/** On a Schedule, `valueInteger`: seconds. See fhir-profiles/StructureDefinition-booking-disabled-before.json. */
export const CUT_OFF_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/booking-disabled-before';
/** On a Schedule, `valueBoolean`. See fhir-profiles/StructureDefinition-public-scheduling-enabled.json. */
export const PUBLIC_SCHEDULING_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/public-scheduling-enabled';

/** On a Slot, `valueBoolean`: whether it may be locked. See fhir-profiles/StructureDefinition-lockable.json. */
export const LOCKABLE_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/lockable';
/** How many Appointments a Slot takes. */
export const CAPACITY_URL = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity';

/** Resources as they are stored: with their ids. */
export type Stored<R> = R & { readonly id: string };

/** The statuses of a booking that has a seat, as FHIR's search has them. */
export const ACTIVE_STATUSES: readonly Appointment['status'][] = [
  'pending',
  'booked',
  'arrived',
  'checked-in',
  'fulfilled',
];
/** Those of a booking that has none any more. Of others there is no booking. */
export const CANCELLED_STATUSES: readonly Appointment['status'][] = ['cancelled', 'noshow', 'entered-in-error'];

/** The first extension of a kind. */
export function extensionOf(extensions: readonly Extension[] | undefined, url: string): Extension | undefined {
  return extensions?.find((one) => one.url === url);
}

/** The extensions with one in place of those of its kind; without any of that kind, where it is undefined. */
export function withExtension(
  extensions: readonly Extension[] | undefined,
  url: string,
  extension: Omit<Extension, 'url'> | undefined,
): Extension[] {
  const others = (extensions ?? []).filter((one) => one.url !== url);
  return extension ? [...others, { url, ...extension }] : others;
}

/** That a Schedule or Slot is created now. */
export function createdExtension(nowMs: number): Extension {
  return { url: CREATED_URL, valueInstant: instantText(nowMs) };
}

/** When a resource says that it was created, as UTC milliseconds; undefined where it tells nothing. */
export function createdMsIn(resource: Schedule | Slot | Appointment): number | undefined {
  const told =
    resource.resourceType === 'Appointment'
      ? resource.created
      : extensionOf(resource.extension, CREATED_URL)?.valueInstant;
  const ms = Date.parse(told ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

/** The id in a reference to a resource of this server; undefined for any other. */
export function idIn(reference: string | undefined, type: string, base: string): string | undefined {
  const local = reference?.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  return local === undefined ? undefined : new RegExp(`^${type}/([A-Za-z0-9.-]{1,64})$`).exec(local)?.[1];
}

/** Whether a text can be an id here: one that cannot names nothing. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,64}$/.test(text);
}

/** Seconds before the start of a slot from which on nobody books it; 0: never. */
export function cutOffSecondsOf({ extension }: Pick<Schedule, 'extension'>): number {
  return extensionOf(extension, CUT_OFF_URL)?.valueInteger ?? 0;
}

/** Whether bookings of a slot are over, by the word of its resource. */
export function isPastCutOff(schedule: Pick<Schedule, 'extension'>, startMs: number, nowMs: number): boolean {
  const seconds = cutOffSecondsOf(schedule);
  return seconds > 0 && nowMs > startMs - seconds * 1_000;
}
