import type { Extension } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { refusalsOfComputed, type Claim } from '../claims/index.js';
import { addDays, instantOfLocal, localText, weekdayOf } from '../zones/index.js';
import { ANYBODY, type OfferedTime } from './find-times.js';

/** https://hl7.org/fhir/R5/appointment-definitions.html#Appointment.recurrenceTemplate, as R4 carries it. */
const RECURRENCE_URL = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const DAYS_PER_WEEK = 7;

/** So many weeks later at the same local time; the instant that the gap leads to, where the clocks skip it. */
export function weeksLater(zone: string, ms: number, weeks: number): number {
  const [date = '', time = ''] = localText(zone, ms).split('T');
  const whole = instantOfLocal(zone, `${addDays(date, weeks * DAYS_PER_WEEK)}T${time.slice(0, 'HH:MM:SS'.length)}`);
  return whole + (((ms % 1_000) + 1_000) % 1_000);
}

/** The visits of a weekly series at one local time, the first among them; undefined where the clocks skip one. */
export function visitsOf(first: Interval, zone: string, count: number): readonly Interval[] | undefined {
  const face = (ms: number) => localText(zone, ms).slice('2027-03-15T'.length, '2027-03-15T09:00:00'.length);
  const lengthMs = first.endMs - first.startMs;
  const visits = Array.from({ length: count }, (_, week) => {
    const startMs = week === 0 ? first.startMs : weeksLater(zone, first.startMs, week);
    return { startMs, endMs: startMs + lengthMs };
  });
  return visits.every(({ startMs }) => face(startMs) === face(first.startMs)) ? visits : undefined;
}

/**
 * Whether the visits of a series, each of which can be had alone, can be had together: only limits by month count one
 * of them against another.
 *
 * @param places how many Appointments each visit stands for
 */
export function areWithinLimits(visits: readonly OfferedTime[], places: number, nowMs: number): boolean {
  const taken: Claim[] = [];
  for (const { view, startMs, endMs, slot, rule } of visits) {
    const { facts, units } = view;
    if (!rule || !facts.rules.some(({ limits }) => limits.some(({ per }) => per === 'month'))) continue;
    const joined = { slots: units.slots, claims: [...units.claims, ...taken] };
    if (refusalsOfComputed({ startMs, endMs, slot }, facts, joined, ANYBODY, nowMs).refusals.length > 0) return false;
    for (let place = 0; place < places; place += 1) {
      const by = `visit ${taken.length}`;
      const buffers = { bufferBeforeMs: 0, bufferAfterMs: 0 };
      taken.push({ by, kind: 'booked', schedule: facts.id, stored: false, startMs, endMs, ...buffers });
    }
  }
  return true;
}

/** What a proposal says of the series that it is the first visit of. */
export function recurrenceTemplate(startMs: number, zone: string, count: number): Extension {
  const weekday = WEEKDAYS[weekdayOf(localText(zone, startMs).slice(0, '2027-03-15'.length)) - 1] ?? 'monday';
  const timezone = { coding: [{ system: 'https://www.iana.org/time-zones', code: zone }] };
  const weekly = { coding: [{ system: 'http://unitsofmeasure.org', code: 'wk', display: 'Weekly' }] };
  return {
    url: RECURRENCE_URL,
    extension: [
      { url: 'timezone', valueCodeableConcept: timezone },
      { url: 'recurrenceType', valueCodeableConcept: weekly },
      { url: 'occurrenceCount', valuePositiveInt: count },
      {
        url: 'weeklyTemplate',
        extension: [
          { url: weekday, valueBoolean: true },
          { url: 'weekInterval', valuePositiveInt: 1 },
        ],
      },
    ],
  };
}
