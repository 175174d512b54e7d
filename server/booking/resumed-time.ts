import type { Appointment } from 'fhir/r4.js';
import { occupies } from '../claims/index.js';
import type { Store, StoredDocument } from '../store/index.js';
import { namedSchedules } from './appointment-places.js';
import { wholeTime } from './appointment-targets.js';
import { resourceOf } from './schedule-reader.js';

/** Versions since an Appointment became a noshow that are looked at: whoever wrote more of them wins a new time. */
export const NOSHOW_VERSIONS_MAX = 20;

/**
 * Whether a change undoes a noshow: the Appointment becomes booked or arrived at the very time that it had until then.
 * Such a time may have begun. One that was a noshow from the start, or has moved meanwhile, never had the time.
 *
 * @param document the noshow, as it is stored
 */
export async function resumesTime(
  store: Pick<Store, 'version'>,
  document: StoredDocument | undefined,
  after: Appointment,
  base: string,
): Promise<boolean> {
  const [before] = resourceOf(document);
  if (!document || before?.resourceType !== 'Appointment') return false;
  if (before.status !== 'noshow' || !occupies(after.status)) return false;
  const oldest = Math.max(1, document.revision - NOSHOW_VERSIONS_MAX);
  for (let revision = document.revision - 1; revision >= oldest; revision -= 1) {
    const [older] = resourceOf(await store.version(document, revision));
    if (older?.resourceType !== 'Appointment') return false;
    if (older.status !== 'noshow') return occupies(older.status) && placeText(older, base) === placeText(after, base);
  }
  return false;
}

/** When and where: what an Appointment takes is named in it, since the engine puts it there. */
function placeText(appointment: Appointment, base: string): string {
  const slots = appointment.slot?.map(({ reference }) => reference);
  return JSON.stringify([wholeTime(appointment), slots, namedSchedules(appointment, base)]);
}
