import type { ApiParts } from './parts.js';
import { placeOn } from './on-date.js';
import type { Service } from './service.js';
import type { TimeSlot } from './time-slot.js';

/** Time slots as JSON with what is left of each on a date. @param shown the same slots as JSON, in their order */
export async function withPlaces(
  { places }: ApiParts,
  service: Service,
  slots: readonly TimeSlot[],
  shown: readonly object[],
  date: string,
  base: string,
): Promise<readonly object[]> {
  const left = await places.left(
    slots.map((slot) => placeOn({ service, slot, date })),
    base,
  );
  return shown.map((slot, at) => ({ ...slot, available: (left[at] ?? 0) > 0, remaining: left[at] ?? 0 }));
}
