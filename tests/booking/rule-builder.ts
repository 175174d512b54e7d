import type { Extension, Schedule } from 'fhir/r4.js';
import { AVAILABILITY_URL } from '../../server/booking/read-rules.js';

/** A part of the availability extension: `part('capacity', { valuePositiveInt: 2 })`. */
export function part(url: string, value: Omit<Extension, 'url'>): Extension {
  return { url, ...value };
}

export function nested(url: string, ...extension: Extension[]): Extension {
  return { url, extension };
}

export function minutes(url: string, value: number, code = 'min'): Extension {
  return { url, valueDuration: { value, unit: code, system: 'http://unitsofmeasure.org', code } };
}

/** Hours as clock faces, on the days named (none: every day). */
export function hours(start: string, end: string, ...days: string[]): Extension {
  return nested(
    'availableTime',
    ...days.map((day) => part('daysOfWeek', { valueCode: day })),
    part('availableStartTime', { valueTime: `${start}:00` }),
    part('availableEndTime', { valueTime: `${end}:00` }),
  );
}

export function rule(...parts: Extension[]): Extension {
  return { url: AVAILABILITY_URL, extension: parts };
}

export function scheduleWith(rules: readonly Extension[], more: Partial<Schedule> = {}): Schedule {
  return {
    resourceType: 'Schedule',
    id: 's1',
    actor: [{ reference: 'Practitioner/p1' }],
    extension: [...rules],
    ...more,
  };
}
