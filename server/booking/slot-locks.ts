import type { Clock } from '../base/clock.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { keyRefusals, liveClaims, unitDaysOf, type Claim, type ClaimRefusalReason } from '../claims/index.js';
import { slotTarget, type Target } from './appointment-targets.js';
import type { Precondition } from './bookings.js';
import { checkVersionId } from './check-version.js';
import type { Draft } from './draft.js';
import { countHold, type HoldCountDeps } from './hold-count.js';
import type { Permitted } from './permissions.js';
import { reasonOf, refuse } from './refusal-reasons.js';
import { restageSlots } from './slot-states.js';
import { slotLeft } from './slots-left.js';
import { decideClaim } from './decide-claim.js';
import { ownerOf } from './stage-slot.js';
import type { WriteDeps } from './stage-write.js';
import type { BookingSettings, RequestContext, ResourceVersion } from './types.js';
import { UnitBook, unitKey } from './unit-book.js';

const MINUTES_PER_HOUR = 60;
const MS_PER_SECOND = 1_000;

export type SlotChangeDeps = WriteDeps & HoldCountDeps;

/** A Slot, stored or computed, that somebody changes. */
export interface SlotAct {
  readonly draft: Draft;
  readonly deps: SlotChangeDeps;
  readonly book: UnitBook;
  readonly target: Target;
  readonly slotId: string;
  readonly permitted: Permitted;
  readonly context: RequestContext;
}

/**
 * Changes what claims a Slot, and tells the Slot as the draft leaves it.
 *
 * @throws {Fault} `not-found`, `stale`, and whatever `act` throws
 */
export async function changeSlot<T extends object>(
  draft: Draft,
  deps: SlotChangeDeps,
  { slotId, permitted, context, ifMatch }: Pick<SlotAct, 'slotId' | 'permitted' | 'context'> & Precondition,
  act: (slot: SlotAct) => Promise<T>,
): Promise<T & { readonly slot: ResourceVersion }> {
  const { base } = context;
  const book = UnitBook.of(draft, deps.clock.nowMs());
  const target = await slotTarget(draft, deps, slotId, base, 'Slot');
  const isThere = target && (target.stored !== undefined || (await deps.isComputedSlot(slotId, base)));
  if (!isThere) throw await missing(draft, slotId);
  // The Schedule may be deleted, or go to other timelines, at this moment.
  draft.checkSeen(target.view);
  const before = ifMatch === undefined ? undefined : await slotLeft(draft, deps, slotId, base);
  checkVersionId(before?.versionId, { type: 'Slot', id: slotId }, ifMatch);
  const done = await act({ draft, deps, book, target, slotId, permitted, context });
  await restageSlots(draft, deps, book, target.view.timelines, base);
  const slot = await slotLeft(draft, deps, slotId, base);
  if (!slot) throw await missing(draft, slotId);
  return { ...done, slot };
}

async function missing(draft: Draft, slotId: string) {
  const stored = await draft.original({ type: 'Slot', id: slotId });
  if (stored?.deleted) return fault('gone', `Slot/${slotId} was deleted.`);
  if (stored) return fault('rule', `Slot/${slotId} has no time that could be had.`);
  return fault('not-found', `Slot/${slotId} does not exist.`);
}

/**
 * When a lock ends, in whole seconds.
 *
 * @param asked absent: after the default length
 * @throws {Fault} `invalid` for a time past, `rule` beyond the longest lock
 */
export function lockEnd(clock: Clock, settings: BookingSettings, asked: number | undefined): number {
  const nowMs = clock.nowMs();
  const untilMs = asked ?? nowMs + settings.lockMinutesDefault * MS_PER_MINUTE;
  if (untilMs <= nowMs) throw fault('invalid', 'The end of the lock is past.', 'until');
  refuseLongLock(clock, untilMs, settings.lockHoursMax);
  return Math.ceil(untilMs / MS_PER_SECOND) * MS_PER_SECOND;
}

/** @throws {Fault} `rule` for a lock that would last longer than this from now */
export function refuseLongLock(clock: Clock, untilMs: number, hoursMax: number): void {
  if (untilMs <= clock.nowMs() + hoursMax * MINUTES_PER_HOUR * MS_PER_MINUTE) return;
  throw fault('rule', `A Slot is locked for at most ${hoursMax} hours.`, 'until');
}

/** What keeps nobody from a lock who goes against the rules: it takes no place, but keeps others from taking one. */
const LOCKED_NEVERTHELESS: ReadonlySet<ClaimRefusalReason> = new Set<ClaimRefusalReason>([
  ...(['inactive', 'past', 'horizon', 'busy', 'full'] as const),
]);

/**
 * Locks a Slot, or makes one's own lock end at another time.
 *
 * @param isOverride whatever state the Slot is in: only locks, holds and other claims are in the way. Such locks are
 *   not counted: those of a whole web site may have one key
 * @throws {Fault} with the reasons why not; `too-many`
 */
export async function stageLock(act: SlotAct, untilMs: number, isOverride = false): Promise<void> {
  const { draft, deps, book, target, slotId, permitted, context } = act;
  const { keyHash, caller } = permitted;
  const { facts, timelines } = target.view;
  const request = {
    by: ownerOf(slotId),
    kind: 'locked' as const,
    override: false,
    ...(keyHash !== undefined && { keyHash }),
    ...(caller !== undefined && { caller }),
  };
  const rules = target.stored ? [] : facts.rules;
  const decision = await decideClaim(draft, book, target, rules, request);
  const time = { schedule: facts.id, name: `Slot/${slotId}` };
  const refusals = decision.refusals.filter(({ reason }) => !(isOverride && LOCKED_NEVERTHELESS.has(reason)));
  refuse(refusals.map((refusal) => reasonOf(refusal, time)));
  for (const { by, kind } of decision.opened) await book.release(timelines, target, by, kind);
  const rule = decision.rule === undefined ? undefined : rules[decision.rule];
  await book.claim(timelines, {
    by: request.by,
    kind: 'locked',
    schedule: facts.id,
    slot: slotId,
    stored: target.stored !== undefined,
    ...(rule?.pool !== undefined && { pool: rule.pool }),
    startMs: target.startMs,
    endMs: target.endMs,
    bufferBeforeMs: (rule?.bufferBeforeMinutes ?? 0) * MS_PER_MINUTE,
    bufferAfterMs: (rule?.bufferAfterMinutes ?? 0) * MS_PER_MINUTE,
    untilMs,
    ...(keyHash !== undefined ? { keyHash } : caller !== undefined && { owner: caller }),
  });
  if (isOverride) return;
  const unit = unitKey(timelines[0] ?? '', unitDaysOf(target)[0] ?? 0);
  await countHold(draft, deps, context, { by: request.by, untilMs, unit });
}

/** Unlocks a Slot; nothing where it is not locked. @throws {Fault} `forbidden`, `conflict` without the right key */
export async function stageUnlock(slot: SlotAct): Promise<void> {
  const { book, target, slotId, permitted } = slot;
  const lock = await ownClaim(slot, 'locked');
  if (!lock) return;
  const time = { schedule: target.view.facts.id, name: `Slot/${slotId}`, expression: 'key' };
  refuse(keyRefusals([lock], lock.by, permitted, book.nowMs).map((refusal) => reasonOf(refusal, time)));
  await book.release(target.view.timelines, target, lock.by, 'locked');
}

/** The claim of a Slot itself: that it is locked, or that it was written busy. */
export async function ownClaim(
  { book, target, slotId }: Pick<SlotAct, 'book' | 'target' | 'slotId'>,
  kind: 'locked' | 'busy',
): Promise<Claim | undefined> {
  const { claims } = await book.joined(target.view.timelines, unitDaysOf(target));
  return liveClaims(claims, book.nowMs).find((claim) => claim.by === ownerOf(slotId) && claim.kind === kind);
}
