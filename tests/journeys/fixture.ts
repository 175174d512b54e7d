/** The fixture of `docs/scheduling-cases.md`: Schedule/s1 with the stored Slots A to G, Schedule/s2 with H. */
import type { Appointment, FhirResource, Slot } from 'fhir/r4.js';

const slot = (id: string, status: Slot['status'], start: string, end: string, schedule = 's1'): Slot => ({
  resourceType: 'Slot',
  id,
  schedule: { reference: `Schedule/${schedule}` },
  status,
  start: `2027-${start}:00Z`,
  end: `2027-${end}:00Z`,
});

const serviceType = [{ coding: [{ system: 'http://ex.org/v', code: 'fu' }] }];

export const SCHEDULES: FhirResource[] = [
  {
    resourceType: 'Practitioner',
    id: 'p1',
    identifier: [{ system: 'http://npi', value: '111' }],
    name: [{ family: 'Haddad', given: ['Noor'] }],
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'America/New_York' }],
  },
  { resourceType: 'Practitioner', id: 'p2' },
  { resourceType: 'Location', id: 'l1', name: 'Lakeside' },
  { resourceType: 'Patient', id: 'q1' },
  { resourceType: 'Patient', id: 'q2' },
  {
    resourceType: 'Schedule',
    id: 's1',
    active: true,
    actor: [{ reference: 'Practitioner/p1' }, { reference: 'Location/l1' }],
    serviceType,
    planningHorizon: { start: '2027-01-01', end: '2027-12-31' },
  },
  { resourceType: 'Schedule', id: 's2', actor: [{ reference: 'Practitioner/p2' }] },
];

export const SLOTS: Slot[] = [
  { ...slot('A', 'free', '03-15T13:00', '03-15T13:30'), serviceType },
  slot('B', 'free', '03-15T13:30', '03-15T14:00'),
  slot('C', 'busy', '03-15T14:00', '03-15T14:30'),
  slot('D', 'busy-unavailable', '03-15T14:30', '03-15T15:00'),
  slot('E', 'busy-tentative', '03-15T15:00', '03-15T15:30'),
  slot('F', 'entered-in-error', '03-15T15:30', '03-15T16:00'),
  slot('G', 'free', '03-16T13:00', '03-16T13:30'),
  slot('H', 'free', '03-15T13:00', '03-15T13:30', 's2'),
];

export const APPOINTMENTS: Appointment[] = [
  {
    resourceType: 'Appointment',
    id: 'a1',
    status: 'booked',
    start: '2027-03-15T14:00:00Z',
    end: '2027-03-15T14:30:00Z',
    slot: [{ reference: 'Slot/C' }],
    participant: [
      { actor: { reference: 'Patient/q1' }, status: 'accepted' },
      { actor: { reference: 'Practitioner/p1' }, status: 'accepted' },
    ],
  },
  {
    resourceType: 'Appointment',
    id: 'a2',
    status: 'proposed',
    participant: [{ actor: { reference: 'Patient/q2' }, status: 'needs-action' }],
  },
];
