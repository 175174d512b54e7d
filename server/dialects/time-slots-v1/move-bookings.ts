import type { Appointment } from 'fhir/r4.js';
import type { Interval } from '../../base/interval.js';
import { slotIdOn, type RequestContext, type ResourceVersion, type Transaction } from '../../booking/index.js';
import { localDateOf, localText } from '../../zones/index.js';
import { bookingJson, slotsInPools, timeOf } from './booking.js';
import { ApiError } from './errors.js';
import { bookingsAmong } from './lookup.js';
import type { ApiParts } from './parts.js';
import { serviceKey, type Service } from './service.js';
import { poolOfSlot, type TimeSlot } from './time-slot.js';

/** So many bookings move along with their time slots in one change. */
export const BOOKINGS_MOVED_MAX = 500;

const LIVE: readonly Appointment['status'][] = ['pending', 'booked', 'arrived', 'checked-in'];

/** A service as it is to be. */
export type Changed = Pick<Service, 'zone' | 'slots'>;

/** The first pass meets bookings as they were before, the late one among them those that have moved. */
type Pass = 'first' | 'late';

/**
 * Moves the bookings to come of time slots whose clock times or zone change: they only say on which date. A conflict at
 * a new time refuses the whole change.
 *
 * @returns the Appointments as they are then
 * @throws {ApiError} `invalid_request` for more than {@link BOOKINGS_MOVED_MAX} of them
 */
export async function moveBookings(
  { places, clock }: ApiParts,
  transaction: Transaction,
  before: Service,
  after: Changed,
  pass: Pass = 'first',
): Promise<readonly ResourceVersion[]> {
  const moves = movesOf(before, after);
  if (moves.size === 0) return [];
  const nowMs = clock.nowMs();
  const moved: ResourceVersion[] = [];
  for (const { id, text } of await places.appointmentsOn(serviceKey(before.number))) {
    const appointment = JSON.parse(text) as Appointment;
    const [number = 0] = slotsInPools(appointment);
    const slot = moves.get(number);
    const startMs = Date.parse(appointment.start ?? '');
    if (!slot || !LIVE.includes(appointment.status) || !(startMs > nowMs)) continue;
    const isAt = (time: Interval) => time.startMs === startMs && time.endMs === Date.parse(appointment.end ?? '');
    const time = timeOf(slot, localDateOf(before.zone, startMs), after.zone);
    const hasMoved = pass === 'late' && isAt(timeOf(slot, localDateOf(after.zone, startMs), after.zone));
    if (hasMoved || isAt(time)) continue;
    if (moved.length === BOOKINGS_MOVED_MAX) {
      throw new ApiError('invalid_request', `More than ${BOOKINGS_MOVED_MAX} bookings would have to move`);
    }
    const elements = timeElements(before.number, time, after.zone);
    moved.push(await transaction.amend('Appointment', id, elements, poolOfSlot(number)));
  }
  return moved;
}

/** What a change of a service has done in its commit. */
export interface Moves {
  readonly before: Service;
  readonly after: Changed;
  readonly moved: readonly ResourceVersion[];
}

/**
 * The same once more, after the commit: of those that were booked by the old times while it was decided, nothing was
 * known then. From the commit on, all are booked by the new ones. Then all that have moved are told of.
 */
export async function finishMoves(
  parts: ApiParts,
  context: RequestContext,
  { before, after, moved }: Moves,
): Promise<void> {
  if (movesOf(before, after).size === 0) return;
  const late = await parts.transact(context, (transaction) => moveBookings(parts, transaction, before, after, 'late'));
  const latest = new Map([...moved, ...late].map((version) => [version.id, version]));
  if (latest.size === 0) return;
  const bookings = await parts.transact(context, (transaction) =>
    bookingsAmong(parts, transaction, { ...before, ...after }, [...latest.values()]),
  );
  for (const booking of bookings) parts.tell('bookings.update', bookingJson(booking), booking.service);
}

/** The time slots, as they are to be, whose bookings lie elsewhere then. */
function movesOf(before: Service, after: Changed): ReadonlyMap<number, TimeSlot> {
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
