import type { Interval } from '../base/interval.js';
import type { Claim } from './types.js';

/** Whether a claim still counts: at its `untilMs` it does not. */
export function isLive(claim: Claim, nowMs: number): boolean {
  return claim.untilMs === undefined || nowMs < claim.untilMs;
}

/** The claims that still count. */
export function liveClaims(claims: readonly Claim[], nowMs: number): readonly Claim[] {
  return claims.filter((claim) => isLive(claim, nowMs));
}

/** What a claim takes from others: its time with its buffers. */
export function occupiedTime({ startMs, endMs, bufferBeforeMs, bufferAfterMs }: Claim): Interval {
  return { startMs: startMs - bufferBeforeMs, endMs: endMs + bufferAfterMs };
}

/** Whether a claim takes one place, as an Appointment does; locks and Slots written busy take the whole Slot. */
export function takesPlace({ kind }: Claim): boolean {
  return kind === 'booked' || kind === 'held';
}
