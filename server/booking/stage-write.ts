import type { FhirResource, Slot } from 'fhir/r4.js';
import { instantText, type Clock } from '../base/clock.js';
import { Fault, fault } from '../base/fault.js';
import type { NewId } from '../base/ids.js';
import { occupies } from '../claims/index.js';
import { printJson, withMeta, type JsonObject, type ParsedJson } from '../fhir/index.js';
import { naturalOrderOf, UNORDERED } from '../search/index.js';
import type { DocumentKey, StoredDocument } from '../store/index.js';
import type { Draft, DraftPut } from './draft.js';
import { appointmentChange, stageOpened, stageOverride, type Permitted } from './permissions.js';
import { amended } from './amend-appointment.js';
import { versionOf } from './read-resources.js';
import { danglingReference, neededReferences, type NeededReference } from './references.js';
import { resourceIndex } from './resource-index.js';
import { zoneOfSchedule } from './schedule-facts.js';
import { actorKeysOf, resourceOf } from './schedule-reader.js';
import { resumesTime } from './resumed-time.js';
import { restageSlots, slotIn } from './slot-states.js';
import { stageAppointment, type AppointmentChange, type AppointmentDeps } from './stage-appointment.js';
import { refuseInUse, stageSchedule, type StageScheduleDeps } from './stage-schedule.js';
import { stageRole } from './stage-role.js';
import { stageSlot } from './stage-slot.js';
import type { Written } from './types.js';
import { UnitBook } from './unit-book.js';

/** What writing rests on. */
export interface WriteDeps extends AppointmentDeps, StageScheduleDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  /** Whether a computed slot of this id exists: Appointments may name it. */
  readonly isComputedSlot: (id: string, base: string) => Promise<boolean>;
  /** Whether an id is kept for computed slots. */
  readonly isReservedSlot: (id: string) => Promise<boolean>;
  /** Whether an id is kept for proposals. */
  readonly isReservedProposal: (id: string) => Promise<boolean>;
}

/** A resource that has passed `checkBody`, to be written under a key. */
export interface Change extends DocumentKey {
  readonly body: ParsedJson;
  readonly resource: FhirResource;
  readonly base: string;
  /** `load`: references may come true later, and what stands there already makes no new version. */
  readonly bulk: boolean;
  /** What the caller brings to have its way. */
  readonly permitted?: Permitted;
  /** What an operation asks of an Appointment beside the resource itself. */
  readonly asked?: Pick<AppointmentChange, 'schedules' | 'pool' | 'holdUntilMs' | 'freeing' | 'timeRequired'>;
}

/**
 * Stages the write of one resource and of all that goes with it.
 *
 * @throws {Fault} `rule`, `conflict`, `forbidden`, `method`; nothing of this draft may be committed then
 */
export async function stageWrite(draft: Draft, deps: WriteDeps, change: Change): Promise<Written> {
  const { type, id } = change;
  // What it was decided on is the Appointment as stored, so a second write would forget the first and its claims.
  if (type === 'Appointment' && draft.writes(change)) throw twiceFault(id);
  if (change.bulk && type === 'Slot' && (await deps.isReservedSlot(id))) throw computedSlotFault(id, 'PUT');
  if (!change.bulk)
    await draft.prepare([change, ...neededReferences(change.resource, change.base).map(({ key }) => key)]);
  const before = await draft.original(change);
  if (type === 'Appointment' && (!before || before.deleted)) await refuseReserved(deps, id);
  const updatedMs = Math.max(deps.clock.nowMs(), before?.updatedMs ?? 0);
  const unchanged = unchangedBy(change, change.body.exact, before);
  if (unchanged) return unchanged;
  if (!change.bulk) await checkReferences(draft, deps, change, before);
  const zone = await zoneFor(draft, deps, change);
  const exact = await stageTime(draft, deps, change, before);
  const sameAgain = draft.writes(change) ? undefined : unchangedBy(change, exact, before);
  if (sameAgain) return sameAgain;
  const { written, put } = nextVersion(change, exact, before, updatedMs, zone);
  draft.put(put);
  return written;
}

/** The refusal of a request that does two things to one Appointment. */
export function twiceFault(id: string): Fault {
  return fault('invalid', `Appointment/${id} comes twice in this request: ask for one thing of it.`);
}

/** What stands there, where a `load` would only write the same once more. */
function unchangedBy({ id, bulk }: Change, exact: unknown, before: StoredDocument | undefined) {
  if (!bulk || !before || before.deleted) return undefined;
  if (textOf({ exact, id }, before.revision, before.updatedMs) !== before.text) return undefined;
  return { ...versionOf(before), outcome: 'unchanged' as const };
}

/** What the write means for time, and the body with what follows from it. */
async function stageTime(
  draft: Draft,
  deps: WriteDeps,
  change: Change,
  before: StoredDocument | undefined,
): Promise<JsonObject> {
  const { id, base, resource, body } = change;
  const nowMs = deps.clock.nowMs();
  draft.refusePassed(change);
  const [previous] = resourceOf(before);
  const exact = body.exact as JsonObject;
  if (resource.resourceType === 'Slot') {
    const isImport = change.bulk;
    const staged = await stageSlot(draft, { id, base, before: slotIn(previous), after: resource, isImport }, nowMs);
    await restageSlots(draft, deps, UnitBook.of(draft, nowMs), staged.timelines, base, id);
    return staged.withState(exact as unknown as Slot) as unknown as JsonObject;
  }
  if (resource.resourceType === 'Appointment') {
    const asked = appointmentChange(deps, change, previous, resource);
    const resumes = await resumesTime(deps.store, before, resource, base);
    const staged = await stageAppointment(draft, deps, { ...asked, resumes }, nowMs);
    await stageOverride(draft, deps, change, staged.overridden);
    await stageOpened(draft, deps, change, staged.opened);
    return amended(exact, staged.amended);
  }
  if (resource.resourceType === 'Schedule') {
    const isNew = before === undefined;
    const timelines = await stageSchedule(draft, deps, { id, base, resource, isNew }, nowMs);
    await restageSlots(draft, deps, UnitBook.of(draft, nowMs), timelines, base);
  }
  if (resource.resourceType === 'PractitionerRole') {
    await stageRole(draft, deps, { id, base, before: previous, after: resource }, nowMs);
  }
  return exact;
}

function nextVersion(
  { type, id, base, resource }: Change,
  exact: JsonObject,
  before: StoredDocument | undefined,
  updatedMs: number,
  zone: string,
): { readonly written: Written; readonly put: DraftPut } {
  const revision = (before?.revision ?? 0) + 1;
  const text = textOf({ exact, id }, revision, updatedMs);
  const isTimed = type === 'Slot' || type === 'Appointment';
  const index = resourceIndex(isTimed ? (JSON.parse(text) as FhirResource) : resource, id, zone, base);
  const order = naturalOrderOf(type, index);
  const outcome = before && !before.deleted ? 'updated' : 'created';
  return {
    written: { type, id, versionId: String(revision), updatedMs, text, outcome },
    put: { type, id, updatedMs, deleted: false, text, index, order, keepHistory: true },
  };
}

/** The refusal of a write to a slot that nobody stored. */
export function computedSlotFault(id: string, verb: string): Fault {
  const message = `Slot/${id} is computed from the rules of its Schedule: ${verb} is not for it; change the rules.`;
  return fault('method', message);
}

/**
 * Whoever books a proposal by its id is to get what was proposed, and not what somebody else wrote under that id.
 *
 * @throws {Fault} `method`
 */
async function refuseReserved(deps: WriteDeps, id: string): Promise<void> {
  if (!(await deps.isReservedProposal(id))) return;
  throw fault('method', `Appointment/${id} is the id of a proposal of $find: book it, or write under another id.`);
}

/** Stages a deletion: the id keeps its place, empty, so that it answers 410. Answers when it happened. */
export async function stageRemoval(
  draft: Draft,
  deps: WriteDeps,
  before: StoredDocument,
  base: string,
  permission: Permitted = {},
): Promise<number> {
  const { type, id } = before;
  const nowMs = deps.clock.nowMs();
  draft.refusePassed(before);
  const updatedMs = Math.max(nowMs, before.updatedMs);
  const [previous] = resourceOf(before);
  if (previous?.resourceType === 'Slot') {
    const { timelines } = await stageSlot(draft, { id, base, before: previous, after: undefined }, nowMs);
    await restageSlots(draft, deps, UnitBook.of(draft, nowMs), timelines, base, id);
  }
  if (previous?.resourceType === 'Appointment') {
    await stageAppointment(draft, deps, { id, base, before: previous, after: undefined, ...permission }, nowMs);
  }
  if (type === 'PractitionerRole') {
    await stageRole(draft, deps, { id, base, before: previous, after: undefined }, nowMs);
  }
  if (type === 'Schedule') await refuseInUse(draft, deps.store, id, nowMs);
  draft.put({ type, id, updatedMs, deleted: true, text: '', index: {}, order: UNORDERED, keepHistory: true });
  return updatedMs;
}

function textOf({ exact, id }: { readonly exact: unknown; readonly id: string }, revision: number, updatedMs: number) {
  return printJson(withMeta(exact, { id, versionId: String(revision), lastUpdated: instantText(updatedMs) }));
}

async function zoneFor(draft: Draft, deps: WriteDeps, { resource, base }: Change): Promise<string> {
  // Only bare dates of the planning horizon need it, and they are rare where many Schedules are written at once.
  if (resource.resourceType !== 'Schedule' || !resource.planningHorizon) return deps.defaultZone;
  const keys = actorKeysOf(resource, base);
  await draft.prepare(keys);
  const actors = await Promise.all(keys.map((key) => draft.get(key)));
  return zoneOfSchedule(resource, actors.flatMap(resourceOf), deps.defaultZone);
}

/**
 * Whether what it names is there. What it named before may have gone since: that keeps nobody from cancelling. The
 * Slots of an Appointment that has its time are looked at where that is decided.
 */
async function checkReferences(
  draft: Draft,
  deps: WriteDeps,
  change: Change,
  before: StoredDocument | undefined,
): Promise<void> {
  const { resource, base } = change;
  const isDecided = resource.resourceType === 'Appointment' && occupies(resource.status);
  const named = new Set(resourceOf(before).flatMap((previous) => neededReferences(previous, base).map(nameOf)));
  const needed = neededReferences(resource, base).filter(
    (one) => !named.has(nameOf(one)) && !(isDecided && one.key.type === 'Slot'),
  );
  await draft.prepare(needed.map(({ key }) => key));
  const missing = await Promise.all(
    needed.map(async (one) => {
      const found = await draft.get(one.key);
      if (found && !found.deleted) {
        draft.check(one.key);
        return [];
      }
      const computed = one.key.type === 'Slot' && (await deps.isComputedSlot(one.key.id, base));
      return computed ? [] : [danglingReference(one)];
    }),
  );
  if (missing.flat().length > 0) throw new Fault(missing.flat());
}

function nameOf({ key }: NeededReference): string {
  return `${key.type}/${key.id}`;
}
