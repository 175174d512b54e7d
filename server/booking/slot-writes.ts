import type { FhirResource, Slot } from 'fhir/r4.js';
import { instantText, MS_PER_DAY } from '../base/clock.js';
import { fault, type Reason } from '../base/fault.js';
import { overlaps, type Interval } from '../base/interval.js';
import { liveClaims, occupiedTime, unitDaysOf, type Claim, type OwnedSlot } from '../claims/index.js';
import { localReference } from '../fhir/index.js';
import type { Draft } from './draft.js';
import { refuse } from './refusal-reasons.js';
import { UnitBook } from './unit-book.js';

/** How many Appointments a Slot takes, by its own word. */
const CAPACITY_URL = 'http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity';
/** A stored Slot touches at most this many UTC days: each is a document that its write changes. */
export const SLOT_DAYS_MAX = 366;

/**
 * Where a stored Slot lies. Undefined for what takes no time here: an `entered-in-error` Slot, one of another server's
 * Schedule, or one whose times are not told (FHIR lets an extension stand in for a required instant).
 */
export function placeOf(resource: FhirResource | undefined, id: string, base: string): OwnedSlot | undefined {
  if (resource?.resourceType !== 'Slot' || resource.status === 'entered-in-error') return undefined;
  const { schedule, start, end, extension } = resource as Pick<Slot, 'schedule' | 'extension'> & Partial<Slot>;
  const key = localReference(schedule.reference, [base]);
  if (start === undefined || end === undefined || !key) return undefined;
  const capacity = extension?.find(({ url }) => url === CAPACITY_URL)?.valueInteger;
  return {
    id,
    schedule: key.id,
    startMs: Date.parse(start),
    endMs: Date.parse(end),
    ...(capacity !== undefined && { capacity }),
  };
}

/** @throws {Fault} `rule` for a Slot that lasts longer than units can tell */
export function refuseLong({ startMs, endMs }: Interval): void {
  if (endMs - startMs <= SLOT_DAYS_MAX * MS_PER_DAY) return;
  throw fault('rule', `A Slot lasts at most ${SLOT_DAYS_MAX} days; write several, one after the other.`, 'Slot.end');
}

/**
 * Moves a Slot from where it lay to where it shall lie, in the units of its Schedule.
 *
 * @throws {Fault} `conflict` where it would lie over another one of its Schedule, or over time that is taken, or where
 *   it is moved away under somebody who has booked it; nothing is staged then
 */
export async function stagePlace(
  draft: Draft,
  before: OwnedSlot | undefined,
  after: OwnedSlot | undefined,
  nowMs: number,
): Promise<void> {
  if (isSamePlace(before, after)) return;
  if (after) refuseLong(after);
  const book = UnitBook.of(draft, nowMs);
  const moved = before && !(after && isSameTime(before, after));
  if (before && moved) refuse(await bookedReasons(book, before));
  const timelines = after ? await book.timelines(after.schedule) : [];
  if (after) refuse(await takenReasons(book, timelines, after));
  if (before) await book.dropSlot(await book.timelines(before.schedule), before);
  if (after) await book.putSlot(timelines, after);
}

/** Why nothing may happen to the time of a Slot: somebody has a place in it, or has locked it. */
export async function bookedReasons(book: UnitBook, slot: OwnedSlot): Promise<readonly Reason[]> {
  const { claims } = await book.joined(await book.timelines(slot.schedule), unitDaysOf(slot));
  const taken = liveClaims(claims, book.nowMs).some((claim) => isOf(claim, slot) && claim.kind !== 'busy');
  const message = `Slot/${slot.id} is booked, held or locked; cancel or move what is booked first.`;
  return taken ? [{ kind: 'conflict', message }] : [];
}

async function takenReasons(book: UnitBook, timelines: readonly string[], slot: OwnedSlot): Promise<readonly Reason[]> {
  const { slots, claims } = await book.joined(timelines, unitDaysOf(slot));
  const others = slots.filter((one) => one.id !== slot.id && one.schedule === slot.schedule && overlaps(one, slot));
  const taken = liveClaims(claims, book.nowMs).filter(
    (claim) => !isOf(claim, slot) && overlaps(occupiedTime(claim), slot) && !others.some(({ id }) => id === claim.slot),
  );
  return [
    ...others.map((other) => overReason(`Slot/${other.id} of the same Schedule`, other)),
    ...taken.map((claim) => overReason(`time that is taken on Schedule/${claim.schedule}`, claim)),
  ];
}

function overReason(what: string, { startMs, endMs }: Interval): Reason {
  const times = `${instantText(startMs)} to ${instantText(endMs)}`;
  return { kind: 'conflict', expression: 'Slot.start', message: `The time lies over ${what} (${times}).` };
}

function isOf(claim: Claim, slot: OwnedSlot): boolean {
  return claim.stored && claim.slot === slot.id;
}

function isSamePlace(a: OwnedSlot | undefined, b: OwnedSlot | undefined): boolean {
  if (!a || !b) return a === b;
  return isSameTime(a, b) && a.capacity === b.capacity;
}

function isSameTime(a: OwnedSlot, b: OwnedSlot): boolean {
  return a.schedule === b.schedule && a.startMs === b.startMs && a.endMs === b.endMs;
}
