import type { Appointment } from 'fhir/r4.js';
import { instantMs } from '../base/clock.js';
import type { JsonObject } from '../fhir/index.js';
import type { Sent } from './appointment-inputs.js';
import { presentSchedules, withoutSchedules, type Operation, type Stored } from './operation-write.js';

/** An Appointment as it is to be, and the Schedules that say whose time it takes where it names no Slot. */
interface Merged {
  readonly exact: JsonObject;
  readonly schedules: readonly string[];
}

/**
 * What came, over what is stored. A time that moves leaves its old Slots and stays with its Schedules, unless the
 * request names others.
 *
 * @param named Schedules that the request names
 */
export async function mergedWith(
  operation: Operation,
  stored: Stored | undefined,
  sent: Sent | undefined,
  named: readonly string[],
): Promise<Merged> {
  const schedules = [...new Set([...named, ...(sent?.schedules ?? [])])];
  if (!stored) return { exact: sent?.exact ?? {}, schedules };
  if (!sent) return { exact: stored.exact, schedules };
  const { slot: oldSlot, ...timeless } = stored.exact;
  if (sent.resource.slot) {
    const { start, end, ...rest } = timeless;
    const isTimed = sent.resource.start !== undefined;
    return { exact: { ...rest, ...(isTimed && { start, end }), ...sent.exact }, schedules };
  }
  const stays = !movesTime(stored.appointment, sent.resource) && schedules.length === 0;
  if (stays)
    return { exact: { ...timeless, ...(oldSlot !== undefined && { slot: oldSlot }), ...sent.exact }, schedules };
  const present = await presentSchedules(operation, stored.appointment);
  const left = schedules.length > 0 ? withoutSchedules(timeless, present, operation.context.base) : timeless;
  return { exact: { ...left, ...sent.exact }, schedules: schedules.length > 0 ? schedules : present };
}

/** Whether what was sent tells another time than what is stored has. */
export function movesTime(stored: Appointment, sent: Appointment): boolean {
  const differs = (name: 'start' | 'end') =>
    sent[name] !== undefined && instantMs(sent[name] ?? '') !== instantMs(stored[name] ?? '');
  return differs('start') || differs('end');
}
