import type { Slot } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { storedSlotState, type BusyStatus, type Claim, type OwnedSlot, type SlotStatus } from '../claims/index.js';
import { RECORD, type Draft } from './draft.js';
import { refuse } from './refusal-reasons.js';
import { stateIn, withState } from './slot-states.js';
import { placeOf, placeReasons, refuseLong, stagePlace } from './slot-writes.js';
import { ownTimeline, timelinesKey, timelinesText } from './timelines.js';
import { UnitBook } from './unit-book.js';

/** A Slot before and after a write; undefined: it is not there. */
export interface SlotChange {
  readonly id: string;
  readonly base: string;
  readonly before: Slot | undefined;
  readonly after: Slot | undefined;
  /** `load`: where others have its time, their claims decide, whatever the text says. */
  readonly isImport?: boolean;
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
  const { id, base, before, after, isImport = false } = change;
  const book = UnitBook.of(draft, nowMs);
  const [was, will] = [placeOf(before, id, base), placeOf(after, id, base)];
  const old = was ? await book.timelines(was.schedule) : [];
  const wanted = will ? await book.timelines(will.schedule) : [];
  if (will) refuseLong(will);
  refuse(await placeReasons(book, was, will));
  const isMoved = was !== undefined && !isSameTime(was, will);
  const own = will && after ? await ownStatus(book, will, change, isMoved) : 'none';
  // Nothing is refused from here on: a load goes on with the same draft after a refusal.
  if (was && (isMoved || own === 'none')) await book.release(old, was, ownerOf(id), 'busy');
  if (will && isImport) await stageEarlySlot(draft, will, nowMs);
  await stagePlace(book, was, will);
  if (will && own !== 'none' && own !== 'kept') await book.claim(wanted, busyClaim(will, own));
  const state = will && (await stateIn(book, will));
  const timelines = [...old, ...wanted];
  // Without a time it announces nothing, whatever was sent.
  return { timelines, withState: (resource) => withState(resource, state ?? { status: resource.status, then: [] }) };
}

/**
 * A Slot that a `load` writes before its Schedule: the record of the timelines says from then on that something lies
 * there. Whoever writes the Schedule for the first time has to look for it only where there is a record.
 */
async function stageEarlySlot(draft: Draft, { schedule: id }: OwnedSlot, nowMs: number): Promise<void> {
  const schedule = { type: 'Schedule', id };
  const key = timelinesKey(id);
  await draft.prepare([schedule, key]);
  if ((await draft.get(schedule)) || (await draft.get(key))) return;
  draft.put({ ...key, updatedMs: nowMs, ...RECORD, text: timelinesText([ownTimeline(id)]) });
}

/** Whoever claims the time of a Slot by itself, or locks it. */
export function ownerOf(slotId: string): string {
  return `Slot/${slotId}`;
}

/**
 * What a Slot that was written with a status holds by itself: its time with that status, what it held before, or none.
 *
 * @throws {Fault} `conflict` for a Slot written otherwise than its claims make it
 */
async function ownStatus(
  book: UnitBook,
  slot: OwnedSlot,
  { after, isImport = false }: SlotChange,
  isMoved: boolean,
): Promise<BusyStatus | 'kept' | 'none'> {
  const { claims } = await book.within(await book.timelines(slot.schedule), slot);
  const isOwn = (claim: Claim) => claim.by === ownerOf(slot.id) && claim.kind === 'busy';
  const own = isMoved ? undefined : claims.find(isOwn);
  const others = claims.filter((claim) => !isOwn(claim));
  const byClaims = storedSlotState(slot, slot.schedule, others, book.nowMs).status;
  const status = after?.status;
  if (status === undefined || status === 'entered-in-error') return 'none';
  if (status === 'free') {
    if (byClaims === 'free' || isImport) return 'none';
    throw heldFault(slot.id);
  }
  if (own) return own.status === status ? 'kept' : status;
  // Sent back as it was read, or as it was before an import booked it: its claims made it so, and will make it free.
  if (byClaims === status || (isImport && byClaims !== 'free')) return 'none';
  const isItsOwn = byClaims === 'busy' || byClaims === 'busy-tentative';
  // Closed to others, whoever has it, it may always be; nor does it matter what others have of its time.
  if (!isItsOwn || status === 'busy-unavailable') return status;
  throw followsFault(slot.id, byClaims);
}

function followsFault(id: string, status: SlotStatus) {
  const message = `Slot/${id} is ${status} by what has it; busy-unavailable closes it to others.`;
  return fault('conflict', message, 'Slot.status');
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
