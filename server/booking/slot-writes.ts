import type { FhirResource, Slot } from 'fhir/r4.js';
import { MS_PER_DAY } from '../base/clock.js';
import { Fault, fault, type Reason } from '../base/fault.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
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
  if (isSamePlace(before, after)) return;
  const left = unitsOfPlace(before);
  const taken = unitsOfPlace(after);
  await draft.prepare([...left, ...taken]);
  const known = unitsOf(draft);
  for (const key of [...left, ...taken]) {
    if (!known.has(key.id)) known.set(key.id, readUnit((await draft.get(key))?.text));
  }
  const reasons = after ? taken.flatMap(({ id }) => conflictsIn(known.get(id), after.slot)) : [];
  if (reasons.length > 0) throw new Fault(distinct(reasons));
  if (after && after.scheduleId !== before?.scheduleId) await stageArrival(draft, after, nowMs);
  for (const key of left) stageUnit(draft, key, withoutSlot(unitIn(known, key), before?.slot.id ?? ''), nowMs);
  for (const key of taken) if (after) stageUnit(draft, key, withSlot(unitIn(known, key), after.slot), nowMs);
}

/** Over so many documents the arrivals on one Schedule are spread, so that few of them meet. */
const ARRIVAL_BOOKS = 16;

/** The documents that the arrival of a Slot on a Schedule changes: whoever deletes the Schedule checks them. */
export function arrivalKeysOf(scheduleId: string): DocumentKey[] {
  return Array.from({ length: ARRIVAL_BOOKS }, (_, book) => arrivalKey(scheduleId, book));
}

function arrivalKey(scheduleId: string, book: number): DocumentKey {
  return { type: 'SlotArrivals', id: `Schedule/${scheduleId}/${book}` };
}

async function stageArrival(draft: Draft, { scheduleId, slot }: SlotPlace, updatedMs: number): Promise<void> {
  const day = Math.floor(slot.startMs / MS_PER_DAY);
  const key = arrivalKey(scheduleId, ((day % ARRIVAL_BOOKS) + ARRIVAL_BOOKS) % ARRIVAL_BOOKS);
  if (draft.writes(key)) return;
  await draft.prepare([key]);
  draft.put({ ...key, updatedMs, text: '{}', ...RECORD });
}

/** The units as each draft leaves them: a bulk load writes one many times, and its text is made once at the end. */
const unitsOfDrafts = new WeakMap<Draft, Map<string, Unit>>();

function unitsOf(draft: Draft): Map<string, Unit> {
  const units = unitsOfDrafts.get(draft) ?? new Map<string, Unit>();
  unitsOfDrafts.set(draft, units);
  return units;
}

function unitIn(units: ReadonlyMap<string, Unit>, { id }: DocumentKey): Unit {
  return units.get(id) ?? readUnit(undefined);
}

function stageUnit(draft: Draft, key: DocumentKey, unit: Unit, updatedMs: number): void {
  const units = unitsOf(draft).set(key.id, unit);
  draft.put({
    ...key,
    updatedMs,
    text: () => JSON.stringify(unitIn(units, key)),
    ...RECORD,
  });
}

function isSamePlace(a: SlotPlace | undefined, b: SlotPlace | undefined): boolean {
  if (!a || !b) return a === b;
  return a.scheduleId === b.scheduleId && a.slot.startMs === b.slot.startMs && a.slot.endMs === b.slot.endMs;
}

function conflictsIn(unit: Unit | undefined, slot: UnitSlot): readonly Reason[] {
  return unit ? slotConflicts(unit, slot) : [];
}

/** A Slot that lies in several days is met once in each. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  return [...new Map(reasons.map((reason) => [reason.message, reason])).values()];
}
