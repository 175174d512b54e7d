import { instantText, MS_PER_DAY } from '../base/clock.js';
import type { Reason } from '../base/fault.js';
import { overlaps, type Interval } from '../base/interval.js';
import type { DocumentKey } from '../store/index.js';

/** The type of unit documents in a store. No FHIR type, so no request can name it. */
const UNIT_TYPE = 'Unit';

/** A stored Slot touches at most this many UTC days: each is a document that its write changes. */
export const SLOT_DAYS_MAX = 366;

/**
 * One UTC day of a timeline, as one document with a revision: whoever changes what lies in that day writes it, so
 * two writers of the same time always meet (design §4). It names the stored Slots that reach into the day.
 */
export interface Unit {
  readonly slots: readonly UnitSlot[];
}

export interface UnitSlot extends Interval {
  readonly id: string;
}

const EMPTY_UNIT: Unit = { slots: [] };

/** Reads a unit document; where there is none, nothing lies in that day. */
export function readUnit(text: string | undefined): Unit {
  return text === undefined || text === '' ? EMPTY_UNIT : (JSON.parse(text) as Unit);
}

/** The unit documents of the UTC days that an interval touches, in order; a day goes by its number since 1970. */
export function unitKeysOf(scheduleId: string, interval: Interval): DocumentKey[] {
  const keys: DocumentKey[] = [];
  const lastDay = Math.ceil(interval.endMs / MS_PER_DAY) - 1;
  for (let day = Math.floor(interval.startMs / MS_PER_DAY); day <= lastDay; day++) {
    keys.push({ type: UNIT_TYPE, id: `Schedule/${scheduleId}/${day}` });
  }
  return keys;
}

/** The unit with a Slot put in, in order of starts; the Slot of the same id that lay there is replaced. */
export function withSlot(unit: Unit, slot: UnitSlot): Unit {
  const slots = [...withoutSlot(unit, slot.id).slots, slot];
  return { ...unit, slots: slots.sort((a, b) => a.startMs - b.startMs) };
}

/** The unit without the Slot of an id. */
export function withoutSlot(unit: Unit, id: string): Unit {
  return { ...unit, slots: unit.slots.filter((slot) => slot.id !== id) };
}

/** Why a Slot cannot lie in this unit: one conflict for each other Slot of its Schedule over which it would lie. */
export function slotConflicts(unit: Unit, slot: UnitSlot): readonly Reason[] {
  return unit.slots
    .filter((other) => other.id !== slot.id && overlaps(other, slot))
    .map((other) => ({
      kind: 'conflict',
      expression: 'Slot.start',
      message: `The time lies over Slot/${other.id} of the same Schedule (${times(other)}).`,
    }));
}

function times({ startMs, endMs }: Interval): string {
  return `${instantText(startMs)} to ${instantText(endMs)}`;
}

/** The stored Slots of several units of one Schedule, by start, each once. */
export function slotsOfUnits(units: readonly Unit[]): readonly UnitSlot[] {
  const byId = new Map(units.flatMap(({ slots }) => slots).map((slot) => [slot.id, slot]));
  return [...byId.values()].sort((a, b) => a.startMs - b.startMs);
}
