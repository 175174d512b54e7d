import type { Clock } from '../base/clock.js';
import { computedSlotStatus } from '../claims/index.js';
import type { TargetDeps } from './appointment-targets.js';
import { computedVersion, withBuffers } from './computed-slot-reader.js';
import { ComputedSlot, faceAt } from './computed-slots.js';
import type { Draft } from './draft.js';
import { unitKeysIn } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import type { ResourceVersion } from './types.js';
import { UnitBook } from './unit-book.js';

/**
 * A Slot, stored or computed, as a draft leaves it: what the answer to a change shows, and shows again to whoever
 * repeats the request. Undefined where there is none any more.
 */
export async function slotLeft(
  draft: Draft,
  deps: TargetDeps & { readonly clock: Clock },
  id: string,
  base: string,
): Promise<ResourceVersion | undefined> {
  const key = { type: 'Slot', id };
  const stored = await draft.get(key);
  if (stored) return stored.deleted ? undefined : { ...key, ...tellingOf(stored, draft.revisionLeft(key)) };
  const named = readComputedSlotId(id);
  const scheduleId = named && (await deps.scheduleIdOf(named.scheduleKey));
  if (!named || scheduleId === undefined) return undefined;
  const [view] = await deps.schedules.views([scheduleId], base, () => undefined);
  if (!view) return undefined;
  const { facts } = view;
  const nowMs = deps.clock.nowMs();
  const unitKeys = unitKeysIn(view, () => withBuffers(named));
  const keys = [...view.keys, ...unitKeys];
  await draft.prepare(keys);
  const units = await UnitBook.of(draft, nowMs).left(unitKeys);
  const status = computedSlotStatus({ ...named, slot: id }, facts, units, nowMs);
  const { text } = new ComputedSlot(facts, faceAt(facts, named).face, named, status);
  return {
    ...key,
    versionId: computedVersion([{ keys, revisions: keys.map((one) => draft.revisionLeft(one)) }]),
    text,
  };
}

function tellingOf({ updatedMs, text }: { readonly updatedMs: number; readonly text: string }, revision: number) {
  return { versionId: String(revision), updatedMs, text };
}
