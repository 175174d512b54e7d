import { createHash } from 'node:crypto';
import type { FhirResource } from 'fhir/r4.js';
import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { readUnit } from '../claims/index.js';
import type { DocumentKey } from '../store/index.js';
import { appointmentIn } from './appointment-inputs.js';
import { appointmentKey } from './appointment-key.js';
import { namedSchedules } from './appointment-places.js';
import { RECORD, type Draft } from './draft.js';
import { resourceOf } from './schedule-reader.js';
import { holdUntilOf } from './stage-appointment.js';
import type { BookingSettings, RequestContext, ResourceVersion } from './types.js';

/** The type of the documents that list the holds and locks of a caller. */
const HOLDS_TYPE = 'CallerHolds';
/** Over so many documents the list of a caller is spread: all who have no key and one address are one caller. */
const HOLD_LISTS = 8;

/** A hold or lock, until when; or an Appointment that is pending without a hold. */
interface CallerHold {
  /** `Appointment/a1` of a hold, `Slot/x` of a lock. */
  readonly by: string;
  /** Absent: it does not lapse. */
  readonly untilMs?: number;
  /** Of a lock, the unit in which its claim stands. */
  readonly unit?: DocumentKey;
}

export interface HoldCountDeps {
  readonly clock: Clock;
  readonly settings: BookingSettings;
}

/**
 * Counts a hold or lock of a caller, in the commit that makes it. What was booked, released or unlocked before its end
 * does not count. Requests that meet may each take the last place, so that a caller can have some more, at most
 * {@link HOLD_LISTS} - 1.
 *
 * @throws {Fault} `too-many` where the caller has as many as may be
 */
export async function countHold(
  draft: Draft,
  { clock, settings }: HoldCountDeps,
  { caller }: RequestContext,
  hold: CallerHold,
): Promise<void> {
  if (!caller) return;
  const nowMs = clock.nowMs();
  const keys = listKeys(caller.name);
  await draft.prepare(keys);
  const lists = await Promise.all(keys.map((key) => listIn(draft, key, nowMs)));
  const others = lists.flat().filter(({ by }) => by !== hold.by);
  const isFull = others.length >= settings.holdsPerCallerMax;
  const standing = new Set(isFull ? await standingOf(draft, others) : others);
  if (standing.size >= settings.holdsPerCallerMax) {
    const most = `One caller holds or locks at most ${settings.holdsPerCallerMax} times at once`;
    throw fault('too-many', `${most}; wait, or book them.`);
  }
  const at = createHash('sha256').update(hold.by).digest().readUInt8(0) % HOLD_LISTS;
  for (const [index, key] of keys.entries()) {
    const before = lists[index] ?? [];
    const kept = before.filter((one) => standing.has(one));
    const after = index === at ? [...kept, hold] : kept;
    // The lists without a change stay unwritten: they may be others' at this moment.
    if (index !== at && (!isFull || kept.length === before.length)) continue;
    draft.put({ ...key, updatedMs: nowMs, ...RECORD, text: JSON.stringify(after) });
  }
}

/**
 * Counts an Appointment that becomes pending without a hold, where it claims a time: nothing but a caller ends it.
 *
 * @throws {Fault} `too-many`
 */
export async function countPending(
  draft: Draft,
  deps: HoldCountDeps,
  context: RequestContext,
  { type, id, text }: ResourceVersion,
): Promise<void> {
  if (type !== 'Appointment') return;
  const key = { type, id };
  const [after, before] = [appointmentIn(JSON.parse(text) as FhirResource), await draft.original(key)];
  if (after?.status !== 'pending' || holdUntilOf(after) !== undefined) return;
  if (appointmentIn(resourceOf(before)[0])?.status === 'pending') return;
  const isClaiming = (after.slot ?? []).length > 0 || namedSchedules(after, context.base).length > 0;
  if (isClaiming) await countHold(draft, deps, context, { by: `Appointment/${id}` });
}

function listKeys(callerName: string): readonly DocumentKey[] {
  const caller = createHash('sha256').update(callerName).digest('hex');
  return Array.from({ length: HOLD_LISTS }, (_, list) => ({ type: HOLDS_TYPE, id: `${caller}/${list}` }));
}

/** What a list has that has not ended. */
async function listIn(draft: Draft, key: DocumentKey, nowMs: number): Promise<readonly CallerHold[]> {
  const record = await draft.get(key);
  const known = record ? (JSON.parse(record.text) as readonly CallerHold[]) : [];
  return known.filter(({ untilMs = Infinity }) => untilMs > nowMs);
}

/** Those that nobody has booked, released or unlocked since. Looked at only where there seem to be too many. */
async function standingOf(draft: Draft, holds: readonly CallerHold[]): Promise<readonly CallerHold[]> {
  await draft.prepare(holds.map(({ by, unit }) => unit ?? appointmentKey(by)));
  const stands = await Promise.all(
    holds.map(async ({ by, unit }) => {
      if (!unit) return appointmentIn(resourceOf(await draft.get(appointmentKey(by)))[0])?.status === 'pending';
      const { claims } = readUnit((await draft.get(unit))?.text);
      return claims.some((claim) => claim.by === by && claim.kind === 'locked');
    }),
  );
  return holds.filter((_, at) => stands[at]);
}
