/** Who has which time, from Appointments alone, and whether that is more than there is. */
import type { Agendas, Place, Pool } from './agendas.js';
import type { Seen } from './told.js';

/** One place that an Appointment has. */
export interface Occupancy {
  readonly by: string;
  readonly place: Place;
  readonly pool: Pool | undefined;
  /** Whether it waits for a word that books it. */
  readonly isPending: boolean;
  /** With the pause after it. */
  readonly startMs: number;
  readonly endMs: number;
}

/** The places that a version of an Appointment names. */
export function occupanciesOf(agendas: Agendas, { id, status, slots, pool }: Seen): readonly Occupancy[] {
  const places = slots.map((slot) => agendas.ofSlot(slot));
  return places.map((place) => {
    // Times that follow each other are one visit: the pause comes after the last.
    const isLast = !places.some((other) => other.schedule === place.schedule && other.startMs === place.endMs);
    const { startMs, endMs, pauseMs } = place;
    const isPending = status === 'pending';
    return { by: `Appointment/${id}`, place, pool, isPending, startMs, endMs: endMs + (isLast ? pauseMs : 0) };
  });
}

/** Whether there is room for one more beside others who have their time for certain. Undefined: there is. */
export function excess(agendas: Agendas, one: Occupancy, others: Iterable<Occupancy>): string | undefined {
  let beside = 0;
  let ofDay = 0;
  for (const other of others) {
    if (other === one) continue;
    if (isSameSchedule(one, other) && one.place.agenda === 'limited') ofDay += 1;
    const isNear = one.startMs < other.endMs && other.startMs < one.endMs;
    if (!isNear || !one.place.timelines.some((name) => other.place.timelines.includes(name))) continue;
    if (!isSameSchedule(one, other) || (one.place.stored && one.place !== other.place)) {
      return `${shown(one)} and ${shown(other)} have one actor at the same time.`;
    }
    if (one.pool === other.pool) beside += 1;
  }
  const capacity = agendas.capacityOf(one.place, one.pool);
  if (beside >= capacity) return `${String(beside + 1)} have ${shown(one)}, which has room for ${String(capacity)}.`;
  if (ofDay >= agendas.limit && one.place.agenda === 'limited') {
    const limit = `its limit is ${String(agendas.limit)}`;
    return `${String(ofDay + 1)} are on one day of Schedule/${one.place.schedule}: ${limit}.`;
  }
  return undefined;
}

function isSameSchedule(one: Occupancy, other: Occupancy): boolean {
  return one.place.schedule === other.place.schedule;
}

function shown({ by, place, pool }: Occupancy): string {
  return `${by} on Slot/${place.slot} (${place.agenda} ${String(place.at)}${pool ? `, pool ${pool}` : ''})`;
}
