/** Claims, Slots and requests written the short way: times of Monday 2027-03-15, in UTC. */
import { ALWAYS } from '../../server/base/interval.js';
import type {
  Claim,
  ClaimDecision,
  ClaimRequest,
  JoinedUnits,
  OwnedSlot,
  ScheduleFactsOfClaim,
  Unit,
} from '../../server/claims/index.js';
import type { AvailabilityRule } from '../../server/slots/index.js';
import { office } from '../slots/rules.js';

export const MINUTE = 60_000;
export const MONDAY = Date.parse('2027-03-15T00:00Z') / 86_400_000;

/** `09:30`, or `2027-03-16T09:30` */
export function at(time: string): number {
  return Date.parse(`${time.includes('T') ? time : `2027-03-15T${time}`}Z`);
}

/** `09:00-09:30` */
export function span(text: string) {
  const [start = '', end = ''] = text.split('-');
  return { startMs: at(start), endMs: at(end) };
}

/** A booking of Appointment/a1 of a computed slot on Schedule dr, unless the parts say otherwise. */
export function claim(times: string, parts: Partial<Claim> = {}): Claim {
  return {
    by: 'Appointment/a1',
    kind: 'booked',
    schedule: 'dr',
    stored: false,
    bufferBeforeMs: 0,
    bufferAfterMs: 0,
    ...span(times),
    ...parts,
  };
}

/** A claim of the stored Slot `s` on Schedule dr. */
export function ofSlot(times: string, parts: Partial<Claim> = {}): Claim {
  return claim(times, { stored: true, slot: 's', ...parts });
}

/** The stored Slot `s` on Schedule dr. */
export function slot(times: string, parts: Partial<OwnedSlot> = {}): OwnedSlot {
  return { id: 's', schedule: 'dr', ...span(times), ...parts };
}

/** Appointment/new wants to book. */
export function wants(parts: Partial<ClaimRequest> = {}): ClaimRequest {
  return { by: 'Appointment/new', kind: 'booked', override: false, ...parts };
}

/** Monday to Friday 09:00–17:00 UTC, half an hour each. */
export function rule(parts: Partial<AvailabilityRule> = {}): AvailabilityRule {
  return office({ zone: 'UTC', ...parts });
}

export const DR: ScheduleFactsOfClaim = { id: 'dr', active: true, horizon: ALWAYS };

export function joined(claims: readonly Claim[], slots: readonly OwnedSlot[] = []): JoinedUnits {
  return { slots, claims };
}

export function unit(parts: Partial<Unit> = {}): Unit {
  return { slots: [], claims: [], ...parts };
}

/** `full conflict`, `notice rule`, or `-`: one line of all reasons. */
export function said({ refusals }: Pick<ClaimDecision, 'refusals'>): string {
  return refusals.map(({ reason, kind }) => `${reason} ${kind}`).join(', ') || '-';
}
