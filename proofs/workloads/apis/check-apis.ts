/** When nothing is held any more, Overbooked and ReserveKit count as FHIR does. */
import type { Agendas, Place } from '../bookings/agendas.js';
import { answered, statusOf } from '../bookings/check-answers.js';
import { occupanciesIn } from '../bookings/check-standing.js';
import type { Evidence } from '../bookings/evidence.js';
import type { Occupancy } from '../bookings/occupancy.js';
import type { ServerInProcess } from '../bookings/server.js';
import { headersOf } from './key.js';
import type { Booking } from './reservekit.js';

interface SlotCounts {
  readonly num_active_bookings: number;
  readonly available: boolean;
}

interface TimeSlotCounts {
  readonly id: number;
  readonly available: boolean;
  readonly remaining: number;
}

/** Asks both for every time of theirs. */
export function apiOffences(server: ServerInProcess, agendas: Agendas) {
  const headers = headersOf(agendas.run);
  const data = async (path: string) =>
    (answered(await server.ask({ method: 'GET', path, headers })) as { readonly data: unknown }).data;
  return async (evidence: Evidence): Promise<readonly string[]> => {
    const occupancies = occupanciesIn(evidence, agendas);
    const service = String(agendas.service?.number);
    const { bookings } = (await data(`v1/services/${service}/bookings`)) as { readonly bookings: readonly Booking[] };
    const offences: string[] = [];
    for (const place of agendas.places) {
      if (place.stored) {
        const slot = (await data(`slots/${place.slot}`)) as SlotCounts;
        const active = (await data(`bookings?slot_id=${place.slot}&status=active`)) as readonly unknown[];
        offences.push(...offencesOfSlot(agendas, place, occupancies, slot, active.length));
      }
      if (place.agenda !== 'service' && place.agenda !== 'nextWeek') continue;
      const date = agendas.dateOf(place);
      const path = `v1/time-slots?service_id=${service}&date=${date}&no_pagination=true`;
      const { time_slots: slots } = (await data(path)) as { readonly time_slots: readonly TimeSlotCounts[] };
      const slot = slots.find(({ id }) => id === agendas.service?.timeSlots[place.at]);
      const listed = bookings.filter(
        (one) => one.time_slot_id === slot?.id && one.date === date && one.status !== 'cancelled',
      );
      offences.push(...offencesOfTimeSlot(agendas, place, occupancies, slot, listed.length));
    }
    return offences;
  };
}

function offencesOfSlot(
  agendas: Agendas,
  place: Place,
  occupancies: readonly Occupancy[],
  { num_active_bookings: told, available }: SlotCounts,
  listed: number,
): readonly string[] {
  const name = `Overbooked's slot ${place.slot}`;
  const active = occupancies.filter((one) => one.place === place).length;
  const isFree = statusOf(agendas, place, occupancies) === 'free';
  return [
    ...(told === active ? [] : [`${name} tells of ${String(told)} active bookings; there are ${String(active)}.`]),
    ...(listed === active ? [] : [`${name} lists ${String(listed)} active bookings; there are ${String(active)}.`]),
    ...(available === isFree ? [] : [`${name} is ${available ? '' : 'not '}available; its Slot says otherwise.`]),
  ];
}

function offencesOfTimeSlot(
  agendas: Agendas,
  place: Place,
  occupancies: readonly Occupancy[],
  told: TimeSlotCounts | undefined,
  listed: number,
): readonly string[] {
  const name = `ReserveKit's time slot at ${place.agenda} ${String(place.at)}`;
  const taken = occupancies.filter((one) => one.place === place).length;
  const isFree = statusOf(agendas, place, occupancies) === 'free';
  const left = isFree ? agendas.capacityOf(place, undefined) - taken : 0;
  return [
    ...(listed === taken ? [] : [`${name} lists ${String(listed)} bookings; there are ${String(taken)}.`]),
    ...(told?.remaining === left ? [] : [`${name} has ${String(told?.remaining)} left; there are ${String(left)}.`]),
    ...(told?.available === left > 0 ? [] : [`${name} is ${told?.available ? '' : 'not '}available.`]),
  ];
}
