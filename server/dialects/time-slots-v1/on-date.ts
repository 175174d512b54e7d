import type { Appointment } from 'fhir/r4.js';
import type { PoolPlace, Transaction } from '../../booking/index.js';
import { dayInterval, localDateOf } from '../../zones/index.js';
import { timeOf } from './booking.js';
import { ApiError } from './errors.js';
import { serviceKey, type Service } from './service.js';
import { poolOfSlot, type TimeSlot } from './time-slot.js';

/** A time slot on a date. */
export interface SlotOnDate {
  readonly service: Pick<Service, 'number' | 'zone'>;
  readonly slot: TimeSlot;
  readonly date: string;
}

/** The place of a time slot on a date. What starts on the date counts, wherever the hours or the zone were then. */
export function placeOn({ service: { number, zone }, slot, date }: SlotOnDate): PoolPlace {
  const time = timeOf(slot, date, zone);
  return { ...time, schedule: serviceKey(number), pool: poolOfSlot(slot.number), counted: dayInterval(zone, date) };
}

/** The Appointments that have a place of a time slot on a date. The commit stands only while they are the same. */
export async function appointmentsOn(transaction: Transaction, on: SlotOnDate): Promise<readonly Appointment[]> {
  const { zone } = on.service;
  const { schedule, pool, counted } = placeOn(on);
  const found = await transaction.appointmentsAt({ schedule, pool, ...counted });
  return found.filter(({ start = '' }) => localDateOf(zone, Date.parse(start)) === on.date);
}

/**
 * The engine counts what lies at the time itself; here, the date is full with those, too, that lie at another time.
 *
 * @param there what has places of the time slot on the date
 * @throws {ApiError} `time_slot_full`
 */
export function refuseFull(there: readonly Appointment[], { maxBookings }: TimeSlot): void {
  if (there.length < maxBookings) return;
  const details = { time_slot_id: `${maxBookings} are booked on that date` };
  throw new ApiError('time_slot_full', 'time slot is full', { details });
}
