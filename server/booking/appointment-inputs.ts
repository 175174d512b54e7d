import type { Appointment, AppointmentParticipant, FhirResource, Patient, Reference, Slot } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { liveClaims, unitDaysOf } from '../claims/index.js';
import { isObject, localReference, parseJson, type JsonObject } from '../fhir/index.js';
import type { Filter } from '../search/index.js';
import type { DocumentKey, StoredDocument } from '../store/index.js';
import { appointmentKey } from './appointment-key.js';
import { targetsOfSchedules } from './appointment-schedules.js';
import { targetsOfSlots } from './appointment-targets.js';
import type { AppointmentInput, NamedResource } from './bookings.js';
import { checkBody } from './check-body.js';
import { meetCondition, stageGuard } from './conditional-create.js';
import type { Draft } from './draft.js';
import { resourceOf } from './schedule-reader.js';
import { stageWrite, type WriteDeps } from './stage-write.js';
import type { RequestContext } from './types.js';
import { UnitBook } from './unit-book.js';

/** What an operation works on, once its input is looked up. */
export type FoundInput =
  | {
      /** Stored here, as it is now; with the resource that came for it, if one did. */
      readonly stored: { readonly document: StoredDocument; readonly appointment: Appointment };
      readonly sent?: Sent;
    }
  | { readonly sent: Sent; readonly stored?: undefined };

/** A resource that is to become an Appointment, its digits kept. */
export interface Sent {
  readonly resource: Appointment;
  readonly exact: JsonObject;
  /** Schedules of the Slots that it contained: Medplum's proposals name their time so. */
  readonly schedules: readonly string[];
}

/** Gives the proposal of an id, also while its time is taken: whoever asks for it is to be told so. */
export type ProposalOf = (id: string, base: string) => Promise<Appointment | undefined>;

export type InputDeps = WriteDeps & {
  readonly proposalOf: ProposalOf;
  /** The versionId with which reading a proposal answers; undefined where there is none that can be had. */
  readonly proposalVersion: (id: string, base: string) => Promise<string | undefined>;
};

/** @throws {Fault} `not-found`, `gone` for an id that is neither stored nor a proposal */
export async function findInput(
  draft: Draft,
  deps: InputDeps,
  input: AppointmentInput,
  base: string,
): Promise<FoundInput> {
  const id = 'id' in input ? input.id : input.resource.id;
  const document = id === undefined ? undefined : await draft.original({ type: 'Appointment', id });
  const [appointment] = resourceOf(document);
  const stored = document && appointment?.resourceType === 'Appointment' ? { document, appointment } : undefined;
  if ('resource' in input) {
    const sent = sentOf(input.resource, input.exact as JsonObject, base);
    return stored ? { stored, sent } : { sent };
  }
  if (stored) return { stored };
  if (document?.deleted) throw fault('gone', `Appointment/${input.id} was deleted.`);
  const proposal = await deps.proposalOf(input.id, base);
  if (!proposal) throw fault('not-found', `Appointment/${input.id} is neither stored nor a time that can be booked.`);
  return { sent: sentOf(proposal, parseJson(JSON.stringify(proposal)).exact as JsonObject, base) };
}

/** Without what it contained for the way only: Slots that are not stored say nothing but whose time is meant. */
function sentOf(resource: Appointment, exact: JsonObject, base: string): Sent {
  const contained = resource.contained ?? [];
  const schedules = contained.flatMap((one) => {
    const key = one.resourceType === 'Slot' ? localReference((one as Slot).schedule.reference, [base]) : undefined;
    return key ? [key.id] : [];
  });
  const kept = listOf(exact['contained']).filter((one) => !isObject(one) || one['resourceType'] !== 'Slot');
  const slots = listOf(exact['slot']).filter((one) => !isObject(one) || !String(one['reference']).startsWith('#'));
  const rest = Object.fromEntries(
    Object.entries(exact).filter(([name]) => name !== 'contained' && name !== 'slot' && name !== 'id'),
  );
  const cleaned: JsonObject = {
    ...rest,
    ...(kept.length > 0 && { contained: kept }),
    ...(slots.length > 0 && { slot: slots }),
  };
  return { resource: plainOf(cleaned), exact: cleaned, schedules };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The same tree as FHIR types have it. */
export function plainOf(exact: JsonObject): Appointment {
  return JSON.parse(JSON.stringify(exact)) as Appointment;
}

/** The Appointment that a hold under this key already is: whoever brings the key books that one. */
export async function heldUnderKey(
  draft: Draft,
  deps: InputDeps,
  { resource, schedules }: Sent,
  named: readonly string[],
  keyHash: string | undefined,
  base: string,
): Promise<string | undefined> {
  if (keyHash === undefined) return undefined;
  const book = UnitBook.of(draft, deps.clock.nowMs());
  const targets =
    (await targetsOfSlots(draft, deps, resource, base)) ??
    (await targetsOfSchedules(deps, book, resource, [...named, ...schedules], base));
  for (const target of targets) {
    const { claims } = await book.joined(target.view.timelines, unitDaysOf(target));
    const hold = liveClaims(claims, book.nowMs).find(
      (claim) =>
        claim.kind === 'held' &&
        claim.keyHash === keyHash &&
        claim.startMs === target.startMs &&
        claim.endMs === target.endMs,
    );
    if (hold) return appointmentKey(hold.by).id;
  }
  return undefined;
}

/**
 * The id of a resource that a request names, by id or by identifier.
 *
 * @param missing the kind of the fault where there is none: `not-found` for what is acted on, `gone` then once deleted
 * @throws {Fault} also `rule` where several have the identifier
 */
export async function resolveNamed(
  draft: Draft,
  deps: Pick<WriteDeps, 'store'>,
  type: string,
  named: NamedResource,
  base: string,
  missing: 'rule' | 'not-found' = 'rule',
): Promise<string> {
  if ('reference' in named) {
    const key = localReference(named.reference, [base]);
    const found = key?.type === type ? await draft.get(key) : undefined;
    if (key && found && !found.deleted) return key.id;
    if (missing === 'not-found' && found?.deleted) throw fault('gone', `${named.reference} was deleted.`);
    throw fault(missing, `${named.reference} does not exist on this server.`);
  }
  const { system, value } = named.identifier;
  const filter: Filter = { kind: 'token', param: 'identifier', code: value, ...(system !== undefined && { system }) };
  const found = await deps.store.search({ type, filter, sort: [], limit: 2 });
  const [only, other] = found;
  if (!only) throw fault(missing, `No ${type} has the identifier ${system ?? ''}|${value}.`);
  if (other) throw fault('rule', `Several ${type} resources have the identifier ${system ?? ''}|${value}.`);
  return only.document.id;
}

/** Patients as participants: those named, and new ones, which are created in the same commit. */
export async function patientsOf(
  draft: Draft,
  deps: InputDeps,
  named: readonly NamedResource[],
  fresh: readonly Patient[],
  context: RequestContext,
): Promise<readonly Reference[]> {
  const ids: string[] = [];
  for (const one of named) ids.push(await resolveNamed(draft, deps, 'Patient', one, context.base));
  for (const patient of fresh) ids.push(await storedPatient(draft, deps, patient, context));
  return [...new Set(ids)].map((id) => ({ reference: `Patient/${id}` }));
}

/** Two requests that bring the same new Patient at the same moment create it once: see `meetCondition`. */
async function storedPatient(draft: Draft, deps: InputDeps, patient: Patient, context: RequestContext) {
  if (patient.id !== undefined) {
    const found = await draft.get({ type: 'Patient', id: patient.id });
    if (found && !found.deleted) return patient.id;
  }
  const guards: DocumentKey[] = [];
  for (const { system = '', value } of patient.identifier ?? []) {
    if (value === undefined) continue;
    const token = system === '' ? escaped(value) : `${escaped(system)}|${escaped(value)}`;
    const met = await meetCondition(draft, deps, 'Patient', [['identifier', token]], context);
    if ('found' in met) return met.found.id;
    guards.push(met.guard);
  }
  const body = parseJson(JSON.stringify({ ...patient, id: undefined }));
  const resource = checkBody('Patient', body, context.base);
  const id = deps.newId();
  const written = await stageWrite(draft, deps, {
    type: 'Patient',
    id,
    body,
    resource,
    base: context.base,
    bulk: false,
  });
  for (const guard of guards) stageGuard(draft, guard, written);
  return id;
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&');
}

/** The participants with these Patients among them, and with the statuses that a step brings (operations.md §4). */
export function participantsOf(
  participants: readonly AppointmentParticipant[],
  patients: readonly Reference[],
  step: 'held' | 'booked',
): AppointmentParticipant[] {
  const moved = step === 'held' ? ['needs-action'] : ['needs-action', 'tentative'];
  const status = step === 'held' ? 'tentative' : 'accepted';
  const known = new Set(participants.map(({ actor }) => actor?.reference));
  const added = patients.filter(({ reference }) => !known.has(reference));
  return [
    ...participants.map((one) => (moved.includes(one.status) ? { ...one, status } : one)),
    ...added.map((actor): AppointmentParticipant => ({ actor, status })),
  ] as AppointmentParticipant[];
}

/** Whether a Patient takes part. */
export function hasPatient({ participant }: Appointment): boolean {
  return participant.some(({ actor }) => /(^|\/)Patient\//.test(actor?.reference ?? '') || actor?.type === 'Patient');
}

/** Whether a document is an Appointment that stands. */
export function appointmentIn(resource: FhirResource | undefined): Appointment | undefined {
  return resource?.resourceType === 'Appointment' ? resource : undefined;
}
