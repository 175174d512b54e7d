/** The clinic that the rows run on. */
import type { Appointment, FhirResource, Patient, Practitioner, Schedule, Slot } from 'fhir/r4.js';

const AVAILABILITY = 'https://fhir-slots.dev/fhir/StructureDefinition/availability';
const MS_PER_MINUTE = 60_000;

/** Stored Slots and past Appointments lie on from here, one after the other. */
const PAST_MS = Date.UTC(2020, 0, 6, 9);
const FUTURE_MS = Date.UTC(2090, 0, 2, 9);
const VISIT_MINUTES = 20;

export function practitioner(number: number): Practitioner {
  return { resourceType: 'Practitioner', id: `p${number}`, name: [{ family: `Haddad ${number}`, given: ['Noor'] }] };
}

export function patient(number: number): Patient {
  return {
    resourceType: 'Patient',
    id: `q${number}`,
    identifier: [{ system: 'http://example.org/mrn', value: String(number) }],
    name: [{ family: `Muller ${number}`, given: ['Ada', 'Mae'] }],
    gender: 'female',
    birthDate: '1980-05-17',
  };
}

/**
 * Five days a week with 8 slots of 20 minutes, so 40 in any week that does not begin within the hours.
 *
 * @param opens hour and minute of the opening
 */
export function ruleSchedule(id: string, opens: { hour: number; minute: number }, practitioners: number): Schedule {
  const face = (hour: number, minute: number) => `${two(hour)}:${two(minute)}:00`;
  return {
    resourceType: 'Schedule',
    id,
    active: true,
    serviceType: [{ coding: [{ system: 'http://example.org/visits', code: 'follow-up', display: 'Follow-up' }] }],
    actor: [{ reference: `Practitioner/p${practitioners}` }],
    extension: [
      {
        url: AVAILABILITY,
        extension: [
          { url: 'timezone', valueCode: 'UTC' },
          {
            url: 'availableTime',
            extension: [
              ...['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => ({ url: 'daysOfWeek', valueCode: day })),
              { url: 'availableStartTime', valueTime: face(opens.hour, opens.minute) },
              { url: 'availableEndTime', valueTime: face(opens.hour + 2, opens.minute + 40) },
            ],
          },
        ],
      },
    ],
  };
}

export function storedSchedule(number: number, practitionerNumber: number): Schedule {
  const actor = [{ reference: `Practitioner/p${practitionerNumber}` }];
  return { resourceType: 'Schedule', id: `stored-${number}`, active: true, actor };
}

/** @param place which one it is on its Schedule */
export function storedSlot(number: number, scheduleNumber: number, place: number, status: Slot['status']): Slot {
  return {
    resourceType: 'Slot',
    id: `slot-${number}`,
    schedule: { reference: `Schedule/stored-${scheduleNumber}` },
    status,
    serviceType: [{ coding: [{ system: 'http://example.org/visits', code: 'follow-up' }] }],
    ...visitTime(FUTURE_MS, place),
  };
}

/** @param place which one it is of its Practitioner: no two lie over one another */
export function pastAppointment(number: number, practitionerNumber: number, patientNumber: number, place: number) {
  return appointment(number, 'fulfilled', practitionerNumber, patientNumber, visitTime(PAST_MS, place));
}

/** The Appointment that keeps a stored Slot busy. */
export function slotAppointment(number: number, slot: Slot, practitionerNumber: number, patientNumber: number) {
  const { start, end } = slot;
  const made = appointment(number, 'booked', practitionerNumber, patientNumber, { start, end });
  return { ...made, slot: [{ reference: `Slot/${slot.id}` }] };
}

function appointment(
  number: number,
  status: Appointment['status'],
  practitionerNumber: number,
  patientNumber: number,
  time: { start: string; end: string },
): Appointment {
  return {
    resourceType: 'Appointment',
    id: `a${number}`,
    status,
    ...time,
    participant: [
      { actor: { reference: `Practitioner/p${practitionerNumber}` }, status: 'accepted' },
      { actor: { reference: `Patient/q${patientNumber}` }, status: 'accepted' },
    ],
  };
}

function visitTime(firstMs: number, place: number): { start: string; end: string } {
  const startMs = firstMs + place * VISIT_MINUTES * MS_PER_MINUTE;
  const text = (ms: number) => new Date(ms).toISOString();
  return { start: text(startMs), end: text(startMs + VISIT_MINUTES * MS_PER_MINUTE) };
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** NDJSON of resources, in pieces that are worth a write each. */
export function* ndjson(resources: Iterable<FhirResource>): Generator<string> {
  let piece = '';
  for (const resource of resources) {
    piece += `${JSON.stringify(resource)}\n`;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
