import type { Clock } from '../base/clock.js';
import type { NewId } from '../base/ids.js';
import type { Store } from '../store/index.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { makeDecide } from './decide.js';
import { inside } from './inside.js';
import { loadBatch } from './load-batch.js';
import { metaInUse } from './meta-in-use.js';
import { makeReads } from './read-resources.js';
import type { ScheduleReader } from './schedule-reader.js';
import { interactionsOn } from './stage-interactions.js';
import type { WriteDeps } from './stage-write.js';
import type { BookingSettings, ExclusiveActor, Resources } from './types.js';

export interface ResourcesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly defaultZone: string;
  readonly computedSlots: ComputedSlotReader;
  readonly schedules: ScheduleReader;
  readonly exclusiveActors: readonly ExclusiveActor[];
  readonly settings: BookingSettings;
}

/** What writing rests on, from what there is. */
export function writeDeps(deps: Omit<ResourcesDeps, 'settings'>): WriteDeps {
  const { computedSlots } = deps;
  return {
    ...deps,
    isComputedSlot: async (id, base) => (await computedSlots.find(id, base)) !== undefined,
    isReservedSlot: (id) => computedSlots.isReserved(id),
    isReservedProposal: (id) => computedSlots.isReservedProposal(id),
    scheduleIdOf: (key) => computedSlots.scheduleIdOf(key),
  };
}

/** The service behind every read and write of single resources. */
export function makeResources(deps: ResourcesDeps): Resources {
  const { store, computedSlots } = deps;
  const writing = writeDeps(deps);
  const change = makeDecide(deps);
  const parts = { ...writing, settings: deps.settings };
  return {
    ...makeReads(store, computedSlots, deps.clock),
    create: (type, body, context, condition) =>
      change(inside(context), (draft) => interactionsOn(draft, parts, context).create(type, body, condition)),
    update: (type, target, body, context, expected) =>
      change(inside(context), (draft) => interactionsOn(draft, parts, context).update(type, target, body, expected)),
    patch: (type, target, patch, context, ifMatch) =>
      change(inside(context), (draft) => interactionsOn(draft, parts, context).patch(type, target, patch, ifMatch)),
    remove: (type, target, context, ifMatch) =>
      change(inside(context), (draft) => interactionsOn(draft, parts, context).remove(type, target, ifMatch)),
    metaInUse: (type) => metaInUse(store, type),
    load: (items, context) => loadBatch(writing, items, context),
  };
}
