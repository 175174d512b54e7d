import type { ApiParts } from './parts.js';
import { serviceKey, type Service } from './service.js';
import { poolOfSlot, type TimeSlot } from './time-slot.js';
import { timeOf } from './booking.js';

/** Time slots as JSON with what is left of each on a date. @param shown the same slots as JSON, in their order */
export async function withPlaces(
  { places }: ApiParts,
  { number, zone }: Service,
  slots: readonly TimeSlot[],
  shown: readonly object[],
  date: string,
  base: string,
): Promise<readonly object[]> {
  const schedule = serviceKey(number);
  const times = slots.map((slot) => ({ ...timeOf(slot, date, zone), schedule, pool: poolOfSlot(slot.number) }));
  const left = await places.left(times, base);
  return shown.map((slot, at) => ({ ...slot, available: (left[at] ?? 0) > 0, remaining: left[at] ?? 0 }));
}
