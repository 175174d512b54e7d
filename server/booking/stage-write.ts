import type { FhirResource, Schedule } from 'fhir/r4.js';
import { instantText, type Clock } from '../base/clock.js';
import { Fault, fault } from '../base/fault.js';
import { printJson, withMeta, type ParsedJson } from '../fhir/index.js';
import { naturalOrderOf, statusIs, type Filter } from '../search/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import type { Draft } from './draft.js';
import { danglingReference, neededReferences } from './references.js';
import { resourceIndex } from './resource-index.js';
import { actorKeysOf, resourceOf } from './schedule-reader.js';
import { zoneOfSchedule } from './schedule-facts.js';
import { arrivalKeysOf, placeOf, stagePlace } from './slot-writes.js';
import type { Written } from './types.js';

/** What writing rests on. */
export interface WriteDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
  /** Whether a computed slot of this id exists: Appointments may name it. */
  readonly isComputedSlot: (id: string, base: string) => Promise<boolean>;
  /** Whether an id is kept for computed slots. */
  readonly isReservedSlot: (id: string) => Promise<boolean>;
}

/** A resource that has passed `checkBody`, to be written under a key. */
export interface Change extends DocumentKey {
  readonly body: ParsedJson;
  readonly resource: FhirResource;
  readonly base: string;
  /** `load`: references may come true later, and what stands there already makes no new version. */
  readonly bulk: boolean;
}

/** The states in which an Appointment occupies its time (design §4). */
const OCCUPYING = ['pending', 'booked', 'arrived', 'checked-in', 'fulfilled'];

/**
 * Stages the write of one resource and of all that goes with it.
 *
 * @throws {Fault} `rule`, `conflict`; nothing of this resource is staged then
 */
export async function stageWrite(draft: Draft, deps: WriteDeps, change: Change): Promise<Written> {
  const { type, id, resource, base } = change;
  if (change.bulk && type === 'Slot' && (await deps.isReservedSlot(id))) throw computedSlotFault(id, 'PUT');
  const before = await draft.original(change);
  const updatedMs = Math.max(deps.clock.nowMs(), before?.updatedMs ?? 0);
  if (change.bulk && before && !before.deleted && textOf(change, before.revision, before.updatedMs) === before.text) {
    return {
      type,
      id,
      versionId: String(before.revision),
      updatedMs: before.updatedMs,
      text: before.text,
      outcome: 'unchanged',
    };
  }
  if (!change.bulk) await checkReferences(draft, deps, change);
  const previous = slotOf(before);
  await checkSlotStatus(deps, previous, change);
  const zone = resource.resourceType === 'Schedule' ? await zoneFor(draft, deps, resource, base) : deps.defaultZone;
  await stagePlace(draft, placeOf(previous, id, base), placeOf(resource, id, base), updatedMs);
  const index = resourceIndex(resource, id, zone, base);
  const text = textOf(change, (before?.revision ?? 0) + 1, updatedMs);
  const order = naturalOrderOf(type, index);
  const revision = draft.put({ type, id, updatedMs, deleted: false, text, index, order, keepHistory: true });
  const outcome = before && !before.deleted ? 'updated' : 'created';
  return { type, id, versionId: String(revision), updatedMs, text, outcome };
}

/** The refusal of a write to a slot that nobody stored. */
export function computedSlotFault(id: string, verb: string): Fault {
  const message = `Slot/${id} is computed from the rules of its Schedule: ${verb} is not for it; change the rules.`;
  return fault('method', message);
}

/** Stages a deletion: the id keeps its place, empty, so that it answers 410. Answers when it happened. */
export async function stageRemoval(
  draft: Draft,
  deps: WriteDeps,
  before: StoredDocument,
  base: string,
): Promise<number> {
  const { type, id } = before;
  const updatedMs = Math.max(deps.clock.nowMs(), before.updatedMs);
  await checkRemoval(draft, deps, before);
  await stagePlace(draft, placeOf(slotOf(before), id, base), undefined, updatedMs);
  const order = { timeMs: null, text: '' };
  draft.put({ type, id, updatedMs, deleted: true, text: '', index: {}, order, keepHistory: true });
  return updatedMs;
}

/** A Slot that stands there: of what a write takes the place of, only its time and status matter. */
function slotOf(document: StoredDocument | undefined): FhirResource | undefined {
  return document?.type === 'Slot' ? resourceOf(document)[0] : undefined;
}

function textOf({ body, id }: Change, revision: number, updatedMs: number): string {
  return printJson(withMeta(body.exact, { id, versionId: String(revision), lastUpdated: instantText(updatedMs) }));
}

async function zoneFor(draft: Draft, deps: WriteDeps, schedule: Schedule, base: string): Promise<string> {
  // Only bare dates of the planning horizon need it, and they are rare where many Schedules are written at once.
  if (!schedule.planningHorizon) return deps.defaultZone;
  const keys = actorKeysOf(schedule, base);
  await draft.prepare(keys);
  const actors = await Promise.all(keys.map((key) => draft.get(key)));
  return zoneOfSchedule(schedule, actors.flatMap(resourceOf), deps.defaultZone);
}

async function checkReferences(draft: Draft, deps: WriteDeps, change: Change): Promise<void> {
  const needed = neededReferences(change.resource, change.base);
  await draft.prepare(needed.map(({ key }) => key));
  const missing = await Promise.all(
    needed.map(async (one) => {
      const found = await draft.get(one.key);
      if (found && !found.deleted) {
        draft.check(one.key);
        return [];
      }
      const computed = one.key.type === 'Slot' && (await deps.isComputedSlot(one.key.id, change.base));
      return computed ? [] : [danglingReference(one)];
    }),
  );
  if (missing.flat().length > 0) throw new Fault(missing.flat());
}

/** A Slot cannot be written free while an Appointment that names it occupies its time. */
async function checkSlotStatus(deps: WriteDeps, previous: FhirResource | undefined, change: Change): Promise<void> {
  const { resource, id } = change;
  if (previous?.resourceType !== 'Slot' || resource.resourceType !== 'Slot') return;
  if (previous.status === resource.status || resource.status !== 'free') return;
  await refuseOccupied(deps, id, 'Slot.status');
}

async function refuseOccupied(deps: WriteDeps, slotId: string, expression?: string): Promise<void> {
  if ((await deps.store.count('Appointment', occupyingAppointments(slotId, deps.clock.nowMs()))) === 0) return;
  throw fault('conflict', `An Appointment that names Slot/${slotId} occupies it; cancel that first.`, expression);
}

async function checkRemoval(draft: Draft, deps: WriteDeps, { type, id }: DocumentKey): Promise<void> {
  if (type === 'Slot') await refuseOccupied(deps, id);
  if (type !== 'Schedule') return;
  // Read before counting: a Slot that arrives after the count changes one of them, and this commit does not stand.
  const arrivals = arrivalKeysOf(id);
  await draft.prepare(arrivals);
  for (const key of arrivals) draft.check(key);
  if ((await deps.store.count('Slot', reference('schedule', `Schedule/${id}`))) > 0) {
    throw fault('conflict', `Schedule/${id} has stored Slots; delete them first.`);
  }
}

function occupyingAppointments(slotId: string, nowMs: number): Filter {
  const states = OCCUPYING.map((code) => statusIs(code, nowMs));
  return { kind: 'all', of: [reference('slot', `Slot/${slotId}`), { kind: 'any', of: states }] };
}

function reference(param: string, target: string): Filter {
  return { kind: 'reference', param, target };
}
