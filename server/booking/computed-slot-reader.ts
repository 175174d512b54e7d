import type { Slot } from 'fhir/r4.js';
import { overlaps, type Interval } from '../base/interval.js';
import { gridRuleOf } from '../slots/index.js';
import type { Store } from '../store/index.js';
import { ComputedSlot, facesOf } from './computed-slots.js';
import { scheduleWithKey } from './resource-index.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import type { ResourceVersion } from './types.js';

/** Reads slots that nobody has stored, by the ids that a search gave. */
export interface ComputedSlotReader {
  /**
   * The slot with its status of the moment, while its time lies on a grid of its Schedule; else undefined.
   * Its version is one that grows with every change of what the slot follows from.
   */
  find(id: string, base: string): Promise<ResourceVersion | undefined>;
}

/** The reader over a store. */
export function makeComputedSlotReader(store: Store, schedules: ScheduleReader): ComputedSlotReader {
  async function scheduleIdOf(scheduleKey: string): Promise<string | undefined> {
    const found = await store.search({ type: 'Schedule', filter: scheduleWithKey(scheduleKey), sort: [], limit: 1 });
    return found[0]?.document.id;
  }

  async function find(id: string, base: string): Promise<ResourceVersion | undefined> {
    const named = readComputedSlotId(id);
    const scheduleId = named && (await scheduleIdOf(named.scheduleKey));
    if (!named || scheduleId === undefined) return undefined;
    const [view] = await schedules.views([scheduleId], base, () => named);
    const face = view && facesOf(view.facts)[gridRuleOf(view.facts.rules, named) ?? -1];
    if (!view || !face) return undefined;
    const slot = new ComputedSlot(view.facts, face, named);
    const text = slot.textWith(statusOf(view, named));
    return { type: 'Slot', id, versionId: String(view.revision), updatedMs: view.updatedMs, text };
  }

  return { find };
}

/** What takes its time away makes it unavailable: an inactive Schedule, its horizon, a stored Slot. */
function statusOf({ facts, slots }: ScheduleView, time: Interval): Slot['status'] {
  const inside = facts.horizon.startMs <= time.startMs && time.endMs <= facts.horizon.endMs;
  const blocked = slots.some((slot) => overlaps(slot, time));
  return facts.active && inside && !blocked ? 'free' : 'busy-unavailable';
}
