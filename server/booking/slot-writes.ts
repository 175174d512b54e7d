import type { FhirResource, Slot } from 'fhir/r4.js';
import { MS_PER_DAY } from '../base/clock.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';
import type { Draft } from './draft.js';
import {
  readUnit,
  SLOT_DAYS_MAX,
  slotConflicts,
  unitKeysOf,
  withoutSlot,
  withSlot,
  type Unit,
  type UnitSlot,
} from './units.js';

/** Where a stored Slot lies: its time on its Schedule. */
export interface SlotPlace {
  readonly scheduleId: string;
  readonly slot: UnitSlot;
}

/**
 * Undefined for what takes no time here: an `entered-in-error` Slot, one of another server's Schedule, or one whose
 * times are not told (FHIR lets an extension stand in for a required instant).
 */
export function placeOf(resource: FhirResource | undefined, id: string, base: string): SlotPlace | undefined {
  if (resource?.resourceType !== 'Slot' || resource.status === 'entered-in-error') return undefined;
  const { schedule, start, end } = resource as Pick<Slot, 'schedule'> & Partial<Slot>;
  const key = localReference(schedule.reference, [base]);
  if (start === undefined || end === undefined) return undefined;
  return key && { scheduleId: key.id, slot: { id, startMs: Date.parse(start), endMs: Date.parse(end) } };
}

/** The unit documents that a Slot at this place lies in. @throws {Fault} `rule` where they are too many */
export function unitsOfPlace(place: SlotPlace | undefined): DocumentKey[] {
  if (!place) return [];
  const { startMs, endMs } = place.slot;
  if (endMs - startMs > SLOT_DAYS_MAX * MS_PER_DAY) {
    throw fault('rule', `A Slot lasts at most ${SLOT_DAYS_MAX} days; write several, one after the other.`, 'Slot.end');
  }
  return unitKeysOf(place.scheduleId, place.slot);
}

/**
 * Moves a Slot from where it lay to where it shall lie, in the units of its Schedule.
 *
 * @throws {Fault} `conflict` where it would lie over another one of its Schedule; nothing is staged then
 */
export async function stagePlace(
  draft: Draft,
  before: SlotPlace | undefined,
  after: SlotPlace | undefined,
  nowMs: number,
): Promise<void> {
  const left = unitsOfPlace(before);
  const taken = unitsOfPlace(after);
  await draft.prepare([...left, ...taken]);
  const units = new Map<string, { key: DocumentKey; unit: Unit }>();
  for (const key of [...left, ...taken]) units.set(key.id, { key, unit: readUnit((await draft.get(key))?.text) });
  const reasons = after ? taken.flatMap(({ id }) => conflictsIn(units.get(id)?.unit, after.slot)) : [];
  if (reasons.length > 0) throw new Fault(distinct(reasons));
  for (const { id } of left) change(units, id, (unit) => withoutSlot(unit, before?.slot.id ?? ''));
  for (const { id } of taken) change(units, id, (unit) => (after ? withSlot(unit, after.slot) : unit));
  for (const { key, unit } of units.values()) {
    const text = JSON.stringify(unit);
    if ((await draft.get(key))?.text === text) continue;
    draft.put({
      ...key,
      updatedMs: nowMs,
      deleted: false,
      text,
      index: {},
      order: { timeMs: null, text: '' },
      keepHistory: false,
    });
  }
}

function conflictsIn(unit: Unit | undefined, slot: UnitSlot): readonly Reason[] {
  return unit ? slotConflicts(unit, slot) : [];
}

/** A Slot that lies in several days is met once in each. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [reason.message, reason])).values()];
}

function change(units: Map<string, { key: DocumentKey; unit: Unit }>, id: string, by: (unit: Unit) => Unit): void {
  const entry = units.get(id);
  if (entry) units.set(id, { ...entry, unit: by(entry.unit) });
}
