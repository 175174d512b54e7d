import type { Appointment } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import type { Claim } from '../claims/index.js';
import { localReference } from '../fhir/index.js';
import { wholeTime, type TargetDeps } from './appointment-targets.js';
import type { Draft } from './draft.js';
import { resourceOf } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import { placeOf } from './slot-writes.js';
import type { UnitBook } from './unit-book.js';

/** A time that an Appointment has, and where its claim stands. */
export interface Place {
  readonly timelines: readonly string[];
  readonly claim: Claim;
}

/**
 * The times that a stored Appointment has: the claims that stand for it in the units of the Slots and Schedules that
 * it names. What it claims is always named in it, since the engine puts it there.
 */
export async function placesOf(
  draft: Draft,
  deps: Pick<TargetDeps, 'scheduleIdOf'>,
  book: UnitBook,
  { id, base, appointment }: { readonly id: string; readonly base: string; readonly appointment: Appointment },
): Promise<readonly Place[]> {
  const whole = wholeTime(appointment);
  const spots = [
    ...(await spotsOfSlots(draft, deps, appointment, base)),
    ...(whole ? namedSchedules(appointment, base).map((schedule) => ({ ...whole, schedule })) : []),
  ];
  const places = new Map<string, Place>();
  for (const spot of spots) {
    const timelines = await book.timelines(spot.schedule);
    const { claims } = await book.within(timelines, spot);
    const own = claims.filter(({ by, schedule }) => by === `Appointment/${id}` && schedule === spot.schedule);
    for (const claim of own) places.set(`${claim.schedule} ${claim.startMs} ${claim.slot ?? ''}`, { timelines, claim });
  }
  return [...places.values()];
}

/** The Schedules that an Appointment names in `supportingInformation`. */
export function namedSchedules({ supportingInformation = [] }: Appointment, base: string): string[] {
  const keys = supportingInformation.flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  return keys.filter(({ type }) => type === 'Schedule').map(({ id }) => id);
}

async function spotsOfSlots(
  draft: Draft,
  deps: Pick<TargetDeps, 'scheduleIdOf'>,
  { slot = [] }: Appointment,
  base: string,
): Promise<(Interval & { readonly schedule: string })[]> {
  const keys = slot.flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  const ofSlots = keys.filter(({ type }) => type === 'Slot');
  await draft.prepare(ofSlots);
  const spots: (Interval & { readonly schedule: string })[] = [];
  for (const key of ofSlots) {
    const stored = placeOf(resourceOf(await draft.get(key))[0], key.id, base);
    const named = stored ? undefined : readComputedSlotId(key.id);
    const schedule = named && (await deps.scheduleIdOf(named.scheduleKey));
    if (stored) spots.push(stored);
    else if (named && schedule !== undefined) spots.push({ ...named, schedule });
  }
  return spots;
}
