import { overlaps } from '../base/interval.js';
import { liveClaims, occupiedTime } from './live.js';
import type { BusyStatus, Claim, UnitSlot } from './types.js';

export type SlotStatus = BusyStatus | 'free';

/** The status of a stored Slot as its claims make it. */
export interface SlotState {
  readonly status: SlotStatus;
  /** How it changes by itself as holds and locks lapse, in order of time; each step differs from the one before. */
  readonly then: readonly { readonly fromMs: number; readonly status: SlotStatus }[];
}

/**
 * The status of a stored Slot at a moment, and what becomes of it if nobody does anything (design §4).
 *
 * @param scheduleId of the Slot
 * @param claims of all timelines of its Schedule, of every day that the Slot touches
 */
export function storedSlotState(
  slot: UnitSlot,
  scheduleId: string,
  claims: readonly Claim[],
  nowMs: number,
): SlotState {
  const touching = claims.filter((claim) => isOfSlot(claim, slot, scheduleId) || overlaps(occupiedTime(claim), slot));
  const ends = touching.map(({ untilMs }) => untilMs).filter((ms) => ms !== undefined && ms > nowMs) as number[];
  const status = statusAt(slot, scheduleId, touching, nowMs);
  const then: { fromMs: number; status: SlotStatus }[] = [];
  for (const fromMs of [...new Set(ends)].sort((a, b) => a - b)) {
    const next = statusAt(slot, scheduleId, touching, fromMs);
    if (next !== (then.at(-1)?.status ?? status)) then.push({ fromMs, status: next });
  }
  return { status, then };
}

/** Whether a claim takes that very Slot, rather than time of it. */
export function isOfSlot(claim: Claim, slot: UnitSlot, scheduleId: string): boolean {
  return claim.stored && claim.schedule === scheduleId && claim.slot === slot.id;
}

function statusAt(slot: UnitSlot, scheduleId: string, touching: readonly Claim[], ms: number): SlotStatus {
  const live = liveClaims(touching, ms);
  const own = live.filter((claim) => isOfSlot(claim, slot, scheduleId));
  const count = (kind: Claim['kind']) => own.filter((claim) => claim.kind === kind).length;
  const capacity = slot.capacity ?? 1;
  const written = own.find(({ kind }) => kind === 'busy');
  if (written) return written.status ?? 'busy';
  if (count('locked') > 0) return 'busy-tentative';
  if (count('booked') >= capacity) return 'busy';
  if (own.length < live.length) return 'busy-unavailable';
  return count('booked') + count('held') >= capacity ? 'busy-tentative' : 'free';
}
