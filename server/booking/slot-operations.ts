import { MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { keyRefusals, liveClaims, unitDaysOf, type Claim } from '../claims/index.js';
import { slotTarget, type Target } from './appointment-targets.js';
import type { Bookings, SlotAnswer } from './bookings.js';
import type { Decide } from './decide.js';
import type { Draft } from './draft.js';
import { refuseManyHolds, type HoldCountDeps } from './hold-count.js';
import { permittedBy, type Permitted } from './permissions.js';
import { reasonOf, refuse } from './refusal-reasons.js';
import { restageSlots } from './slot-states.js';
import { decideClaim } from './stage-appointment.js';
import { busyClaim, ownerOf } from './stage-slot.js';
import type { WriteDeps } from './stage-write.js';
import type { BookingSettings, RequestContext, Resources } from './types.js';
import { UnitBook } from './unit-book.js';

const MINUTES_PER_HOUR = 60;

export interface SlotOperationDeps extends WriteDeps, HoldCountDeps {
  readonly settings: BookingSettings;
  readonly resources: Pick<Resources, 'read'>;
  readonly decide: Decide;
}

/** The operations on one Slot, stored and computed alike: reference/operations.md §1.8. */
export function makeSlotOperations(deps: SlotOperationDeps): Pick<Bookings, 'lock' | 'unlock' | 'disable' | 'enable'> {
  async function change(
    slotId: string,
    context: RequestContext,
    act: (draft: Draft, book: UnitBook, target: Target) => Promise<{ readonly expiresMs?: number }>,
  ): Promise<SlotAnswer> {
    const done = await deps.decide(context, async (draft) => {
      const book = UnitBook.of(draft, deps.clock.nowMs());
      const target = await slotTarget(draft, deps, slotId, context.base, 'Slot');
      if (!target || (!target.stored && !(await deps.isComputedSlot(slotId, context.base)))) {
        throw fault('not-found', `Slot/${slotId} does not exist.`);
      }
      const answer = await act(draft, book, target);
      await restageSlots(draft, deps, book, target.view.timelines, context.base);
      return answer;
    });
    return { slot: await deps.resources.read('Slot', slotId, context), ...done };
  }

  return {
    lock(slotId, request, context) {
      const permitted = permittedBy(context, request);
      const untilMs = lockEnd(deps, request.untilMs);
      return change(slotId, context, async (draft, book, target) => {
        await refuseManyHolds(draft, deps, context, [{ by: ownerOf(slotId), untilMs }]);
        await stageLock(draft, book, target, slotId, permitted, untilMs);
        return { expiresMs: untilMs };
      });
    },

    unlock(slotId, request, context) {
      const permitted = permittedBy(context, request);
      return change(slotId, context, async (_, book, target) => {
        const { claims } = await book.joined(target.view.timelines, unitDaysOf(target));
        const lock = lockOf(claims, slotId, book.nowMs);
        if (!lock) return {};
        const time = { schedule: target.view.facts.id, name: `Slot/${slotId}`, expression: 'key' };
        refuse(keyRefusals([lock], lock.by, permitted, book.nowMs).map((refusal) => reasonOf(refusal, time)));
        await book.release(target.view.timelines, target, lock.by, 'locked');
        return {};
      });
    },

    disable(slotId, context) {
      return change(slotId, context, async (_, book, target) => {
        const { id: schedule } = target.view.facts;
        const slot = target.stored ?? { id: slotId, schedule, startMs: target.startMs, endMs: target.endMs };
        await book.claim(target.view.timelines, busyClaim(slot, 'busy-unavailable', target.stored !== undefined));
        return {};
      });
    },

    enable(slotId, context) {
      return change(slotId, context, async (_, book, target) => {
        await book.release(target.view.timelines, target, ownerOf(slotId), 'busy');
        return {};
      });
    },
  };
}

/** @throws {Fault} `invalid` for a time past, `rule` beyond the longest lock */
function lockEnd({ clock, settings }: SlotOperationDeps, asked: number | undefined): number {
  const nowMs = clock.nowMs();
  if (asked === undefined) return nowMs + settings.lockMinutesDefault * MS_PER_MINUTE;
  if (asked <= nowMs) throw fault('invalid', 'The end of the lock is past.', 'until');
  if (asked > nowMs + settings.lockHoursMax * MINUTES_PER_HOUR * MS_PER_MINUTE) {
    throw fault('rule', `A Slot is locked for at most ${settings.lockHoursMax} hours.`, 'until');
  }
  return asked;
}

function lockOf(claims: readonly Claim[], slotId: string, nowMs: number): Claim | undefined {
  return liveClaims(claims, nowMs).find(({ by, kind }) => by === ownerOf(slotId) && kind === 'locked');
}

async function stageLock(
  draft: Draft,
  book: UnitBook,
  target: Target,
  slotId: string,
  { keyHash, caller }: Permitted,
  untilMs: number,
): Promise<void> {
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
  refuse(decision.refusals.map((refusal) => reasonOf(refusal, time)));
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
}
