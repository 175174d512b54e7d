import type { Slot } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import type { SlotInTransaction, SlotTransaction } from '../../booking/index.js';
import { DELETED, type Endpoint } from './asked.js';
import { refusing, SlotsApiError } from './errors.js';
import {
  CAPACITY_URL,
  createdExtension,
  extensionOf,
  isId,
  LOCKABLE_URL,
  withExtension,
  type Stored,
} from './fhir-elements.js';
import { metadataIn, metadataExtension, withMetadata } from './metadata.js';
import type { SlotsApiParts } from './parts.js';
import { booleanIn, ifThere, integerIn, membersOf, text, timeIn, type Members } from './read-body.js';
import { scheduleIn } from './resources-write.js';
import { slotNow, unknownSlot } from './slots-read.js';

export const SLOTS_CREATED_MAX = 500;

/** What the engine refuses a Slot for. */
const OF_SLOTS = { conflict: 'E024', rule: 'E013' } as const;

/** `POST /slots`: one; all or none of an array, as older clients send it (OB-3). */
export function createSlots(deps: SlotsApiParts): Endpoint {
  return async ({ body, context }) => {
    const several = severalIn(body);
    const slots = (several ?? [membersOf(body)]).map((members) => newSlot(deps, members));
    await refusing(OF_SLOTS, () =>
      deps.transact(context, async (transaction) => {
        for (const { resourceId, slot } of slots) {
          await scheduleIn(transaction, resourceId);
          refuseOrder(slot);
          await transaction.putSlot(slot);
        }
      }),
    );
    const data = await Promise.all(slots.map(({ slot }) => slotNow(deps, slot.id, context)));
    return { data: several ? data : (data[0] ?? {}) };
  };
}

/** `PATCH /slots/:slot_id`: its bookings and its lock move along with its time. */
export function updateSlot(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const members = membersOf(body);
    const startMs = ifThere(members, 'start_date', timeIn);
    const endMs = ifThere(members, 'end_date', timeIn);
    const capacity = ifThere(members, 'capacity', (all, name) => integerIn(all, name, 1, 'E047'));
    const lockable = ifThere(members, 'lockable', (all, name) => booleanIn(all, name, 'E013'));
    const metadata = metadataIn(members);
    await refusing(OF_SLOTS, () =>
      deps.transact(context, async (transaction) => {
        const { slot, places } = await slotIn(transaction, id);
        const start = startMs === undefined ? slot.start : instantText(startMs);
        const end = endMs === undefined ? slot.end : instantText(endMs);
        const valueInteger = capacity ?? places.capacity;
        let extension = withExtension(withMetadata(slot.extension, metadata), CAPACITY_URL, { valueInteger });
        if (lockable !== undefined) extension = withExtension(extension, LOCKABLE_URL, { valueBoolean: lockable });
        const changed = { ...slot, start, end, extension };
        refuseOrder(changed);
        if (capacity !== undefined && capacity < places.taken) {
          throw new SlotsApiError('E046', `The slot has ${places.taken} active bookings; it cannot take fewer.`);
        }
        await transaction.putSlot(changed);
      }),
    );
    return { data: await slotNow(deps, id, context) };
  };
}

/** `POST /slots/:slot_id/enable` and `…/disable`. Bookings stay. */
export function enableSlot(deps: SlotsApiParts, isEnabled: boolean): Endpoint {
  return async ({ id, context }) => {
    await deps.transact(context, async (transaction) => {
      const { places } = await slotIn(transaction, id);
      if (places.isClosed === isEnabled) await transaction.setClosed(id, !isEnabled);
    });
    return { data: await slotNow(deps, id, context) };
  };
}

/** `DELETE /slots/:slot_id`: its bookings are cancelled, and found no more. */
export function deleteSlot(deps: SlotsApiParts): Endpoint {
  return async ({ id, context }) => {
    await refusing({ rule: 'E060', conflict: 'E060' }, () =>
      deps.transact(context, async (transaction) => {
        await slotIn(transaction, id);
        await transaction.removeSlot(id);
      }),
    );
    return DELETED;
  };
}

/** The Slot of an id. @throws {SlotsApiError} E025 */
export async function slotIn(transaction: SlotTransaction, id: string): Promise<SlotInTransaction> {
  const found = isId(id) ? await transaction.slotAt(id) : undefined;
  if (!found) throw unknownSlot();
  return found;
}

function severalIn(body: unknown): readonly Members[] | undefined {
  const { slots, ...shared } = Array.isArray(body) ? { slots: body as unknown[] } : membersOf(body);
  if (!Array.isArray(slots)) return undefined;
  if (slots.length >= 1 && slots.length <= SLOTS_CREATED_MAX) {
    return (slots as unknown[]).map((one) => ({ ...shared, ...membersOf(one) }));
  }
  throw new SlotsApiError('E013', `1 to ${SLOTS_CREATED_MAX} slots are created at once.`);
}

function newSlot(deps: SlotsApiParts, members: Members): { readonly resourceId: string; readonly slot: Stored<Slot> } {
  const resourceId = text(members, 'resource_id');
  const [startMs, endMs] = [timeIn(members, 'start_date'), timeIn(members, 'end_date')];
  const lockable = ifThere(members, 'lockable', (all, name) => booleanIn(all, name, 'E013'));
  const capacity = integerIn(members, 'capacity', 1, 'E047');
  const extension = [
    createdExtension(deps.clock.nowMs()),
    { url: CAPACITY_URL, valueInteger: capacity },
    ...(lockable === undefined ? [] : [{ url: LOCKABLE_URL, valueBoolean: lockable }]),
    ...metadataExtension(metadataIn(members)),
  ];
  const schedule = { reference: `Schedule/${resourceId}` };
  const times = { start: instantText(startMs), end: instantText(endMs) };
  return {
    resourceId,
    slot: { resourceType: 'Slot', id: deps.newId(), schedule, status: 'free', ...times, extension },
  };
}

function refuseOrder({ start, end }: Pick<Slot, 'start' | 'end'>): void {
  if (Date.parse(start) < Date.parse(end)) return;
  throw new SlotsApiError('E023', 'A slot starts before it ends.');
}

/** Whether a slot may be locked, by its own word. */
export function isLockable({ extension }: Pick<Slot, 'extension'>): boolean {
  return extensionOf(extension, LOCKABLE_URL)?.valueBoolean ?? true;
}
