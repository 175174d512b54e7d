import type { FhirResource, Slot } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { storedSlotState, unitDaysOf, type BusyStatus, type OwnedSlot } from '../claims/index.js';
import type { Draft } from './draft.js';
import { refuse } from './refusal-reasons.js';
import { stateIn, withState } from './slot-states.js';
import { bookedReasons, placeOf, stagePlace } from './slot-writes.js';
import { UnitBook } from './unit-book.js';

/** A Slot before and after a write; undefined: it is not there. */
export interface SlotChange {
  readonly id: string;
  readonly base: string;
  readonly before: Slot | undefined;
  readonly after: Slot | undefined;
}

/** What a staged write of a Slot has changed, and how the Slot is to be stored. */
export interface StagedSlot {
  readonly timelines: readonly string[];
  /** Puts the status that follows from the claims into the resource. */
  readonly withState: <T extends Pick<Slot, 'status' | 'extension'>>(resource: T) => T;
}

/**
 * Stages what the write of a Slot means for time: where it lies, and whether it holds its time by itself. A status is
 * taken from the body only where no claim decides it (design §4): written busy, a Slot has its own time until it is
 * written free again.
 *
 * @throws {Fault} `conflict` over another Slot or taken time, and against claims of others
 */
export async function stageSlot(draft: Draft, change: SlotChange, nowMs: number): Promise<StagedSlot> {
  const { id, base, before, after } = change;
  const book = UnitBook.of(draft, nowMs);
  const [was, will] = [placeOf(before, id, base), placeOf(after, id, base)];
  const timelines = [
    ...(was ? await book.timelines(was.schedule) : []),
    ...(will ? await book.timelines(will.schedule) : []),
  ];
  if (was && !will) refuse(await bookedReasons(book, was));
  if (was && !isSameTime(was, will)) await book.release(timelines, was, ownerOf(id), 'busy');
  await stagePlace(draft, was, will, nowMs);
  if (!will || !after) return { timelines, withState: (resource) => resource };
  await stageOwnStatus(book, will, before, after.status);
  const state = await stateIn(book, will);
  return { timelines, withState: (resource) => withState(resource, state) };
}

/** Whoever claims the time of a Slot by itself, or locks it. */
export function ownerOf(slotId: string): string {
  return `Slot/${slotId}`;
}

async function stageOwnStatus(
  book: UnitBook,
  slot: OwnedSlot,
  before: Slot | undefined,
  status: Slot['status'],
): Promise<void> {
  const timelines = await book.timelines(slot.schedule);
  const { claims } = await book.joined(timelines, unitDaysOf(slot));
  const own = claims.find((claim) => claim.by === ownerOf(slot.id) && claim.kind === 'busy');
  const others = claims.filter((claim) => claim !== own);
  const byClaims = storedSlotState(slot, slot.schedule, others, book.nowMs).status;
  if (status === 'free') {
    if (byClaims !== 'free') throw heldFault(slot.id);
    if (own) await book.release(timelines, slot, own.by, 'busy');
    return;
  }
  if (own?.status === status || status === 'entered-in-error') return;
  // Sent back as it was read: its claims made it so, and will make it free again.
  if (!own && before?.status === status && byClaims === status) return;
  await book.claim(timelines, busyClaim(slot, status));
}

function heldFault(id: string) {
  return fault('conflict', `Slot/${id} is booked, held or locked; cancel what is booked first.`, 'Slot.status');
}

/** The claim of a Slot that somebody wrote busy. */
export function busyClaim(slot: OwnedSlot, status: BusyStatus, stored = true) {
  return {
    by: ownerOf(slot.id),
    kind: 'busy' as const,
    schedule: slot.schedule,
    slot: slot.id,
    stored,
    startMs: slot.startMs,
    endMs: slot.endMs,
    bufferBeforeMs: 0,
    bufferAfterMs: 0,
    status,
  };
}

function isSameTime(a: OwnedSlot, b: OwnedSlot | undefined): boolean {
  return b !== undefined && a.schedule === b.schedule && a.startMs === b.startMs && a.endMs === b.endMs;
}

/** The Slot in a document; undefined for any other type. */
export function slotIn(resource: FhirResource | undefined): Slot | undefined {
  return resource?.resourceType === 'Slot' ? resource : undefined;
}
