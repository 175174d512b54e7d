/** What stands at one moment: no more than there is room for, and claims and Appointments that are the same. */
import type { Agendas } from './agendas.js';
import { standing, type Evidence } from './evidence.js';
import { excess, occupanciesOf, type Occupancy } from './occupancy.js';
import { occupiesAt } from './told.js';

const MS_PER_DAY = 86_400_000;

/** The places that are had at the moment of the evidence. */
export function occupanciesIn({ versions, nowMs }: Evidence, agendas: Agendas): readonly Occupancy[] {
  return [...versions.values()].flatMap((all) => {
    const seen = standing(all);
    return seen && occupiesAt(seen, nowMs) ? occupanciesOf(agendas, seen) : [];
  });
}

export function standingOffences(evidence: Evidence, agendas: Agendas): readonly string[] {
  const occupancies = occupanciesIn(evidence, agendas);
  const offences = occupancies.flatMap((one) => excess(agendas, one, occupancies) ?? []);
  return [...offences, ...claimOffences(evidence, occupancies)];
}

/** Each place that is had is claimed in every day of every timeline that it touches, and no other is. */
function claimOffences({ claims, nowMs }: Evidence, occupancies: readonly Occupancy[]): readonly string[] {
  const expected = new Set(occupancies.flatMap(claimsOf));
  const offences: string[] = [];
  for (const [unit, all] of claims) {
    for (const { by, kind, slot = '', startMs, endMs, untilMs = Infinity } of all) {
      if (untilMs <= nowMs || !['booked', 'held'].includes(kind)) continue;
      const claim = claimText(unit, by, slot, startMs, endMs);
      if (!expected.delete(claim)) offences.push(`There is a claim without its Appointment: ${claim}.`);
    }
  }
  return [...offences, ...[...expected].map((claim) => `There is an Appointment without its claim: ${claim}.`)];
}

function claimsOf({ by, place, startMs, endMs }: Occupancy): readonly string[] {
  const first = Math.floor(startMs / MS_PER_DAY);
  const days = Array.from({ length: Math.ceil(endMs / MS_PER_DAY) - first }, (_, at) => first + at);
  return place.timelines.flatMap((timeline) =>
    days.map((day) => claimText(`${timeline}/${String(day)}`, by, place.slot, place.startMs, place.endMs)),
  );
}

function claimText(unit: string, by: string, slot: string, startMs: number, endMs: number): string {
  return `${by} on Slot/${slot} from ${String(startMs)} to ${String(endMs)} in ${unit}`;
}
