import type { Appointment, Extension } from 'fhir/r4.js';
import { instantMs } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { isObject, type JsonObject } from '../fhir/index.js';
import { weeksLater } from './find-series.js';
import { without } from './without.js';
import { isZone, localText, weekdayOf } from '../zones/index.js';

/** A series, by its first visit: an extension of R5 (docs/operations.md §4). */
const RECURRENCE_URL = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
/** Visits of a series. */
export const SERIES_VISITS_MAX = 52;
/** Weeks from one visit of a series to the next. */
export const SERIES_WEEKS_MAX = 52;
/** Parts of a weekly template. */
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Whether an Appointment is the first of a series. */
export function isRecurring({ extension = [] }: Appointment): boolean {
  return extension.some(({ url }) => url === RECURRENCE_URL);
}

/**
 * The visits of a series, each at the local time of the first (docs/operations.md §1.4), which is the resource
 * itself; it alone where it is none.
 *
 * @throws {Fault} `rule` for a series that is not weekly, or without a zone, or of too many visits or too many weeks
 * between them; `invalid` where the years end
 */
export function seriesOf(exact: JsonObject): readonly JsonObject[] {
  const extensions = Array.isArray(exact['extension']) ? (exact['extension'] as unknown[]) : [];
  const template = extensions.find((one) => isObject(one) && one['url'] === RECURRENCE_URL);
  if (!template) return [exact];
  const { count, weekInterval, zone, days } = readTemplate(JSON.parse(JSON.stringify(template)) as Extension);
  const [startMs, endMs] = [instantMs(String(exact['start'])), instantMs(String(exact['end']))];
  if (!(startMs < endMs))
    throw fault('required', 'A series needs start and end of its first visit.', 'Appointment.start');
  const weekday = WEEKDAYS[weekdayOf(localText(zone, startMs).slice(0, 'YYYY-MM-DD'.length)) - 1];
  if (days.some((day) => day !== weekday)) {
    throw fault('rule', 'The visits of a series fall on the weekday of the first one.', 'Appointment.extension');
  }
  return Array.from({ length: count }, (_, visit) => {
    const visitMs = weeksLater(zone, startMs, visit * weekInterval);
    const [start, end] = [localText(zone, visitMs), localText(zone, visitMs + (endMs - startMs))];
    return visit === 0 ? exact : { ...without(exact, 'id', 'slot', 'requestedPeriod'), start, end };
  });
}

function readTemplate({ extension: parts = [] }: Extension) {
  const part = (url: string) => parts.find((one) => one.url === url);
  const type = part('recurrenceType')?.valueCodeableConcept?.coding?.[0]?.code;
  const count = part('occurrenceCount')?.valuePositiveInt ?? 1;
  const weekly = part('weeklyTemplate')?.extension ?? [];
  const weekInterval = weekly.find(({ url }) => url === 'weekInterval')?.valuePositiveInt ?? 1;
  const timezone = part('timezone');
  const zone = timezone?.valueCode ?? timezone?.valueCodeableConcept?.coding?.[0]?.code ?? '';
  const expression = 'Appointment.extension';
  if (type !== 'wk') throw fault('rule', 'Series are weekly here: recurrenceType wk.', expression);
  if (!isZone(zone))
    throw fault('rule', 'A series needs the zone of its local time, such as Europe/Paris.', expression);
  if (count > SERIES_VISITS_MAX) {
    throw fault('rule', `A series has at most ${SERIES_VISITS_MAX} visits.`, expression);
  }
  if (weekInterval > SERIES_WEEKS_MAX) {
    throw fault('rule', `Between two visits of a series lie at most ${SERIES_WEEKS_MAX} weeks.`, expression);
  }
  const days = WEEKDAYS.filter((day) => weekly.some(({ url, valueBoolean }) => url === day && valueBoolean === true));
  return { count, weekInterval, zone, days };
}
