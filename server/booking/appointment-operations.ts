import type { Appointment, CodeableConcept } from 'fhir/r4.js';
import { instantText, MS_PER_MINUTE } from '../base/clock.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { occupies } from '../claims/index.js';
import { localReference, parseJson, type JsonObject } from '../fhir/index.js';
import {
  appointmentIn,
  findInput,
  hasPatient,
  heldUnderKey,
  participantsOf,
  patientsOf,
  plainOf,
  resolveNamed,
  type FoundInput,
  type InputDeps,
  type Sent,
} from './appointment-inputs.js';
import { slotTarget } from './appointment-targets.js';
import type { AppointmentInput, BookingAnswer, Bookings, BookRequest, HoldRequest } from './bookings.js';
import { checkBody } from './check-body.js';
import type { Decide } from './decide.js';
import type { Draft } from './draft.js';
import { refuseManyHolds, type HoldCountDeps } from './hold-count.js';
import { permittedBy, type Permitted } from './permissions.js';
import { refuse } from './refusal-reasons.js';
import { resourceOf } from './schedule-reader.js';
import { seriesOf } from './series.js';
import { holdUntilOf } from './stage-appointment.js';
import { stageWrite, type Change } from './stage-write.js';
import type { BookingSettings, RequestContext, Resources, ResourceVersion, SearchEntry, Written } from './types.js';

const MS_PER_SECOND = 1_000;
/** https://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.replaces: the Appointment given up for this one. */
const REPLACES_URL = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.replaces';

export interface AppointmentOperationDeps extends InputDeps, HoldCountDeps {
  readonly settings: BookingSettings;
  readonly resources: Pick<Resources, 'read'>;
  readonly decide: Decide;
}

type Outcome = BookingAnswer['appointments'][number];

/** What a decision answers with, as JSON can carry it; the Slots are read when it stands. */
interface Decided {
  readonly appointments: readonly Outcome[];
  readonly expiresMs?: number;
}

type AppointmentOperations = Pick<Bookings, 'hold' | 'book' | 'confirm' | 'cancel' | 'reschedule'>;

/** The operations on Appointments: reference/operations.md §1.3 to §1.7. */
export function makeAppointmentOperations(deps: AppointmentOperationDeps): AppointmentOperations {
  async function decided(context: RequestContext, decide: (draft: Draft) => Promise<Decided>): Promise<BookingAnswer> {
    const answer = await deps.decide(context, decide);
    return { ...answer, slots: await slotsOf(deps, answer.appointments, context), notices: [] };
  }
  const onStored = (id: string, context: RequestContext, act: (stored: Stored, draft: Draft) => Promise<Decided>) =>
    decided(context, async (draft) => act(await storedOf(draft, id), draft));

  return {
    hold(request, context) {
      const permitted = permittedBy(context, request);
      return decided(context, (draft) => hold(draft, deps, request, permitted, context));
    },

    book(request, context) {
      const permitted = permittedBy(context, request);
      return decided(context, (draft) => book(draft, deps, request, permitted, context));
    },

    confirm(id, request, context) {
      const permitted = permittedBy(context, request);
      return onStored(id, context, async (stored, draft) => {
        const { status } = stored.appointment;
        if (status !== 'pending' && status !== 'proposed') throw wrongState(id, status, 'confirmed');
        const exact = withParticipants({ ...stored.exact, status: 'booked' }, stored.appointment, [], 'booked');
        return one(await write(draft, deps, { id, exact, permitted, context, asked: { timeRequired: true } }));
      });
    },

    cancel(id, request, context) {
      const permitted = permittedBy(context, request);
      return onStored(id, context, async (stored, draft) =>
        one(await cancel(draft, deps, stored, request.reason, permitted, context)),
      );
    },

    reschedule(id, request, context) {
      const permitted = permittedBy(context, request);
      return onStored(id, context, async (stored, draft) => {
        const schedules: string[] = [];
        for (const named of request.schedules) {
          schedules.push(await resolveNamed(draft, deps, 'Schedule', named, context.base));
        }
        return one(await reschedule(draft, deps, stored, request.start, schedules, permitted, context));
      });
    },
  };
}

function one(outcome: Outcome): Decided {
  return { appointments: [outcome] };
}

interface Stored {
  readonly id: string;
  readonly appointment: Appointment;
  readonly exact: JsonObject;
  readonly version: ResourceVersion;
}

/** @throws {Fault} `not-found`, `gone` */
async function storedOf(draft: Draft, id: string): Promise<Stored> {
  const document = await draft.original({ type: 'Appointment', id });
  const appointment = appointmentIn(resourceOf(document)[0]);
  if (document?.deleted) throw fault('gone', `Appointment/${id} was deleted.`);
  if (!document || !appointment) throw fault('not-found', `Appointment/${id} does not exist.`);
  const { revision, updatedMs, text } = document;
  const version = { type: 'Appointment', id, versionId: String(revision), updatedMs, text };
  return { id, appointment, exact: parseJson(text).exact as JsonObject, version };
}

interface WriteRequest {
  readonly id: string;
  readonly exact: JsonObject;
  readonly permitted: Permitted;
  readonly context: RequestContext;
  readonly asked?: Change['asked'];
}

/** Writes an Appointment through the engine, as any PUT of it. */
async function write(draft: Draft, deps: InputDeps, request: WriteRequest): Promise<Outcome> {
  const { id, exact, permitted, context, asked } = request;
  const whole = { ...exact, id };
  const plain = plainOf(whole);
  const body = { exact: whole, plain };
  const { base } = context;
  const resource = checkBody('Appointment', { ...body, plain: withTimes(plain) }, base) as Appointment;
  const change: Change = {
    ...{ type: 'Appointment', id, body, base, bulk: false, permitted },
    resource: { ...resource, ...timesOf(plain) },
    ...(asked && { asked }),
  };
  return outcomeOf(await stageWrite(draft, deps, change));
}

/** R4 wants times in what is not proposed; one that names Slots alone gets theirs. */
function withTimes(plain: Appointment): Appointment {
  if (plain.start !== undefined || plain.end !== undefined || (plain.slot ?? []).length === 0) return plain;
  return { ...plain, start: instantText(0), end: instantText(1) };
}

function timesOf({ start, end }: Appointment): Partial<Pick<Appointment, 'start' | 'end'>> {
  return { start, end } as Partial<Pick<Appointment, 'start' | 'end'>>;
}

function outcomeOf({ type, id, versionId, updatedMs, text, outcome }: Written): Outcome {
  return { type, id, versionId, updatedMs, text, outcome: outcome === 'created' ? 'created' : 'updated' };
}

function unchanged({ version }: Stored): Outcome {
  return { ...version, outcome: 'unchanged' };
}

async function hold(
  draft: Draft,
  deps: AppointmentOperationDeps,
  request: HoldRequest,
  permitted: Permitted,
  context: RequestContext,
): Promise<Decided> {
  const found = await findInput(draft, deps, request.appointment, context.base);
  const nowMs = deps.clock.nowMs();
  const untilMs = holdEnd(deps.settings, nowMs, request.untilMs);
  const id = found.stored?.document.id ?? deps.newId();
  const schedules = await schedulesOf(draft, deps, request, found.sent, context);
  const patients = await patientsOf(draft, deps, request.patients, [], context);
  if (found.stored) refuseUnheld(found.stored.appointment, id);
  await refuseManyHolds(draft, deps, context, [{ by: `Appointment/${id}`, untilMs }]);
  const stored = found.stored && (await storedOf(draft, id));
  const exact = stored?.exact ?? found.sent?.exact ?? {};
  const held = withParticipants({ ...exact, status: 'pending' }, plainOf(exact), patients, 'held');
  const asked = { schedules, holdUntilMs: untilMs, timeRequired: true };
  const outcome = await write(draft, deps, { id, exact: held, permitted, context, asked });
  return { appointments: [outcome], expiresMs: untilMs };
}

/** In whole seconds, as the header that tells it; longer than allowed is cut. @throws {Fault} `invalid` for the past */
function holdEnd(settings: BookingSettings, nowMs: number, asked: number | undefined): number {
  if (asked !== undefined && asked <= nowMs) throw fault('invalid', 'The end of the hold is past.', 'until');
  const latestMs = nowMs + settings.holdMinutesMax * MS_PER_MINUTE;
  const untilMs = Math.min(asked ?? nowMs + settings.holdMinutesDefault * MS_PER_MINUTE, latestMs);
  return Math.ceil(untilMs / MS_PER_SECOND) * MS_PER_SECOND;
}

/** Held again is what is held; what was proposed may be held. @throws {Fault} `conflict` for all else */
function refuseUnheld(appointment: Appointment, id: string): void {
  const isHeld = appointment.status === 'pending' && holdUntilOf(appointment) !== undefined;
  if (isHeld || appointment.status === 'proposed') return;
  throw wrongState(id, appointment.status, 'held');
}

function wrongState(id: string, status: string, verb: string): Fault {
  return fault('conflict', `Appointment/${id} is ${status} and cannot be ${verb}.`);
}

async function schedulesOf(
  draft: Draft,
  deps: InputDeps,
  request: Pick<HoldRequest, 'schedules'>,
  sent: Sent | undefined,
  { base }: RequestContext,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const named of request.schedules) ids.push(await resolveNamed(draft, deps, 'Schedule', named, base));
  return [...new Set([...ids, ...(sent?.schedules ?? [])])];
}

function withParticipants(
  exact: JsonObject,
  { participant = [] }: Partial<Appointment>,
  patients: Parameters<typeof participantsOf>[1],
  step: 'held' | 'booked',
): JsonObject {
  return { ...exact, participant: participantsOf(participant, patients, step) };
}

async function book(
  draft: Draft,
  deps: AppointmentOperationDeps,
  request: BookRequest,
  permitted: Permitted,
  context: RequestContext,
): Promise<Decided> {
  const { cancelledAppointment, appointments } = request;
  const replaced =
    cancelledAppointment && (await resolveNamed(draft, deps, 'Appointment', cancelledAppointment, context.base));
  const patients = await patientsOf(draft, deps, request.patients, request.newPatients, context);
  const freeing = replaced === undefined ? [] : [replaced];
  const booking = { draft, deps, request, permitted, context, patients, freeing };
  const outcomes: Outcome[] = [];
  const reasons: Reason[] = [];
  for (const [at, input] of appointments.flatMap((each) => visitsOf(each)).entries()) {
    try {
      outcomes.push(await bookOne(booking, input));
    } catch (error) {
      if (!(error instanceof Fault) || appointments.length === 1) throw error;
      reasons.push(
        ...error.reasons.map((reason) => ({ ...reason, message: `Appointment ${at + 1}: ${reason.message}` })),
      );
    }
  }
  refuse(reasons);
  if (replaced !== undefined) await cancel(draft, deps, await storedOf(draft, replaced), undefined, permitted, context);
  return { appointments: outcomes };
}

/** One input for each visit of a series; all else is one. */
function visitsOf(input: AppointmentInput): readonly AppointmentInput[] {
  if (!('resource' in input)) return [input];
  return seriesOf(input.exact as JsonObject).map((exact) => ({ exact, resource: plainOf(exact) }));
}

interface Booking {
  readonly draft: Draft;
  readonly deps: AppointmentOperationDeps;
  readonly request: BookRequest;
  readonly permitted: Permitted;
  readonly context: RequestContext;
  readonly patients: Parameters<typeof participantsOf>[1];
  readonly freeing: readonly string[];
}

async function bookOne(booking: Booking, input: AppointmentInput): Promise<Outcome> {
  const { draft, deps, request, permitted, context } = booking;
  const found = await findInput(draft, deps, input, context.base);
  if (found.stored) return bookStored(booking, found);
  const { status, id } = found.sent.resource;
  const asked = 'resource' in input ? input.resource.status : status;
  if (asked === 'cancelled' || (asked === 'booked' && 'resource' in input && input.resource.id !== undefined)) {
    throw fault(
      'not-found',
      `Appointment/${id ?? ('resource' in input ? (input.resource.id ?? '') : '')} does not exist.`,
    );
  }
  if (!['proposed', 'pending', 'booked'].includes(asked)) {
    throw fault('rule', `What is ${asked} cannot be booked.`, 'Appointment.status');
  }
  const schedules = await schedulesOf(draft, deps, request, found.sent, context);
  const held = await heldUnderKey(draft, deps, found.sent, schedules, permitted.keyHash, context.base);
  if (held !== undefined) return bookStored(booking, { stored: await documentOf(draft, held), sent: found.sent });
  return bookAs(booking, deps.newId(), found.sent.exact, schedules);
}

async function documentOf(draft: Draft, id: string) {
  const document = await draft.original({ type: 'Appointment', id });
  const appointment = appointmentIn(resourceOf(document)[0]);
  if (!document || !appointment) throw fault('not-found', `Appointment/${id} does not exist.`);
  return { document, appointment };
}

async function bookStored(booking: Booking, found: FoundInput & { readonly stored: object }): Promise<Outcome> {
  const { draft, deps, permitted, context } = booking;
  const stored = await storedOf(draft, found.stored.document.id);
  const { status } = stored.appointment;
  const asked = found.sent?.resource.status;
  if (asked === 'cancelled') {
    refuse(timeReasons(stored.appointment, found.sent?.resource));
    return cancel(draft, deps, stored, undefined, permitted, context);
  }
  if (asked !== undefined && !['proposed', 'pending', 'booked'].includes(asked)) {
    throw fault('rule', `What is ${asked} cannot be booked.`, 'Appointment.status');
  }
  if (status === 'cancelled' || (!occupies(status) && status !== 'proposed')) {
    throw wrongState(stored.id, status, 'booked');
  }
  const isBooked = status !== 'pending' && status !== 'proposed';
  if (isBooked && !found.sent) return unchanged(stored);
  const exact = found.sent ? merged(stored, found.sent) : stored.exact;
  const schedules = await schedulesOf(draft, deps, booking.request, found.sent, context);
  return bookAs(booking, stored.id, isBooked ? { ...exact, status } : exact, schedules, isBooked ? status : 'booked');
}

/** What came, over what is stored: a moved time leaves the old Slots. */
function merged({ exact, appointment }: Stored, sent: Sent): JsonObject {
  const { slot: _, ...rest } = exact;
  const isMoved = timeReasons(appointment, sent.resource).length > 0;
  return { ...(isMoved ? rest : exact), ...sent.exact };
}

/** Why a resource does not speak of the time of another. */
function timeReasons(stored: Appointment, sent: Appointment | undefined): readonly Reason[] {
  const differs = (name: 'start' | 'end') =>
    sent?.[name] !== undefined && Date.parse(sent[name] ?? '') !== Date.parse(stored[name] ?? '');
  if (!differs('start') && !differs('end')) return [];
  const message = 'What is cancelled keeps its time: send it as it is stored.';
  return [{ kind: 'rule', message, expression: 'Appointment.start' }];
}

async function bookAs(
  { draft, deps, request, permitted, context, patients, freeing }: Booking,
  id: string,
  exact: JsonObject,
  schedules: readonly string[],
  status: Appointment['status'] = 'booked',
): Promise<Outcome> {
  const booked = withParticipants({ ...exact, status }, plainOf(exact), patients, 'booked');
  if (request.patientRequired && !hasPatient(plainOf(booked))) {
    throw fault('rule', 'Name the Patient as a participant.', 'Appointment.participant');
  }
  const [replaced] = freeing;
  const extension = [
    ...(Array.isArray(exact['extension']) ? (exact['extension'] as unknown[]) : []),
    ...(replaced === undefined
      ? []
      : [{ url: REPLACES_URL, valueReference: { reference: `Appointment/${replaced}` } }]),
  ];
  const whole: JsonObject = {
    ...booked,
    ...(request.comment !== undefined && { comment: request.comment }),
    ...(extension.length > 0 && { extension }),
  };
  return write(draft, deps, {
    id,
    exact: whole,
    permitted,
    context,
    asked: { schedules, freeing, timeRequired: true },
  });
}

const CANCELLABLE: readonly Appointment['status'][] = ['proposed', 'waitlist', 'pending', 'booked', 'arrived'];

async function cancel(
  draft: Draft,
  deps: InputDeps,
  stored: Stored,
  reason: CodeableConcept | undefined,
  permitted: Permitted,
  context: RequestContext,
): Promise<Outcome> {
  const { id, appointment, exact } = stored;
  if (appointment.status === 'cancelled') return unchanged(stored);
  if (!CANCELLABLE.includes(appointment.status)) {
    throw fault('rule', `An Appointment that is ${appointment.status} cannot be cancelled.`, 'Appointment.status');
  }
  const cancelled = { ...exact, status: 'cancelled', ...(reason && { cancelationReason: reason }) };
  return write(draft, deps, { id, exact: cancelled, permitted, context });
}

async function reschedule(
  draft: Draft,
  deps: InputDeps,
  stored: Stored,
  start: string,
  schedules: readonly string[],
  permitted: Permitted,
  context: RequestContext,
): Promise<Outcome> {
  const { id, appointment, exact } = stored;
  const { status } = appointment;
  if (status !== 'booked' && status !== 'pending') {
    throw fault('rule', `An Appointment that is ${status} cannot be moved.`, 'Appointment.status');
  }
  const lengthMs = Date.parse(appointment.end ?? '') - Date.parse(appointment.start ?? '');
  if (!(lengthMs > 0)) throw fault('rule', 'The Appointment has no time that could be moved.', 'Appointment.start');
  const present = await presentSchedules(draft, appointment, context.base, deps);
  const wanted = schedules.length > 0 ? schedules : present;
  const { slot: _, ...rest } = exact;
  const moved: JsonObject = {
    ...rest,
    start,
    end: instantText(Date.parse(start) + lengthMs),
    participant: await movedParticipants(draft, appointment, present, wanted, context.base),
  };
  return write(draft, deps, { id, exact: moved, permitted, context, asked: { schedules: wanted, timeRequired: true } });
}

async function presentSchedules(
  draft: Draft,
  { slot = [], supportingInformation = [] }: Appointment,
  base: string,
  deps: InputDeps,
): Promise<readonly string[]> {
  const keys = [...slot, ...supportingInformation].flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  const ids: string[] = [];
  for (const { type, id } of keys) {
    if (type === 'Schedule') ids.push(id);
    if (type !== 'Slot') continue;
    const target = await slotTarget(draft, deps, id, base, 'Appointment.slot');
    if (target) ids.push(target.view.facts.id);
  }
  return [...new Set(ids)];
}

/** Actors of Schedules that are left go, those of Schedules that are joined come, all others stay. */
async function movedParticipants(
  draft: Draft,
  { participant }: Appointment,
  before: readonly string[],
  after: readonly string[],
  base: string,
): Promise<Appointment['participant']> {
  const actors = async (ids: readonly string[]) => {
    const documents = await Promise.all(ids.map((id) => draft.get({ type: 'Schedule', id })));
    return documents
      .flatMap((document) => resourceOf(document))
      .flatMap((one) => (one.resourceType === 'Schedule' ? one.actor : []));
  };
  const nameOf = (reference: string | undefined) => {
    const key = localReference(reference, [base]);
    return key ? `${key.type}/${key.id}` : reference;
  };
  const left = (await actors(before.filter((id) => !after.includes(id)))).map(({ reference }) => nameOf(reference));
  const joined = await actors(after.filter((id) => !before.includes(id)));
  const stays = participant.filter(({ actor }) => !left.includes(nameOf(actor?.reference)));
  const known = stays.map(({ actor }) => nameOf(actor?.reference));
  const added = joined.filter(({ reference }) => !known.includes(nameOf(reference)));
  return [...stays, ...added.map((actor) => ({ actor, status: 'accepted' as const }))];
}

/** The Slots that Appointments take, stored and computed, as they are when the decision stands. */
async function slotsOf(
  { resources }: Pick<AppointmentOperationDeps, 'resources'>,
  appointments: readonly Outcome[],
  context: RequestContext,
): Promise<readonly SearchEntry[]> {
  const ids = appointments.flatMap(({ text }) => {
    const { slot = [] } = JSON.parse(text) as Appointment;
    return slot.flatMap(({ reference }) => localReference(reference, [context.base]) ?? []);
  });
  const found: SearchEntry[] = [];
  for (const { type, id } of ids) {
    if (type === 'Slot') found.push(await resources.read('Slot', id, context));
  }
  return found;
}
