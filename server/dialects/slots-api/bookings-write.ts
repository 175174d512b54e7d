import type { Appointment } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import type { SlotInTransaction, SlotTransaction } from '../../booking/index.js';
import { DELETED, type Endpoint } from './asked.js';
import { bookingNow, unknownBooking } from './bookings-read.js';
import { refusing, SlotsApiError, type Special } from './errors.js';
import { ACTIVE_STATUSES, CANCELLED_STATUSES, idIn, isId, isPastCutOff, type Stored } from './fhir-elements.js';
import { metadataExtension, metadataIn, withMetadata } from './metadata.js';
import type { SlotsApiParts } from './parts.js';
import { membersOf, text, type Members } from './read-body.js';
import { resourceIn } from './shown.js';
import { slotIn } from './slots-write.js';

/** What a booking is refused for that was settled for good: a visit that has been, or one entered in error. */
const OF_STATUSES = { rule: 'E060' } as const;

/** `POST /bookings`: takes a seat. A lock is opened by its key, and ends. */
export function createBooking(deps: SlotsApiParts): Endpoint {
  return async ({ body, context }) => {
    const members = membersOf(body);
    const slotId = text(members, 'slot_id');
    const lockKey = lockKeyIn(members);
    const extension = metadataExtension(metadataIn(members));
    const id = deps.newId();
    const withKey = { ...context, ...(lockKey !== undefined && { slotKey: lockKey }) };
    await deps.transact(withKey, async (transaction) => {
      const target = await slotIn(transaction, slotId);
      const appointment: Stored<Appointment> = {
        resourceType: 'Appointment',
        id,
        status: 'booked',
        created: instantText(deps.clock.nowMs()),
        ...placeIn(target),
        ...(extension.length > 0 && { extension }),
      };
      await seating(deps, target, () => transaction.put(appointment));
    });
    return { data: await bookingNow(deps, id, context) };
  };
}

/** `PATCH /bookings/:booking_id`: its metadata. */
export function updateBooking(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const metadata = metadataIn(membersOf(body));
    await deps.transact(context, async (transaction) => {
      const appointment = await bookingIn(transaction, id, context.base);
      const extension = withMetadata(appointment.extension, metadata);
      if (metadata === undefined) return;
      await transaction.amend('Appointment', id, { extension: extension.length > 0 ? extension : undefined });
    });
    return { data: await bookingNow(deps, id, context) };
  };
}

/** `POST /bookings/:booking_id/cancel`: its seat is free. */
export function cancelBooking(deps: SlotsApiParts): Endpoint {
  return async ({ id, context }) => {
    await refusing(OF_STATUSES, () =>
      deps.transact(context, async (transaction) => {
        const { status } = await bookingIn(transaction, id, context.base);
        if (ACTIVE_STATUSES.includes(status)) await transaction.amend('Appointment', id, { status: 'cancelled' });
      }),
    );
    return { data: await bookingNow(deps, id, context) };
  };
}

/** `POST /bookings/:booking_id/enable`: takes a seat again, if there is one. */
export function enableBooking(deps: SlotsApiParts): Endpoint {
  return async ({ id, context }) => {
    await deps.transact(context, async (transaction) => {
      const appointment = await bookingIn(transaction, id, context.base);
      if (ACTIVE_STATUSES.includes(appointment.status)) return;
      const target = await slotIn(transaction, slotIdOf(appointment, context.base));
      // By app-4 of R4 the reason that another API may have given goes: nothing is cancelled any more.
      const elements = { status: 'booked', cancelationReason: undefined };
      await seating(deps, target, () => transaction.amend('Appointment', id, elements), OF_STATUSES);
    });
    return { data: await bookingNow(deps, id, context) };
  };
}

/** `POST /bookings/:booking_id/reschedule`: to another slot, also of another resource; a cancelled one stays so. */
export function rescheduleBooking(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const targetId = text(membersOf(body), 'target_slot_id');
    await deps.transact(context, async (transaction) => {
      const appointment = await bookingIn(transaction, id, context.base);
      const target = await slotIn(transaction, targetId);
      const before = slotIdOf(appointment, context.base);
      if (before === targetId) return;
      const left = await transaction.slotAt(before);
      const leaving = (left?.schedule.actor ?? []).map(({ reference }) => reference);
      const place = placeIn(target);
      const staying = appointment.participant.filter(({ actor }) => !leaving.includes(actor?.reference));
      const coming = place.participant.filter(({ actor }) =>
        staying.every((one) => one.actor?.reference !== actor?.reference),
      );
      const elements = { ...place, participant: [...coming, ...staying] };
      const move = () => transaction.amend('Appointment', id, elements);
      if (ACTIVE_STATUSES.includes(appointment.status)) await seating(deps, target, move);
      else await move();
    });
    return { data: await bookingNow(deps, id, context) };
  };
}

/** `DELETE /bookings/:booking_id`: its seat is free, and it counts nowhere any more. */
export function deleteBooking(deps: SlotsApiParts): Endpoint {
  return async ({ id, context }) => {
    await deps.transact(context, async (transaction) => {
      await bookingIn(transaction, id, context.base);
      await transaction.remove('Appointment', id);
    });
    return DELETED;
  };
}

/**
 * Takes a seat. What is asked first answers first: is the resource published, the slot active, unlocked, not yet cut
 * off, and is there a seat? The engine decides on locks and seats, this API alone on the rest.
 */
async function seating(
  deps: SlotsApiParts,
  target: SlotInTransaction,
  act: () => Promise<unknown>,
  ofEndpoint: Special = {},
): Promise<void> {
  const { slot, schedule, places, isActive } = target;
  if (!isActive) throw new SlotsApiError('E061', 'The resource is not published.');
  if (places.isClosed) throw new SlotsApiError('E051', 'The slot is disabled.');
  const isLate = isPastCutOff(schedule, Date.parse(slot.start), deps.clock.nowMs());
  const special: Special = isLate ? { full: 'E051', held: 'E051', taken: 'E051' } : {};
  await refusing({ ...ofEndpoint, ...special }, act);
  if (isLate) throw new SlotsApiError('E051', 'Bookings of the slot are closed.');
}

/** What a booking has of its slot. */
function placeIn({ slot, schedule }: SlotInTransaction) {
  return {
    start: slot.start,
    end: slot.end,
    slot: [{ reference: `Slot/${slot.id}` }],
    participant: schedule.actor.map((actor): Appointment['participant'][number] => ({ actor, status: 'accepted' })),
  };
}

/** The Appointment of an id. @throws {SlotsApiError} E048, also for one whose Slot is gone */
async function bookingIn(transaction: SlotTransaction, id: string, base: string): Promise<Stored<Appointment>> {
  const version = isId(id) ? await transaction.read('Appointment', id) : undefined;
  const appointment = version && resourceIn<Appointment>(version);
  const isBooking = appointment && [...ACTIVE_STATUSES, ...CANCELLED_STATUSES].includes(appointment.status);
  if (!isBooking || !(await transaction.read('Slot', slotIdOf(appointment, base)))) throw unknownBooking();
  return appointment;
}

function slotIdOf({ slot = [] }: Appointment, base: string): string {
  return slot.flatMap(({ reference }) => idIn(reference, 'Slot', base) ?? [])[0] ?? '';
}

function lockKeyIn(members: Members): string | undefined {
  const key = members['lock_key'];
  if (key === undefined || key === null || key === '') return undefined;
  return text(members, 'lock_key');
}
