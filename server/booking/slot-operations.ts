import type { Bookings, Permission } from './bookings.js';
import type { Decide } from './decide.js';
import { inside } from './inside.js';
import { permittedBy } from './permissions.js';
import { changeSlot, lockEnd, stageLock, stageUnlock, type SlotAct, type SlotChangeDeps } from './slot-locks.js';
import { busyClaim, ownerOf } from './stage-slot.js';
import type { RequestContext } from './types.js';

interface SlotOperationDeps extends SlotChangeDeps {
  readonly decide: Decide;
}

/** The operations on one Slot, stored and computed alike: docs/operations.md §1.8. */
export function makeSlotOperations(deps: SlotOperationDeps): Pick<Bookings, 'lock' | 'unlock' | 'disable' | 'enable'> {
  async function change<T extends object>(
    slotId: string,
    request: Permission,
    caller: RequestContext,
    act: (slot: SlotAct) => Promise<T>,
  ) {
    const context = inside(caller);
    const permitted = permittedBy(context, request);
    const asked = { slotId, permitted, context, ...(request.ifMatch !== undefined && { ifMatch: request.ifMatch }) };
    return deps.decide(context, (draft) => changeSlot(draft, deps, asked, act));
  }

  return {
    lock: (slotId, request, context) =>
      change(slotId, request, context, async (slot) => {
        const expiresMs = lockEnd(deps.clock, deps.settings, request.untilMs);
        await stageLock(slot, expiresMs);
        return { expiresMs };
      }),

    unlock: (slotId, request, context) =>
      change(slotId, request, context, async (slot) => {
        await stageUnlock(slot);
        return {};
      }),

    disable: (slotId, request, context) =>
      change(slotId, request, context, async ({ book, target }) => {
        const { id: schedule } = target.view.facts;
        const slot = target.stored ?? { id: slotId, schedule, startMs: target.startMs, endMs: target.endMs };
        await book.claim(target.view.timelines, busyClaim(slot, 'busy-unavailable', target.stored !== undefined));
        return {};
      }),

    enable: (slotId, request, context) =>
      change(slotId, request, context, async ({ book, target }) => {
        await book.release(target.view.timelines, target, ownerOf(slotId), 'busy');
        return {};
      }),
  };
}
