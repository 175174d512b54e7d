import type { Appointment } from 'fhir/r4.js';
import { slotIdOn, type RequestContext, type Transaction } from '../../booking/index.js';
import { localDateOf, localText } from '../../zones/index.js';
import { slotsInPools, timeOf } from './booking.js';
import { ApiError } from './errors.js';
import type { ApiParts } from './parts.js';
import { serviceKey, type Service } from './service.js';
import { poolOfSlot, type TimeSlot } from './time-slot.js';

/** So many bookings move along with their time slots in one change. */
export const BOOKINGS_MOVED_MAX = 500;

const LIVE: readonly Appointment['status'][] = ['pending', 'booked', 'arrived', 'checked-in'];

/**
 * Moves the bookings to come of time slots whose clock times or zone change: they only say on which date. A conflict at
 * a new time refuses the whole change.
 *
 * @throws {ApiError} `invalid_request` for more than {@link BOOKINGS_MOVED_MAX} of them
 */
export async function moveBookings(
  { places, clock }: ApiParts,
  transaction: Transaction,
  before: Service,
  after: Pick<Service, 'zone' | 'slots'>,
): Promise<void> {
  const moves = movesOf(before, after);
  if (moves.size === 0) return;
  const nowMs = clock.nowMs();
  let moved = 0;
  for (const { id, text } of await places.appointmentsOn(serviceKey(before.number))) {
    const appointment = JSON.parse(text) as Appointment;
    const [number = 0] = slotsInPools(appointment);
    const slot = moves.get(number);
    const startMs = Date.parse(appointment.start ?? '');
    if (!slot || !LIVE.includes(appointment.status) || !(startMs > nowMs)) continue;
    const right = timeOf(slot, localDateOf(after.zone, startMs), after.zone);
    if (right.startMs === startMs && right.endMs === Date.parse(appointment.end ?? '')) continue;
    const time = timeOf(slot, localDateOf(before.zone, startMs), after.zone);
    moved += 1;
    if (moved > BOOKINGS_MOVED_MAX) {
      throw new ApiError('invalid_request', `More than ${BOOKINGS_MOVED_MAX} bookings would have to move`);
    }
    await transaction.amend('Appointment', id, timeElements(before.number, time, after.zone), poolOfSlot(number));
  }
}

/**
 * The same once more, after the commit: of those that were booked by the old times while it was decided, nothing was
 * known then. From the commit on, all are booked by the new ones.
 */
export async function moveLateBookings(
  parts: ApiParts,
  context: RequestContext,
  before: Service,
  after: Pick<Service, 'zone' | 'slots'>,
): Promise<void> {
  if (movesOf(before, after).size === 0) return;
  await parts.transact(context, (transaction) => moveBookings(parts, transaction, before, after));
}

/** The time slots, as they are to be, whose bookings lie elsewhere then. */
function movesOf(before: Service, after: Pick<Service, 'zone' | 'slots'>): ReadonlyMap<number, TimeSlot> {
  const old = new Map(before.slots.map((slot) => [slot.number, slot]));
  const moving = after.slots.filter(({ number, start, end }) => {
    const was = old.get(number);
    if (!was) return false;
    return before.zone !== after.zone || was.start.clock !== start.clock || was.end.clock !== end.clock;
  });
  return new Map(moving.map((slot) => [slot.number, slot]));
}

/** The elements of an Appointment that say its time: those of the computed Slot there. */
export function timeElements(
  service: number,
  time: { readonly startMs: number; readonly endMs: number },
  zone: string,
): { readonly start: string; readonly end: string; readonly slot: { readonly reference: string }[] } {
  return {
    start: localText(zone, time.startMs),
    end: localText(zone, time.endMs),
    slot: [{ reference: `Slot/${slotIdOn(serviceKey(service), time)}` }],
  };
}
