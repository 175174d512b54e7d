/**
 * By which parameter a resource belongs to the compartment of a Patient, for the served types that may.
 * Source: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export const PATIENT_COMPARTMENT: ReadonlyMap<string, string> = new Map([
  ['Appointment', 'actor'],
  ['AppointmentResponse', 'actor'],
  ['AuditEvent', 'patient'],
  ['Patient', 'link'],
  ['RelatedPerson', 'patient'],
  ['Schedule', 'actor'],
]);
