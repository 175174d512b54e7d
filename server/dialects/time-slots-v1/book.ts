import type { Appointment } from 'fhir/r4.js';
import { Fault, type Reason } from '../../base/fault.js';
import { instantText } from '../../base/clock.js';
import type { Transaction } from '../../booking/index.js';
import { bookingKey, timeOf } from './booking.js';
import { customerElements, customerOf, isSame, type Customer } from './customer.js';
import { ApiError } from './errors.js';
import { timeElements } from './move-bookings.js';
import { appointmentsOn, refuseFull } from './on-date.js';
import { serviceKey, type Service } from './service.js';
import { poolOfSlot, type TimeSlot } from './time-slot.js';

/** What is to be booked. */
export interface NewBooking {
  readonly number: number;
  readonly service: Service;
  readonly slot: TimeSlot;
  readonly date: string;
  readonly customer: Customer;
  readonly message: string | undefined;
}

/**
 * Books a time slot on a date.
 *
 * @throws {ApiError} `duplicate_booking`, `time_slot_full`
 */
export async function book(transaction: Transaction, made: NewBooking, nowMs: number): Promise<void> {
  const { number, service, slot, date, customer, message } = made;
  const there = await appointmentsOn(transaction, made);
  await refuseDuplicate(transaction, there, customer);
  refuseFull(there, slot);
  const actor = { reference: `HealthcareService/${serviceKey(service.number)}`, display: service.name };
  const appointment: Appointment & { id: string } = {
    resourceType: 'Appointment',
    id: bookingKey(number),
    status: 'pending',
    created: instantText(nowMs),
    ...timeElements(service.number, timeOf(slot, date, service.zone), service.zone),
    ...(message !== undefined && { comment: message }),
    ...customerElements(customer, [{ actor, status: 'accepted' }]),
  };
  await asFull(() => transaction.put(appointment, poolOfSlot(slot.number)));
}

/** Whoever has the time slot on that date already cannot have it again: whatever they are known by. */
async function refuseDuplicate(
  transaction: Transaction,
  there: readonly Appointment[],
  customer: Customer,
): Promise<void> {
  for (const other of there) {
    if (!isSame(customer, await customerOf(transaction, other))) continue;
    throw new ApiError('duplicate_booking', 'duplicate booking');
  }
}

/**
 * This API has no conflicts: whoever has the time, it is full. What the engine says of it stands in the details.
 *
 * @throws {ApiError} `time_slot_full`, and whatever else `write` throws
 */
export async function asFull<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Fault) || !error.reasons.some(isTaken)) throw error;
    throw new ApiError('time_slot_full', 'time slot is full', { details: { time_slot_id: error.message } });
  }
}

function isTaken({ kind }: Reason): boolean {
  return kind === 'conflict';
}
