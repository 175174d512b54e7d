import type { FhirResource, Slot } from 'fhir/r4.js';
import { instantMs, instantText, MS_PER_DAY } from '../base/clock.js';
import { fault, type Reason } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { liveClaims, takesPlace, type Claim, type OwnedSlot } from '../claims/index.js';
import { localReference } from '../fhir/index.js';
import type { UnitBook } from './unit-book.js';

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
    startMs: instantMs(start),
    endMs: instantMs(end),
    ...(capacity !== undefined && { capacity }),
  };
}

/** @throws {Fault} `rule` for a Slot that lasts longer than units can tell */
export function refuseLong({ startMs, endMs }: Interval): void {
  if (endMs - startMs <= SLOT_DAYS_MAX * MS_PER_DAY) return;
  throw fault('rule', `A Slot lasts at most ${SLOT_DAYS_MAX} days; write several, one after the other.`, 'Slot.end');
}

/**
 * Why a Slot cannot lie where it shall: over another one of its Schedule, over time that is taken, away from under
 * somebody who has booked it, or with fewer places than are taken.
 */
export async function placeReasons(
  book: UnitBook,
  before: OwnedSlot | undefined,
  after: OwnedSlot | undefined,
): Promise<readonly Reason[]> {
  if (isSamePlace(before, after)) return [];
  const isMoved = before && !(after && isSameTime(before, after));
  return [
    ...(isMoved ? await bookedReasons(book, before) : []),
    ...(after ? await takenReasons(book, after) : []),
    ...(after ? await capacityReasons(book, after) : []),
  ];
}

/** Moves a Slot, for which there is no reason against it, from where it lay to where it shall lie. */
export async function stagePlace(
  book: UnitBook,
  before: OwnedSlot | undefined,
  after: OwnedSlot | undefined,
): Promise<void> {
  if (isSamePlace(before, after)) return;
  if (before) await book.dropSlot(await book.timelines(before.schedule), before);
  if (after) await book.putSlot(await book.timelines(after.schedule), after);
}

async function bookedReasons(book: UnitBook, slot: OwnedSlot): Promise<readonly Reason[]> {
  const { claims } = await book.within(await book.timelines(slot.schedule), slot);
  const taken = liveClaims(claims, book.nowMs).some((claim) => isOf(claim, slot) && claim.kind !== 'busy');
  const message = `Slot/${slot.id} is booked, held or locked; cancel or move what is booked first.`;
  return taken ? [{ kind: 'conflict', message }] : [];
}

async function takenReasons(book: UnitBook, slot: OwnedSlot): Promise<readonly Reason[]> {
  const { slots, claims } = await book.within(await book.timelines(slot.schedule), slot);
  const others = slots.filter((one) => one.id !== slot.id && one.schedule === slot.schedule);
  const taken = liveClaims(claims, book.nowMs).filter(
    (claim) => !isOf(claim, slot) && !others.some(({ id }) => id === claim.slot),
  );
  return [
    ...others.map((other) => overReason(`Slot/${other.id} of the same Schedule`, other)),
    ...taken.map((claim) => overReason(`time that is taken on Schedule/${claim.schedule}`, claim)),
  ];
}

async function capacityReasons(book: UnitBook, slot: OwnedSlot): Promise<readonly Reason[]> {
  const { claims } = await book.within(await book.timelines(slot.schedule), slot);
  const places = liveClaims(claims, book.nowMs).filter((claim) => isOf(claim, slot) && takesPlace(claim));
  const message = `Slot/${slot.id} has ${places.length} booked or held; it cannot take fewer.`;
  return places.length > (slot.capacity ?? 1) ? [{ kind: 'conflict', message, expression: 'Slot.extension' }] : [];
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
