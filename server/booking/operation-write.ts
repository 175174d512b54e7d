import type { Appointment } from 'fhir/r4.js';
import { fault, type Fault } from '../base/fault.js';
import { localReference, parseJson, type JsonObject } from '../fhir/index.js';
import { localText } from '../zones/index.js';
import { versionOf } from './read-resources.js';
import { appointmentIn, participantsOf, plainOf, resolveNamed, type InputDeps } from './appointment-inputs.js';
import { namedSchedules } from './appointment-places.js';
import { slotTarget, targetsOfSlots, type Target } from './appointment-targets.js';
import type { AppointmentInput, BookingAnswer, NamedResource, Precondition } from './bookings.js';
import { checkBody } from './check-body.js';
import { checkVersion, checkVersionId } from './check-version.js';
import type { Draft } from './draft.js';
import type { Permitted } from './permissions.js';
import { resourceOf } from './schedule-reader.js';
import { stageWrite, type Change, type WriteDeps } from './stage-write.js';
import type { RequestContext, ResourceVersion } from './types.js';

/** What became of one Appointment. */
export type Outcome = BookingAnswer['appointments'][number];

/** An operation on Appointments that is being decided. */
export interface Operation<Deps extends InputDeps = InputDeps> extends Precondition {
  readonly draft: Draft;
  readonly deps: Deps;
  readonly permitted: Permitted;
  readonly context: RequestContext;
}

/** An Appointment that is stored, as it is now. */
export interface Stored {
  readonly id: string;
  readonly appointment: Appointment;
  /** With the digits that it came with. */
  readonly exact: JsonObject;
  readonly version: ResourceVersion;
}

/** @throws {Fault} `not-found`, `gone` */
export async function storedOf({ draft }: Pick<Operation, 'draft'>, id: string): Promise<Stored> {
  const document = await draft.original({ type: 'Appointment', id });
  const appointment = appointmentIn(resourceOf(document)[0]);
  if (document?.deleted) throw fault('gone', `Appointment/${id} was deleted.`);
  if (!document || !appointment) throw fault('not-found', `Appointment/${id} does not exist.`);
  return { id, appointment, exact: parseJson(document.text).exact as JsonObject, version: versionOf(document) };
}

/**
 * Whether the Appointment that a request names stands in the version that the request rests on. A proposal has the
 * version with which it is read, what is new has none.
 *
 * @throws {Fault} `stale`
 */
export async function refuseStale(
  { draft, deps, context, ifMatch }: Operation,
  input: AppointmentInput,
): Promise<void> {
  if (ifMatch === undefined) return;
  const id = 'id' in input ? input.id : input.resource.id;
  const key = { type: 'Appointment', id: id ?? 'new' };
  const document = id === undefined ? undefined : await draft.original(key);
  if (id === undefined || document) return checkVersion(document, key, ifMatch);
  checkVersionId(await deps.proposalVersion(id, context.base), key, ifMatch);
}

/** The answer that nothing had to be done. */
export function unchanged({ version }: Stored): Outcome {
  return { ...version, outcome: 'unchanged' };
}

/** An Appointment is in no state for an operation. */
export function wrongState(id: string, status: string, verb: string): Fault {
  return fault('conflict', `Appointment/${id} is ${status} and cannot be ${verb}.`);
}

/** Writes an Appointment through the engine, as any PUT of it. */
export async function writeAppointment(
  { draft, deps, permitted, context: { base } }: Omit<Operation, 'deps'> & { readonly deps: WriteDeps },
  id: string,
  exact: JsonObject,
  asked?: Change['asked'],
): Promise<Outcome> {
  const body = { exact: { ...exact, id }, plain: plainOf({ ...exact, id }) };
  const resource = checkBody('Appointment', body, base) as Appointment;
  const change: Change = {
    type: 'Appointment',
    id,
    body,
    resource,
    base,
    bulk: false,
    permitted,
    ...(asked && { asked }),
  };
  const { outcome, ...version } = await stageWrite(draft, deps, change);
  return { ...version, outcome: outcome === 'created' ? 'created' : 'updated' };
}

/** An Appointment with the times of the Slots that it names, where it tells none. */
export async function withTimes({ draft, deps, context }: Operation, exact: JsonObject): Promise<JsonObject> {
  const plain = plainOf(exact);
  const isTimed = plain.start !== undefined || plain.end !== undefined;
  const times = isTimed ? undefined : timesOf((await targetsOfSlots(draft, deps, plain, context.base)) ?? []);
  return { ...exact, ...times };
}

/** With the period that was asked for: that of its time, where it tells none. */
export function withPeriod(exact: JsonObject): JsonObject {
  const { start, end, requestedPeriod } = exact;
  const isTold = requestedPeriod !== undefined || start === undefined || end === undefined;
  return isTold ? exact : { ...exact, requestedPeriod: [{ start, end }] };
}

/** From the first to the last, in the local time of their Schedule. */
function timesOf(targets: readonly Target[]): { readonly start: string; readonly end: string } | undefined {
  const [first] = targets;
  if (!first) return undefined;
  const { zone } = first.view.facts;
  return {
    start: localText(zone, Math.min(...targets.map(({ startMs }) => startMs))),
    end: localText(zone, Math.max(...targets.map(({ endMs }) => endMs))),
  };
}

/** With these Patients taking part, and with the participant statuses of a step. */
export function withParticipants(
  exact: JsonObject,
  patients: Parameters<typeof participantsOf>[1],
  step: Parameters<typeof participantsOf>[2],
): JsonObject {
  const { participant = [] } = plainOf(exact);
  return { ...exact, participant: participantsOf(participant, patients, step) };
}

/** The ids of the Schedules that a request names. @throws {Fault} `rule` for one that is not there */
export async function scheduleIdsOf(
  { draft, deps, context }: Operation,
  named: readonly NamedResource[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const one of named) ids.push(await resolveNamed(draft, deps, 'Schedule', one, context.base));
  return [...new Set(ids)];
}

/** The Schedules whose time an Appointment has: of its Slots, and those that it names. */
export async function presentSchedules(
  { draft, deps, context: { base } }: Operation,
  appointment: Appointment,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { reference } of appointment.slot ?? []) {
    const key = localReference(reference, [base]);
    const target = key?.type === 'Slot' ? await slotTarget(draft, deps, key.id, base, 'Appointment.slot') : undefined;
    if (target) ids.push(target.view.facts.id);
  }
  return [...new Set([...ids, ...namedSchedules(appointment, base)])];
}

/** What is left to say when it leaves Schedules that it names: the engine names those that it takes anew. */
export function withoutSchedules(exact: JsonObject, schedules: readonly string[], base: string): JsonObject {
  const { supportingInformation = [], ...rest } = exact;
  const names = schedules.map((id) => `Schedule/${id}`);
  const kept = (supportingInformation as readonly JsonObject[]).filter(({ reference }) => {
    const key = typeof reference === 'string' ? localReference(reference, [base]) : undefined;
    return !key || !names.includes(`${key.type}/${key.id}`);
  });
  return { ...rest, ...(kept.length > 0 && { supportingInformation: kept }) };
}
