/** The resource types that this server stores and serves. */
export const SERVED_TYPES = [
  'Schedule',
  'Slot',
  'Appointment',
  'AppointmentResponse',
  'Practitioner',
  'PractitionerRole',
  'Location',
  'HealthcareService',
  'Organization',
  'Patient',
  'RelatedPerson',
  'Device',
  'AuditEvent',
] as const;

export type ServedType = (typeof SERVED_TYPES)[number];

const served: ReadonlySet<string> = new Set(SERVED_TYPES);

/** Whether a name is that of a served type, case and all. */
export function isServedType(name: string): name is ServedType {
  return served.has(name);
}
