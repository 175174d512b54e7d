/** What servers answer after the load agrees with the Appointments. */
import type { Appointment, Slot } from 'fhir/r4.js';
import type { Agendas, Place } from './agendas.js';
import { occupanciesIn } from './check-standing.js';
import { standing, type Evidence } from './evidence.js';
import type { Occupancy } from './occupancy.js';
import type { Reply, ServerInProcess } from './server.js';
import { resourcesIn } from './told.js';

/** Opens whatever is still disabled, so that only Appointments have time. */
export async function enableAll(server: ServerInProcess, agendas: Agendas): Promise<void> {
  for (const { slot } of agendas.places) {
    answered(await server.ask({ method: 'POST', path: `Slot/${slot}/$enable`, body: EMPTY }));
  }
}

const EMPTY = { resourceType: 'Parameters' };

/** Asks for every Slot, and for the Appointments of each: as the evidence has them, no lock being left. */
export async function answerOffences(
  server: ServerInProcess,
  evidence: Evidence,
  agendas: Agendas,
): Promise<readonly string[]> {
  const occupancies = occupanciesIn(evidence, agendas);
  const offences: string[] = [];
  for (const place of agendas.places) {
    const slot = answered(await server.ask({ method: 'GET', path: `Slot/${place.slot}` })) as Slot;
    const expected = statusOf(agendas, place, occupancies);
    if (expected !== undefined && slot.status !== expected) {
      const name = `Slot/${place.slot} (${place.agenda} ${String(place.at)})`;
      offences.push(`${name} is ${slot.status}; by its Appointments it is ${expected}.`);
    }
    offences.push(...(await searchOffences(server, place, occupancies)));
  }
  const path = `Appointment?identifier=${encodeURIComponent(`${agendas.marks}|`)}&_summary=count`;
  const { total } = answered(await server.ask({ method: 'GET', path })) as { readonly total?: number };
  const there = [...evidence.versions.values()].filter((all) => standing(all)?.isIdentified).length;
  if (total !== there) offences.push(`A search counts ${String(total)} Appointments; there are ${String(there)}.`);
  return offences;
}

/** What a Slot is by the Appointments. Undefined where two pools have one Slot, each with room of its own. */
export function statusOf(
  agendas: Agendas,
  place: Place,
  occupancies: readonly Occupancy[],
): Slot['status'] | undefined {
  if (place.agenda === 'pools' || place.agenda === 'limited' || place.agenda === 'solo') return undefined;
  const meets = (one: Occupancy) => one.startMs < place.endMs && place.startMs < one.endMs;
  const near = occupancies.filter(
    (one) => meets(one) && one.place.timelines.some((name) => place.timelines.includes(name)),
  );
  const own = near.filter((one) => one.place === place);
  const capacity = agendas.capacityOf(place, undefined);
  if (own.filter(({ isPending }) => !isPending).length >= capacity) return 'busy';
  if (near.length > own.length) return 'busy-unavailable';
  return own.length >= capacity ? 'busy-tentative' : 'free';
}

async function searchOffences(
  server: ServerInProcess,
  place: Place,
  occupancies: readonly Occupancy[],
): Promise<readonly string[]> {
  const path = `Appointment?slot=Slot/${place.slot}&status=pending,booked,arrived&_count=1000`;
  const found = resourcesIn(answered(await server.ask({ method: 'GET', path }))) as readonly Appointment[];
  const ids = found.map(({ id }) => `Appointment/${id ?? ''}`).toSorted();
  const expected = occupancies.filter((one) => one.place === place).map(({ by }) => by);
  if (ids.join() === expected.toSorted().join()) return [];
  return [
    `A search finds ${ids.join(', ') || 'nobody'} on Slot/${place.slot}; there are ${expected.join(', ') || 'none'}.`,
  ];
}

/** @throws {Error} for what is no answer that was asked for; `kind: 'unavailable'` where the database is away */
export function answered({ status, body }: Reply): unknown {
  if (status < 300) return body;
  const message = `The check was answered with ${String(status)}: ${JSON.stringify(body)}`;
  throw Object.assign(new Error(message), status === 503 && { kind: 'unavailable' });
}
