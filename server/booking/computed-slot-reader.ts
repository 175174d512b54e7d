import { createHash } from 'node:crypto';
import { MS_PER_DAY, type Clock } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { computedSlotStatus, liveClaims } from '../claims/index.js';
import type { Store } from '../store/index.js';
import { ComputedSlot, faceAt, type SlotFace } from './computed-slots.js';
import { proposalOf } from './find-proposal.js';
import { readProposalId } from './find-proposal-id.js';
import { forgetOldest } from './forget-oldest.js';
import { scheduleWithKey } from './resource-index.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import type { ResourceVersion } from './types.js';

/** How many Schedules are remembered by the key in the ids of their slots. */
const KEYS_REMEMBERED_MAX = 5_000;

const VERSION_CHARACTERS = 20;

/** Reads slots that nobody has stored, by the ids that a search gave. */
export interface ComputedSlotReader {
  /**
   * The slot with its status of the moment, while its time lies on a grid of its Schedule; else undefined.
   * Its version changes with everything that it follows from.
   */
  find(id: string, base: string): Promise<ResourceVersion | undefined>;
  /** The proposed Appointment of that id, while it can be had; else undefined. Its version changes as a slot's does. */
  findProposal(id: string, base: string): Promise<ResourceVersion | undefined>;
  /** Whether an id is kept for computed slots: it has their form, and names a Schedule that is there. */
  isReserved(id: string): Promise<boolean>;
  /** Whether an id is kept for proposals: it has their form, and names at least one Schedule that is there. */
  isReservedProposal(id: string): Promise<boolean>;
  /** The Schedule whose computed slots carry this key in their ids, be it deleted: a key says nothing else, ever. */
  scheduleIdOf(scheduleKey: string): Promise<string | undefined>;
}

/** The reader over a store. */
export function makeComputedSlotReader(store: Store, schedules: ScheduleReader, clock: Clock): ComputedSlotReader {
  const idsByKey = new Map<string, string>();

  async function foundId(scheduleKey: string): Promise<string | undefined> {
    const found = await store.search({ type: 'Schedule', filter: scheduleWithKey(scheduleKey), sort: [], limit: 1 });
    return found[0]?.document.id;
  }

  async function scheduleIdOf(scheduleKey: string): Promise<string | undefined> {
    const id = idsByKey.get(scheduleKey) ?? (await foundId(scheduleKey));
    if (id === undefined || idsByKey.has(scheduleKey)) return id;
    forgetOldest(idsByKey, KEYS_REMEMBERED_MAX);
    idsByKey.set(scheduleKey, id);
    return id;
  }

  async function isReserved(id: string): Promise<boolean> {
    const named = readComputedSlotId(id);
    return named !== undefined && (await foundId(named.scheduleKey)) !== undefined;
  }

  async function isReservedProposal(id: string): Promise<boolean> {
    const found = await Promise.all((readProposalId(id)?.scheduleKeys ?? []).map(foundId));
    return found.some((scheduleId) => scheduleId !== undefined);
  }

  async function find(id: string, base: string): Promise<ResourceVersion | undefined> {
    const named = readComputedSlotId(id);
    const scheduleId = named && (await scheduleIdOf(named.scheduleKey));
    if (!named || scheduleId === undefined) return undefined;
    const [view] = await schedules.views([scheduleId], base, () => withBuffers(named));
    const face = view && faceOf(view, named, id, clock.nowMs());
    if (!view || !face) return undefined;
    const status = computedSlotStatus({ ...named, slot: id }, view.facts, view.units, clock.nowMs());
    const { text } = new ComputedSlot(view.facts, face, named, status);
    return { type: 'Slot', id, versionId: computedVersion([view]), text };
  }

  async function findProposal(id: string, base: string): Promise<ResourceVersion | undefined> {
    const found = await proposalOf({ store, schedules, clock, scheduleIdOf }, id, base);
    if (!found) return undefined;
    return {
      type: 'Appointment',
      id,
      versionId: computedVersion(found.views),
      text: JSON.stringify(found.appointment),
    };
  }

  return { find, findProposal, isReserved, isReservedProposal, scheduleIdOf };
}

/** How a slot looks that lies on a grid of its Schedule, or that somebody has claimed; else there is no such slot. */
function faceOf({ facts, units }: ScheduleView, time: Interval, id: string, nowMs: number): SlotFace | undefined {
  const { face, onGrid } = faceAt(facts, time);
  const isClaimed = () => liveClaims(units.claims, nowMs).some(({ stored, slot }) => !stored && slot === id);
  return onGrid || isClaimed() ? face : undefined;
}

/** A buffer is a day long at most. */
export function withBuffers({ startMs, endMs }: Interval): Interval {
  return { startMs: startMs - MS_PER_DAY, endMs: endMs + MS_PER_DAY };
}

/** A short name of all documents that a slot or proposal follows from, with their revisions. */
export function computedVersion(views: readonly Pick<ScheduleView, 'keys' | 'revisions'>[]): string {
  const named = views.flatMap(({ keys, revisions }) => keys.map(({ type, id }, at) => [type, id, revisions[at]]));
  return createHash('sha256').update(JSON.stringify(named)).digest('hex').slice(0, VERSION_CHARACTERS);
}
