import { computedSlotStatus, liveClaims } from '../claims/index.js';
import type { ChainResolver } from '../search/index.js';
import { ComputedSlot, faceAt } from './computed-slots.js';
import { meets, type ScheduleQuestion } from './generate-slots.js';
import { readComputedSlotId } from './slot-id.js';

/**
 * The computed slots that somebody has claimed and that are not free, with their status at a moment: nobody stored
 * them, and yet a FHIR search finds them (design §3). Room that is left makes one free, and listed as such.
 *
 * @param question whose view covers the stretch of its window
 */
export function claimedSlots(
  { view, window, rest }: ScheduleQuestion,
  nowMs: number,
  resolve: ChainResolver,
): readonly ComputedSlot[] {
  const { facts, units } = view;
  const own = liveClaims(units.claims, nowMs).filter(({ stored, schedule }) => !stored && schedule === facts.id);
  const ids = new Set(own.flatMap(({ slot }) => slot ?? []));
  return [...ids].flatMap((id) => {
    const time = readComputedSlotId(id);
    if (!time || time.startMs < window.startFromMs || time.startMs >= window.startBeforeMs) return [];
    if (time.endMs > window.endByMs) return [];
    const status = computedSlotStatus({ ...time, slot: id }, facts, units, nowMs);
    const slot = new ComputedSlot(facts, faceAt(facts, time).face, time, status);
    return status !== 'free' && meets(slot, rest, resolve) ? [slot] : [];
  });
}
