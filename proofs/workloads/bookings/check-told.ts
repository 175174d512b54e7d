/** What other APIs told of bookings is what some version of their Appointments says. */
import type { Appointment } from 'fhir/r4.js';
import type { Evidence, Version } from './evidence.js';
import type { Asked, Seen, ToldBooking } from './told.js';

const ACTIVE = { pending: 'active', booked: 'active', arrived: 'active', 'checked-in': 'active', fulfilled: 'active' };
const GIVEN_UP = { cancelled: 'cancelled', noshow: 'cancelled', 'entered-in-error': 'cancelled' };

/** What each API calls an Appointment of a status. */
const SHOWN_AS: Readonly<Record<ToldBooking['api'], Readonly<Partial<Record<Appointment['status'], string>>>>> = {
  overbooked: { ...ACTIVE, ...GIVEN_UP },
  reservekit: {
    ...{ pending: 'pending', booked: 'confirmed', arrived: 'confirmed', 'checked-in': 'confirmed' },
    ...{ fulfilled: 'confirmed', ...GIVEN_UP },
  },
};

/** The attempts with the Appointments of which other APIs told them, as FHIR would have told. */
export function withVersions(
  evidence: Evidence,
  attempts: readonly Asked[],
): { readonly attempts: readonly Asked[]; readonly offences: readonly string[] } {
  const idsByMark = new Map([...evidence.versions].map(([id, all]) => [all[0]?.seen?.mark, id]));
  const offences: string[] = [];
  const found = attempts.map((attempt) => {
    const { id, told } = attempt;
    if (!told?.bookings) return attempt;
    const seen = told.bookings.flatMap((booking) => {
      const all = evidence.versions.get(booking.id ?? idsByMark.get(booking.mark) ?? '') ?? [];
      const [first, ...others] = versionsTold(all, booking);
      const one = others.length > 0 ? [first, ...others].find((any) => isShownAs(any, booking)) : first;
      if (one && isShownAs(one, booking)) return [one];
      const of = one ? `${one.status} on ${one.slots.join(', ')}` : 'not there';
      offences.push(`${id} was told of ${JSON.stringify(booking)}; that version is ${of}.`);
      return [];
    });
    return { ...attempt, told: { ...told, appointments: [...told.appointments, ...seen] } };
  });
  return { attempts: found, offences };
}

/** The version of a number, or those that were written at a moment: that in which a hold ends is maybe not stored. */
function versionsTold(all: readonly Version[], { version, updatedMs }: ToldBooking): readonly Seen[] {
  const stored = all.filter((one) => (version === undefined ? one.updatedMs === updatedMs : one.revision === version));
  if (stored.length > 0) return stored.flatMap(({ seen }) => seen ?? []);
  const last = all.at(-1)?.seen;
  if (last?.status !== 'pending' || last.holdUntilMs === undefined) return [];
  const isEnd = version === undefined ? last.holdUntilMs === updatedMs : last.version + 1 === version;
  return isEnd ? [{ ...last, version: last.version + 1, status: 'cancelled', lapsed: true }] : [];
}

function isShownAs(seen: Seen | undefined, { api, status, slot }: ToldBooking): boolean {
  if (!seen || SHOWN_AS[api][seen.status] !== status) return false;
  // A cancelled booking has no time any more; which one it had, APIs tell in their own ways.
  return status === 'cancelled' || seen.slots.includes(slot);
}
