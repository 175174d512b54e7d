import { RULES_PER_SCHEDULE_MAX, type RequestContext } from '../../booking/index.js';
import { ApiError } from './errors.js';
import type { FieldFaults } from './fields.js';
import { NUMBERED, serviceOfSlot } from './lookup.js';
import type { ApiParts } from './parts.js';
import { noteOrder, type TimeSlotFields } from './time-slot-fields.js';
import type { TimeSlot } from './time-slot.js';

/**
 * Numbers for the entries of a request that are new, taken before it is decided on.
 *
 * @param present how many time slots the service has
 * @throws {ApiError} `invalid_request` for more than it may have, none taken
 */
export async function numbersForNew(
  parts: ApiParts,
  entries: readonly TimeSlotFields[],
  present: number,
  context: RequestContext,
): Promise<readonly number[]> {
  refuseTooMany(present + entries.filter(({ number }) => number === undefined).length);
  const numbers: number[] = [];
  for (const { number } of entries) {
    const isTaken = async (one: number) => (await serviceOfSlot(parts, one, context)) !== undefined;
    numbers.push(number ?? (await parts.numbers.next(NUMBERED.timeSlot, isTaken)));
  }
  return numbers;
}

/**
 * The time slots of the entries of a request, in their order.
 *
 * @param present those that the service has
 * @param numbers of the entries, new ones included
 * @throws {ApiError} `time_slot_not_found` for an entry that changes none of them, and for faulty fields
 */
export function slotsAfter(
  present: readonly TimeSlot[],
  entries: readonly TimeSlotFields[],
  numbers: readonly number[],
  faults: FieldFaults,
  nowMs: number,
): readonly TimeSlot[] {
  const changed = new Map(present.map((slot) => [slot.number, slot]));
  const after = entries.map(({ number, values, fields }, at): TimeSlot => {
    const before = number === undefined ? undefined : changed.get(number);
    if (number !== undefined && !before) {
      throw new ApiError('time_slot_not_found', `The service has no time slot with the id ${number}`);
    }
    const fresh = { number: numbers[at] ?? 0, createdMs: nowMs };
    const slot = { ...fresh, ...before, ...values, updatedMs: nowMs } as TimeSlot;
    noteOrder(fields, slot.start, slot.end);
    changed.set(slot.number, slot);
    return slot;
  });
  faults.refuse();
  return after;
}

/** All time slots of a service with those that were changed or are new. @throws {ApiError} for too many of them */
export function mergedSlots(present: readonly TimeSlot[], changed: readonly TimeSlot[]): readonly TimeSlot[] {
  const all = new Map([...present, ...changed].map((slot) => [slot.number, slot]));
  refuseTooMany(all.size);
  return [...all.values()];
}

/** @throws {ApiError} `invalid_request` for more time slots than a Schedule has rules */
function refuseTooMany(count: number): void {
  if (count <= RULES_PER_SCHEDULE_MAX) return;
  throw new ApiError('invalid_request', `A service has at most ${RULES_PER_SCHEDULE_MAX} time slots`);
}
