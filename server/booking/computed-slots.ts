import type { Slot } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { indexValuesOf, type IndexValues } from '../fhir/index.js';
import { localText } from '../zones/index.js';
import { serviceTypesOf, type ScheduleFacts } from './schedule-facts.js';
import type { ScheduleRule } from './read-rules.js';
import { computedSlotId } from './slot-id.js';

/** A slot that a rule offers, before it is written as a resource. */
export interface ComputedSlot extends Interval {
  readonly id: string;
  readonly face: SlotFace;
}

/** What all computed slots of one rule have in common: prepared once, so that each costs only its id and times. */
export interface SlotFace {
  readonly scheduleReference: string;
  readonly zone: string;
  /** JSON between the id and the status. */
  readonly middle: string;
  /** Index values but those of `start`, `end` and `duration`. */
  readonly index: IndexValues;
  /** Whether the rule names no type of visit, and so serves every one. */
  readonly servesEveryType: boolean;
}

/** The face of the slots of one rule: `reference/availability.md`, "The Slot that comes out". */
function faceOf(facts: ScheduleFacts, rule: ScheduleRule): SlotFace {
  const { serviceCategory, specialty } = facts.schedule;
  const serviceType = serviceTypesOf(facts, rule);
  const scheduleReference = `Schedule/${facts.id}`;
  const common = {
    ...(serviceCategory && { serviceCategory }),
    ...(serviceType.length > 0 && { serviceType: [...serviceType] }),
    ...(specialty && { specialty }),
    schedule: { reference: scheduleReference },
  } satisfies Partial<Slot>;
  const {
    start: _start,
    end: _end,
    duration: _duration,
    ...index
  } = indexValuesOf({ resourceType: 'Slot', ...common, status: 'free' }, { zone: rule.zone, ownBases: [] });
  return {
    scheduleReference,
    zone: rule.zone,
    middle: JSON.stringify(common).slice(1, -1),
    index,
    servesEveryType: serviceType.length === 0,
  };
}

/** The Slot resource as JSON text; local times with the offset that the rule's zone has at that instant. */
export function computedSlotText(slot: ComputedSlot, status: Slot['status'] = 'free'): string {
  const { zone, middle } = slot.face;
  const start = localText(zone, slot.startMs);
  const end = localText(zone, slot.endMs);
  return `{"resourceType":"Slot","id":"${slot.id}",${middle},"status":"${status}","start":"${start}","end":"${end}"}`;
}

/** What a search sees of a computed slot; its times are written with seconds, so each covers one. */
export function computedSlotIndex(slot: ComputedSlot): IndexValues {
  const minutes = (slot.endMs - slot.startMs) / MS_PER_MINUTE;
  return {
    ...slot.face.index,
    start: [{ kind: 'date', startMs: slot.startMs, endMs: slot.startMs + 1_000 }],
    end: [{ kind: 'date', startMs: slot.endMs, endMs: slot.endMs + 1_000 }],
    duration: [{ kind: 'number', value: minutes }],
  };
}

/** A computed slot of a rule at a time. */
export function computedSlot(facts: ScheduleFacts, face: SlotFace, time: Interval): ComputedSlot {
  return { id: computedSlotId(facts.key, time), startMs: time.startMs, endMs: time.endMs, face };
}

const facesKnown = new WeakMap<ScheduleFacts, readonly SlotFace[]>();

/** The faces of the rules of a Schedule, in their order; made once for each reading of the Schedule. */
export function facesOf(facts: ScheduleFacts): readonly SlotFace[] {
  const faces = facesKnown.get(facts) ?? facts.rules.map((rule) => faceOf(facts, rule));
  facesKnown.set(facts, faces);
  return faces;
}
