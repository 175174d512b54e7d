import type { Extension } from 'fhir/r4.js';
import { instantText, MS_PER_DAY } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { isObject, type JsonObject } from '../fhir/index.js';
import { instantOfLocal, isZone, localText } from '../zones/index.js';

/** https://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate: a series, by its first visit. */
const RECURRENCE_URL = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.recurrenceTemplate';
/** Visits of a series. */
export const SERIES_VISITS_MAX = 52;
const DAYS_PER_WEEK = 7;

/**
 * The visits of a series, each at the local time of the first (reference/operations.md §1.4); the resource itself where
 * it is none.
 *
 * @throws {Fault} `rule` for a series that is not weekly, or without a zone, or of too many visits
 */
export function seriesOf(exact: JsonObject): readonly JsonObject[] {
  const extensions = Array.isArray(exact['extension']) ? (exact['extension'] as unknown[]) : [];
  const template = extensions.find((one) => isObject(one) && one['url'] === RECURRENCE_URL);
  if (!template) return [exact];
  const { count, weekInterval, zone } = readTemplate(JSON.parse(JSON.stringify(template)) as Extension);
  const [startMs, endMs] = [Date.parse(String(exact['start'])), Date.parse(String(exact['end']))];
  if (!(startMs < endMs))
    throw fault('required', 'A series needs start and end of its first visit.', 'Appointment.start');
  return Array.from({ length: count }, (_, visit) => {
    const start = weeksLater(startMs, visit * weekInterval, zone);
    const { slot, id: _id, ...rest } = exact;
    const first = visit === 0 && slot !== undefined ? { slot } : {};
    const end = localText(zone, Date.parse(start) + (endMs - startMs));
    return { ...rest, ...first, start, end };
  });
}

/** The same clock face so many weeks later. */
function weeksLater(ms: number, weeks: number, zone: string): string {
  if (weeks === 0) return localText(zone, ms);
  const face = localText(zone, ms).slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  const dayMs = Date.parse(`${face}Z`) + weeks * DAYS_PER_WEEK * MS_PER_DAY;
  return localText(zone, instantOfLocal(zone, instantText(dayMs).slice(0, face.length)));
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
  return { count, weekInterval, zone };
}
