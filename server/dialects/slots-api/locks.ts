import { instantText } from '../../base/clock.js';
import type { Endpoint } from './asked.js';
import { refusing, SlotsApiError } from './errors.js';
import type { SlotsApiParts } from './parts.js';
import { membersOf, text, timeIn } from './read-body.js';
import { slotNow } from './slots-read.js';
import { isLockable, slotIn } from './slots-write.js';

/** What the engine refuses a lock for: whoever holds a seat of the slot has locked it already, in our words. */
const OF_LOCKS = { locked: 'E045', 'wrong-key': 'E045', held: 'E045', rule: 'E013' } as const;

/** `POST /slots/:slot_id/lock`: until `lock_until`, nobody books the slot without the key. */
export function lockSlot(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const members = membersOf(body);
    const [untilMs, key] = [timeIn(members, 'lock_until'), text(members, 'lock_key')];
    const isPast = untilMs <= deps.clock.nowMs();
    await refusing(OF_LOCKS, () =>
      deps.transact(context, async (transaction) => {
        const { slot, places } = await slotIn(transaction, id);
        if (!isLockable(slot)) throw new SlotsApiError('E044', 'The slot may not be locked.');
        if (places.lockedUntilMs !== undefined) throw new SlotsApiError('E045', 'The slot is locked already.');
        if (!isPast) await transaction.lock(id, untilMs, key);
      }),
    );
    const data = await slotNow(deps, id, context);
    // A lock of the past is told back, and has no effect.
    return { data: isPast ? { ...data, locked_until: instantText(untilMs) } : data };
  };
}

/** `POST /slots/:slot_id/unlock`: a slot that is not locked stays as it is, whatever the key. */
export function unlockSlot(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const key = text(membersOf(body), 'lock_key');
    await refusing({ locked: 'E059', 'wrong-key': 'E059' }, () =>
      deps.transact(context, async (transaction) => {
        await slotIn(transaction, id);
        await transaction.unlock(id, key);
      }),
    );
    return { data: await slotNow(deps, id, context) };
  };
}
