import type { Appointment } from 'fhir/r4.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { isObject, type JsonObject } from '../fhir/index.js';
import {
  appointmentIn,
  findInput,
  hasPatient,
  heldUnderKey,
  patientsOf,
  plainOf,
  resolveNamed,
  type Sent,
} from './appointment-inputs.js';
import type { AppointmentInput, BookRequest, NamedResource } from './bookings.js';
import { cancelAppointment } from './cancel-appointment.js';
import { mergedWith, movesTime } from './merge-appointment.js';
import {
  presentSchedules,
  refuseStale,
  scheduleIdsOf,
  storedOf,
  unchanged,
  withParticipants,
  withPeriod,
  withTimes,
  writeAppointment,
  wrongState,
  type Operation,
  type Outcome,
  type Stored,
} from './operation-write.js';
import { refuse } from './refusal-reasons.js';
import { resourceOf } from './schedule-reader.js';
import { isRecurring, seriesOf } from './series.js';
import { twiceFault } from './stage-write.js';

/** The Appointment given up for this one: https://hl7.org/fhir/extensions/ has it of R5. */
const REPLACES_URL = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.replaces';
/** A resource of these statuses asks to be booked. */
const ASKING: readonly Appointment['status'][] = ['proposed', 'pending', 'booked'];
/** What is booked already, and may be changed. */
const STANDING: readonly Appointment['status'][] = ['booked', 'arrived', 'checked-in'];
/** What may become booked. */
const BOOKABLE: readonly Appointment['status'][] = ['proposed', 'waitlist', 'pending'];

/** A `$book` that is being decided, its references looked up. */
interface Booking extends Operation {
  readonly request: BookRequest;
  readonly schedules: readonly string[];
  readonly patients: Awaited<ReturnType<typeof patientsOf>>;
  /** The Appointment that is given up for what is booked. */
  readonly replaced?: Stored;
  /** Ids of the stored Appointments that the request has named so far. */
  readonly named: Set<string>;
}

/** One Appointment to be booked: an input, or one visit of a series. */
interface Visit {
  readonly input: AppointmentInput;
  /** Whose time a visit takes that names no Slot: that of the first one. */
  readonly schedules: readonly string[];
}

/**
 * `$book` (operations.md §1.4): all of a list or series, or none.
 *
 * @throws {Fault} with the reasons for each that failed; `stale`; `invalid` for a list with one version
 */
export async function bookAppointments(operation: Operation, request: BookRequest): Promise<readonly Outcome[]> {
  const { draft, deps, context } = operation;
  const { cancelledAppointment } = request;
  await refuseStaleInput(operation, request.appointments);
  const replaced = cancelledAppointment && (await replacedOf(operation, cancelledAppointment));
  const booking: Booking = {
    ...operation,
    request,
    schedules: await scheduleIdsOf(operation, request.schedules),
    patients: await patientsOf(draft, deps, request.patients, request.newPatients, context),
    ...(replaced && { replaced }),
    named: new Set(),
  };
  const visits: Visit[] = [];
  for (const input of request.appointments) visits.push(...(await visitsOf(operation, input)));
  const outcomes: Outcome[] = [];
  const reasons: Reason[] = [];
  for (const [at, visit] of visits.entries()) {
    try {
      outcomes.push(await bookVisit(booking, visit));
    } catch (error) {
      if (!(error instanceof Fault) || visits.length === 1) throw error;
      reasons.push(...error.reasons.map((reason) => ofVisit(reason, at, visit)));
    }
  }
  refuse(reasons);
  if (replaced) await giveUp(operation, replaced);
  return outcomes;
}

/** Where the key opened it as a hold, it has been given up for what is booked. */
async function giveUp(operation: Operation, replaced: Stored): Promise<void> {
  const left = appointmentIn(resourceOf(await operation.draft.get({ type: 'Appointment', id: replaced.id }))[0]);
  if (left?.status !== 'cancelled') await cancelAppointment(operation, replaced);
}

async function refuseStaleInput(operation: Operation, [input, ...others]: readonly AppointmentInput[]): Promise<void> {
  if (!input || operation.ifMatch === undefined) return;
  if (others.length > 0) throw fault('invalid', 'If-Match names one version: send one Appointment.', 'If-Match');
  await refuseStale(operation, input);
}

/** A reason that tells which one of several it is about. */
function ofVisit(reason: Reason, at: number, { input }: Visit): Reason {
  const what = 'id' in input ? input.id : input.resource.start;
  const name = what === undefined ? `Appointment ${at + 1}` : `Appointment ${at + 1} (${what})`;
  return { ...reason, message: `${name}: ${reason.message}` };
}

async function replacedOf(operation: Operation, named: NamedResource): Promise<Stored> {
  const { draft, deps, context } = operation;
  const id = await resolveNamed(draft, deps, 'Appointment', named, context.base, 'not-found');
  return storedOf(operation, id);
}

/** The visits of a series that is to be booked; all else is one. What is booked already is no series any more. */
async function visitsOf(operation: Operation, input: AppointmentInput): Promise<readonly Visit[]> {
  if (!('resource' in input)) return [{ input, schedules: [] }];
  const { id } = input.resource;
  const document = id === undefined ? undefined : await operation.draft.original({ type: 'Appointment', id });
  const stored = appointmentIn(resourceOf(document)[0]);
  const exact = input.exact as JsonObject;
  const isSeries = isRecurring(input.resource) && (!stored || BOOKABLE.includes(stored.status));
  const visits = isSeries ? seriesOf(await withTimes(operation, exact)) : [exact];
  const schedules = visits.length > 1 ? await presentSchedules(operation, input.resource) : [];
  return visits.map((visit, at) => ({
    input: { exact: visit, resource: plainOf(visit) },
    schedules: at > 0 ? schedules : [],
  }));
}

async function bookVisit(booking: Booking, { input, schedules }: Visit): Promise<Outcome> {
  const { draft, deps, permitted, context } = booking;
  const found = await findInput(draft, deps, input, context.base);
  if (found.stored) return bookStored(booking, found.stored.document.id, found.sent);
  const { sent } = found;
  const resource = 'resource' in input ? input.resource : sent.resource;
  refuseUnasked(resource);
  const isUnknown = resource.status === 'cancelled' || (resource.status === 'booked' && resource.id !== undefined);
  // It is not stored: there it is told whether it ever was.
  if (isUnknown) return bookStored(booking, resource.id ?? '', sent);
  const named = [...booking.schedules, ...schedules];
  const held = await heldUnderKey(draft, deps, sent, named, permitted.keyHash, context.base);
  if (held !== undefined) return bookStored(booking, held, sent);
  const { exact, schedules: whose } = await mergedWith(booking, undefined, sent, named);
  return write(booking, deps.newId(), exact, whose, 'booked');
}

/** @throws {Fault} `rule` for a resource whose status asks neither to be booked nor to be cancelled */
function refuseUnasked({ status }: Appointment): void {
  if (ASKING.includes(status) || status === 'cancelled') return;
  throw fault('rule', `An Appointment that is sent as ${status} cannot be booked.`, 'Appointment.status');
}

async function bookStored(booking: Booking, id: string, sent: Sent | undefined): Promise<Outcome> {
  const stored = await storedOf(booking, id);
  const { appointment } = stored;
  const { status } = appointment;
  refuseTwice(booking, id);
  if (sent) refuseUnasked(sent.resource);
  if (sent?.resource.status === 'cancelled') {
    const message = 'What is cancelled keeps its time: send it as it is stored.';
    if (movesTime(appointment, sent.resource)) throw fault('rule', message, 'Appointment.start');
    return cancelAppointment(booking, stored);
  }
  const isStanding = STANDING.includes(status);
  if (!isStanding && !BOOKABLE.includes(status)) throw wrongState(id, status, 'booked');
  if (isStanding && !sent) return unchanged(stored);
  const { exact, schedules } = await mergedWith(booking, stored, sent, booking.schedules);
  return write(booking, id, exact, schedules, isStanding ? status : 'booked');
}

/** @throws {Fault} `invalid` for an Appointment that the request has named before, or that it replaces by itself */
function refuseTwice({ named, replaced }: Booking, id: string): void {
  if (id === replaced?.id) throw fault('invalid', `Appointment/${id} cannot replace itself.`, 'cancelled-appt-id');
  if (named.has(id)) throw twiceFault(id);
  named.add(id);
}

async function write(
  booking: Booking,
  id: string,
  exact: JsonObject,
  schedules: readonly string[],
  status: Appointment['status'],
): Promise<Outcome> {
  const { request, patients, replaced } = booking;
  const timed = withPeriod(await withTimes(booking, exact));
  const booked = withParticipants({ ...timed, status }, patients, 'booked');
  if (request.patientRequired && !hasPatient(plainOf(booked))) {
    throw fault('rule', 'Name the Patient as a participant.', 'Appointment.participant');
  }
  const whole: JsonObject = {
    ...booked,
    ...(request.comment !== undefined && { comment: request.comment }),
    ...(replaced && { extension: withReplaced(exact['extension'], replaced.id) }),
  };
  const freeing = replaced ? [replaced.id] : [];
  return writeAppointment(booking, id, whole, { schedules, freeing, timeRequired: true });
}

function withReplaced(extensions: unknown, id: string): readonly unknown[] {
  const before = Array.isArray(extensions) ? (extensions as unknown[]) : [];
  const others = before.filter((one) => !isObject(one) || one['url'] !== REPLACES_URL);
  return [...others, { url: REPLACES_URL, valueReference: { reference: `Appointment/${id}` } }];
}
