/** What journals keep of a request and of its answer. */
import type { Appointment, FhirResource } from 'fhir/r4.js';
import type { Attempt } from '../../harness/workload.js';
import { poolOf, type Pool } from './agendas.js';
import type { Reply } from './server.js';

export const HOLD_UNTIL_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
const METADATA_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/metadata';
const HOLD_ENDED = 'hold-ended';

/** What a request is going to do, as its journal has it. */
export interface Plan {
  /** By which the requests are counted: `hold`, `put: cancel`. */
  readonly kind: string;
  readonly startedMs: number;
  readonly path: string;
  /** The Appointment that it changes. */
  readonly changes?: string;
  /** An Appointment that it may change beside, of whose new version the answer does not tell. */
  readonly gives?: string;
  /** Marks of the Appointments that it makes, all or none. */
  readonly makes: readonly string[];
  /** The Slot that it locks or opens. */
  readonly slot?: string;
  readonly key?: string;
}

/** What was answered. */
export interface Said {
  readonly status: number;
  readonly answeredMs: number;
  readonly appointments: readonly Seen[];
  /** What another API than FHIR's tells of bookings. */
  readonly bookings?: readonly ToldBooking[];
  /** Of a lock: its end. */
  readonly expiresMs?: number;
}

/** A booking in the words of Overbooked or ReserveKit. Which version of which Appointment it is, the evidence tells. */
export interface ToldBooking {
  readonly api: 'overbooked' | 'reservekit';
  /** Either the id of the Appointment or its mark. */
  readonly id?: string;
  readonly mark?: string;
  /** Either the version or when it was written. */
  readonly version?: number;
  readonly updatedMs?: number;
  readonly status: string;
  readonly slot: string;
}

/** One version of an Appointment. */
export interface Seen {
  readonly id: string;
  readonly version: number;
  readonly status: Appointment['status'];
  /** Ids of its Slots. */
  readonly slots: readonly string[];
  readonly mark: string;
  /** Whether a search by identifier finds it: whether FHIR has made it. */
  readonly isIdentified: boolean;
  readonly pool?: Pool;
  readonly holdUntilMs?: number;
  /** Whether it was cancelled by nobody but its hold, which ended. */
  readonly lapsed: boolean;
}

/** An attempt of this workload. */
export interface Asked extends Omit<Attempt, 'plan' | 'told'> {
  readonly plan: Plan;
  readonly told?: Said;
}

export function saidBy(reply: Reply, answeredMs: number): Said {
  const expires = reply.headers.get('expires');
  return {
    ...{ status: reply.status, answeredMs },
    appointments: resourcesIn(reply.body).flatMap((one) => (one.resourceType === 'Appointment' ? [seenOf(one)] : [])),
    ...(expires !== null && { expiresMs: Date.parse(expires) }),
  };
}

/** The resources of an answer: of a Bundle, be it in Parameters, those in it. */
export function resourcesIn(body: unknown): readonly FhirResource[] {
  const resource = body as FhirResource | undefined;
  if (resource?.resourceType === 'Parameters') {
    return (resource.parameter ?? []).flatMap((one) => resourcesIn(one.resource));
  }
  if (resource?.resourceType !== 'Bundle') return resource ? [resource] : [];
  return (resource.entry ?? []).flatMap((entry) => (entry.resource ? [entry.resource as FhirResource] : []));
}

export function seenOf(appointment: Appointment): Seen {
  const { id = '', meta, status, identifier, slot, serviceType, extension, cancelationReason, comment } = appointment;
  const metadata = extension?.find(({ url }) => url === METADATA_URL)?.valueString;
  const until = extension?.find(({ url }) => url === HOLD_UNTIL_URL)?.valueInstant;
  const pool = poolOf(serviceType?.[0]?.coding?.[0]?.code);
  return {
    ...{ id, status, version: Number(meta?.versionId), isIdentified: identifier !== undefined },
    mark: identifier?.[0]?.value ?? markIn(metadata ?? comment ?? ''),
    slots: (slot ?? []).map(({ reference = '' }) => reference.replace(/^.*Slot\//, '')),
    lapsed: cancelationReason?.coding?.[0]?.code === HOLD_ENDED,
    ...(pool && { pool }),
    ...(until !== undefined && { holdUntilMs: Date.parse(until) }),
  };
}

/** The mark in a text that has it with its system: other APIs know of no identifiers. */
export function markIn(text: string): string {
  return /\|([\w.-]+)/.exec(text)?.[1] ?? '';
}

const OCCUPYING: readonly string[] = ['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'];

/** Whether a version has its time at a moment: a hold that has ended has not, whatever is stored. */
export function occupiesAt({ status, holdUntilMs = Infinity }: Seen, nowMs: number): boolean {
  return OCCUPYING.includes(status) && (status !== 'pending' || nowMs < holdUntilMs);
}
