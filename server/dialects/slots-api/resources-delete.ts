import { Fault } from '../../base/fault.js';
import type { RequestContext, SlotTransaction } from '../../booking/index.js';
import { DELETED, type Endpoint } from './asked.js';
import { refusing, SlotsApiError } from './errors.js';
import { isActorAlone, ownActorIn } from './own-actor.js';
import type { SlotsApiParts } from './parts.js';
import { scheduleIn } from './resources-write.js';

/** So many slots go with their resource in one commit; those of a larger one go before it, as many at a time. */
export const SLOTS_DELETED_TOGETHER_MAX = 200;
/** How often slots may arrive while their resource is being deleted. */
const ARRIVALS_MOST = 5;

/** `DELETE /resources/:resource_id`: with its stored Slots, whose bookings are cancelled. */
export function deleteResource(deps: SlotsApiParts): Endpoint {
  return async ({ id, context }) => {
    for (let tries = 0; ; tries++) {
      try {
        await refusing({ rule: 'E060', conflict: 'E060' }, () => deleteWhole(deps, id, context));
        return DELETED;
      } catch (thrown) {
        const hasArrived =
          thrown instanceof SlotsApiError &&
          thrown.cause instanceof Fault &&
          (await slotIds(deps, id, context)).length > 0;
        if (!hasArrived || tries >= ARRIVALS_MOST) throw thrown;
      }
    }
  };
}

async function deleteWhole(deps: SlotsApiParts, id: string, context: RequestContext): Promise<void> {
  let slots = await slotIds(deps, id, context);
  while (slots.length > SLOTS_DELETED_TOGETHER_MAX) {
    const some = slots.slice(0, SLOTS_DELETED_TOGETHER_MAX);
    await deps.transact(context, async (transaction) => {
      await scheduleIn(transaction, id);
      await removeSlots(transaction, some);
    });
    slots = await slotIds(deps, id, context);
  }
  const isUnshared = await isActorAlone(deps, id, context);
  await deps.transact(context, async (transaction) => {
    const schedule = await scheduleIn(transaction, id);
    const own = isUnshared ? await ownActorIn(transaction, schedule, context.base) : undefined;
    await removeSlots(transaction, slots);
    await transaction.remove('Schedule', id);
    if (own) await transaction.remove('HealthcareService', id);
  });
}

async function removeSlots(transaction: SlotTransaction, ids: readonly string[]): Promise<void> {
  for (const id of ids) await transaction.removeSlot(id);
}

/** The first of them, one more than go together. */
async function slotIds({ listing }: SlotsApiParts, id: string, context: RequestContext): Promise<readonly string[]> {
  const question = { type: 'Slot', order: 'start', params: [['schedule', `Schedule/${id}`]] } as const;
  const page = { offset: 0, limit: SLOTS_DELETED_TOGETHER_MAX + 1 };
  const versions = await listing.page(question, page, context);
  return versions.map((version) => version.id);
}
