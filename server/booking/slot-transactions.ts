import type { Appointment, Slot } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { liveClaims, storedSlotPlaces, takesPlace, type Claim, type OwnedSlot } from '../claims/index.js';
import { appointmentKey } from './appointment-key.js';
import { slotTarget, type Target } from './appointment-targets.js';
import { makeDecide } from './decide.js';
import type { Draft } from './draft.js';
import { scheduleStateOf, type StoredSlotState } from './listing.js';
import { storedOf, writeAppointment } from './operation-write.js';
import { keyHashOf, stageAppointment } from './stage-appointment.js';
import { permittedBy, refuseKeyLength, type Permitted } from './permissions.js';
import { resourceOf } from './schedule-reader.js';
import { changeSlot, refuseLongLock, stageLock, stageUnlock, type SlotChangeDeps } from './slot-locks.js';
import { restageSlots, stateIn } from './slot-states.js';
import { placeOf } from './slot-writes.js';
import { busyClaim, ownerOf } from './stage-slot.js';
import { transactionOn, type Transaction } from './transactions.js';
import type { BookingSettings, RequestContext } from './types.js';
import { UnitBook } from './unit-book.js';

/** The longest lock against the rules is so long at least, whatever the setting says. */
export const OVERRIDDEN_LOCK_HOURS_MAX = 3;

/** A stored Slot as a transaction meets it. */
export interface SlotInTransaction extends StoredSlotState {
  readonly slot: Slot & { readonly id: string };
  readonly updatedMs: number;
}

/** A transaction that may change who has stored Slots. */
export interface SlotTransaction extends Transaction {
  /**
   * A stored Slot and what lies on it; undefined where it is not there or has no time here. The commit stands only
   * while it is the same, its Schedule too.
   */
  slotAt(id: string): Promise<SlotInTransaction | undefined>;
  /**
   * Locks a stored Slot. With an override, whatever state it is in, and for some hours at least.
   *
   * @throws {Fault} `conflict` where it is locked or held, `rule` beyond the longest lock
   */
  lock(id: string, untilMs: number, key: string): Promise<void>;
  /** @throws {Fault} `forbidden` for another key than that of its lock */
  unlock(id: string, key: string): Promise<void>;
  /** Closes a stored Slot to bookings, or opens it again. What is booked stays. */
  setClosed(id: string, isClosed: boolean): Promise<void>;
  /**
   * Writes a stored Slot. When its time changes, its bookings, holds and its lock move along.
   *
   * @throws {Fault} `conflict` over another Slot or time that is taken
   */
  putSlot(slot: Slot & { readonly id: string }): Promise<void>;
  /**
   * Deletes a stored Slot: its bookings and holds are cancelled, its lock ends.
   *
   * @throws {Fault} `rule` for a booking that cannot be cancelled any more
   */
  removeSlot(id: string): Promise<void>;
}

/** As `Transact`, for changes of stored Slots. */
export type TransactSlots = <T>(
  context: RequestContext,
  decide: (transaction: SlotTransaction) => Promise<T>,
) => Promise<T>;

/** The service for changes of stored Slots with all that lies on them. */
export function makeTransactSlots(deps: SlotChangeDeps): TransactSlots {
  const change = makeDecide(deps);
  return (context, decide) => change(context, (draft) => decide(slotTransactionOn(draft, deps, context)));
}

/** What the steps of a transaction work on. */
interface Work {
  readonly draft: Draft;
  readonly deps: SlotChangeDeps;
  readonly context: RequestContext;
  readonly permitted: Permitted;
  readonly book: UnitBook;
  readonly transaction: Transaction;
}

function slotTransactionOn(draft: Draft, deps: SlotChangeDeps, context: RequestContext): SlotTransaction {
  const transaction = transactionOn(draft, deps, context);
  const permitted = permittedBy(context);
  const work: Work = { draft, deps, context, permitted, transaction, book: UnitBook.of(draft, deps.clock.nowMs()) };
  const withKey = (key: string) => ({ ...permitted, keyHash: keyHashOf(key) });
  return {
    ...transaction,
    slotAt: (id) => slotAt(work, id),
    async lock(id, untilMs, key) {
      refuseKeyLength(key, 'key');
      const isOverride = permitted.override !== undefined;
      refuseLongLock(deps.clock, untilMs, longestLockHours(deps.settings, isOverride));
      const asked = { slotId: id, permitted: withKey(key), context };
      await changeSlot(draft, deps, asked, async (slot) => {
        await stageLock(slot, untilMs, isOverride);
        return {};
      });
    },
    async unlock(id, key) {
      const asked = { slotId: id, permitted: withKey(key), context };
      await changeSlot(draft, deps, asked, async (slot) => {
        await stageUnlock(slot);
        return {};
      });
    },
    async setClosed(id, isClosed) {
      await changeSlot(draft, deps, { slotId: id, permitted, context }, async ({ book, target }) => {
        const { view, stored } = target;
        if (!isClosed) await book.release(view.timelines, target, ownerOf(id), 'busy');
        else if (stored) await book.claim(view.timelines, busyClaim(stored, 'busy-unavailable'));
        return {};
      });
    },
    putSlot: (slot) => putSlot(work, slot),
    removeSlot: (id) => removeSlot(work, id),
  };
}

function longestLockHours({ lockHoursMax }: BookingSettings, isOverride: boolean): number {
  return isOverride ? Math.max(lockHoursMax, OVERRIDDEN_LOCK_HOURS_MAX) : lockHoursMax;
}

async function slotAt(work: Work, id: string): Promise<SlotInTransaction | undefined> {
  const { draft, book } = work;
  const target = await storedTargetOf(work, id);
  const document = await draft.get({ type: 'Slot', id });
  const [slot] = resourceOf(document);
  if (!target?.stored || !document || slot?.resourceType !== 'Slot') return undefined;
  const { facts } = target.view;
  draft.checkSeen(target.view);
  const { claims } = await book.within(target.view.timelines, target.stored);
  const places = storedSlotPlaces(target.stored, facts.id, claims, book.nowMs);
  return { slot: { ...slot, id }, updatedMs: document.updatedMs, places, ...scheduleStateOf(target.view) };
}

async function storedTargetOf({ draft, deps, context }: Work, id: string): Promise<Target | undefined> {
  const target = await slotTarget(draft, deps, id, context.base, 'Slot');
  return target?.stored ? target : undefined;
}

/** What lies on a stored Slot itself. */
async function ownClaims({ book }: Work, { view, stored }: Target): Promise<readonly Claim[]> {
  if (!stored) return [];
  const { claims } = await book.within(view.timelines, stored);
  return liveClaims(claims, book.nowMs).filter((claim) => claim.stored && claim.slot === stored.id);
}

async function putSlot(work: Work, slot: Slot & { readonly id: string }): Promise<void> {
  const target = await storedTargetOf(work, slot.id);
  const place = placeOf(slot, slot.id, work.context.base);
  const isMoved = place !== undefined && (target?.startMs !== place.startMs || target.endMs !== place.endMs);
  if (target?.stored && isMoved) await moveSlot(work, target, slot, place);
  else await work.transaction.put({ ...slot, ...(target && place && (await statusOf(work, target, place))) });
}

/** The status that a Slot has with another capacity: one that is sent as it was would be one written by hand. */
async function statusOf(work: Work, target: Target, place: OwnedSlot): Promise<Pick<Slot, 'status'>> {
  const closed = (await ownClaims(work, target)).find(({ kind }) => kind === 'busy');
  return { status: closed ? (closed.status ?? 'busy') : (await stateIn(work.book, place)).status };
}

/** All that lies on the Slot leaves before the Slot does, and comes after it. */
async function moveSlot(work: Work, target: Target, slot: Slot & { readonly id: string }, to: Interval): Promise<void> {
  const { draft, deps, book, context, permitted, transaction } = work;
  const { timelines } = target.view;
  const claims = await ownClaims(work, target);
  const moving = claims.filter(takesPlace);
  for (const claim of moving) {
    const { id, appointment } = await storedOf(work, appointmentKey(claim.by).id);
    const change = { id, base: context.base, before: appointment, after: undefined, ...permitted, ...keyOf(claim) };
    await stageAppointment(draft, deps, change, book.nowMs);
  }
  const lock = claims.find(({ kind }) => kind === 'locked');
  if (lock) await book.release(timelines, lock, lock.by, 'locked');
  const closed = claims.find(({ kind }) => kind === 'busy');
  await transaction.put({ ...slot, status: closed ? (closed.status ?? 'busy') : 'free' });
  for (const claim of moving) {
    await writeBooking(work, claim, { start: slot.start, end: slot.end });
  }
  if (lock) await book.claim(timelines, { ...lock, startMs: to.startMs, endMs: to.endMs });
  await restageSlots(draft, deps, book, timelines, context.base);
}

async function removeSlot(work: Work, id: string): Promise<void> {
  const target = await storedTargetOf(work, id);
  for (const claim of target ? await ownClaims(work, target) : []) {
    if (takesPlace(claim)) await writeBooking(work, claim, { status: 'cancelled' });
    else await work.book.release(target?.view.timelines ?? [], claim, claim.by, claim.kind);
  }
  await work.transaction.remove('Slot', id);
}

/** Writes the Appointment of a claim with other elements. Whoever rules the Slot needs no key of what is held in it. */
async function writeBooking(work: Work, claim: Claim, elements: Partial<Appointment>): Promise<void> {
  const { id, exact } = await storedOf(work, appointmentKey(claim.by).id);
  const permitted = { ...work.permitted, ...keyOf(claim) };
  await writeAppointment({ ...work, permitted }, id, { ...exact, ...elements });
}

function keyOf({ keyHash }: Claim): { readonly keyHash?: string } {
  return keyHash === undefined ? {} : { keyHash };
}
