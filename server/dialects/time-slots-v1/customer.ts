import type { Appointment, AppointmentParticipant, ContactPoint, FhirResource, Patient } from 'fhir/r4.js';
import type { Transaction } from '../../booking/index.js';
import type { Fields } from './fields.js';

/** The reference's patterns of customer fields. */
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+[1-9]\d{1,14}$/;

/** Of the contained Patient of a booking that was made here. */
const CONTAINED_ID = 'customer';

/** Who has a booking; it belongs to that booking alone. */
export interface Customer {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
}

/** The fields of a customer that a request names; an absent one stays as it is. */
export type CustomerFields = { readonly [K in keyof Customer]: Customer[K] | null };

/** Reads them. @param prefix `customer_` where they stand beside those of a booking */
export function customerFieldsOf(fields: Fields, prefix: '' | 'customer_'): CustomerFields {
  const read = {
    name: () => fields.text(`${prefix}name`),
    email: () => fields.text(`${prefix}email`, { pattern: EMAIL, form: 'an e-mail address' }),
    phone: () => fields.text(`${prefix}phone`, { pattern: PHONE, form: 'a phone number such as +6421555014' }),
  };
  const sent = Object.entries(read).filter(([name]) => fields.has(`${prefix}${name}`));
  return Object.fromEntries(sent.map(([name, value]) => [name, value() ?? null]));
}

/** A customer with the fields of a request. */
export function withFields(customer: Customer, fields: CustomerFields): Customer {
  const all = Object.entries({ ...customer, ...fields }).filter(([, value]) => value !== null);
  return Object.fromEntries(all);
}

/** The elements by which an Appointment has its customer: a Patient that it contains. */
export function customerElements(
  { name, email, phone }: Customer,
  others: readonly AppointmentParticipant[],
): { readonly contained: FhirResource[]; readonly participant: AppointmentParticipant[] } {
  const telecom: ContactPoint[] = [
    ...(email === undefined ? [] : [{ system: 'email' as const, value: email }]),
    ...(phone === undefined ? [] : [{ system: 'phone' as const, value: phone }]),
  ];
  const patient: Patient = {
    resourceType: 'Patient',
    id: CONTAINED_ID,
    ...(name !== undefined && { name: [{ text: name }] }),
    ...(telecom.length > 0 && { telecom }),
  };
  const actor = { reference: `#${CONTAINED_ID}`, ...(name !== undefined && { display: name }) };
  return { contained: [patient], participant: [{ actor, status: 'accepted' }, ...others] };
}

/** Whether the customer stands in the booking itself, and not in a Patient whom others know too. */
export function isContained({ contained = [] }: Appointment): boolean {
  return contained.some(({ resourceType, id }) => resourceType === 'Patient' && id === CONTAINED_ID);
}

/** Whether a participant is the contained customer. */
export function isCustomer({ actor }: AppointmentParticipant): boolean {
  return actor?.reference === `#${CONTAINED_ID}`;
}

/** The customer of an Appointment, whoever made it: its first Patient. */
export async function customerOf(
  transaction: Pick<Transaction, 'read'>,
  { contained = [], participant }: Appointment,
): Promise<Customer> {
  for (const { actor } of participant) {
    const { reference = '', display } = actor ?? {};
    const inside = contained.find(({ id }) => reference === `#${id ?? ''}`);
    if (inside?.resourceType === 'Patient') return ofPatient(inside as Patient, display);
    const [, id] = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference) ?? [];
    if (id === undefined) continue;
    const stored = await transaction.read('Patient', id);
    return stored ? ofPatient(JSON.parse(stored.text) as Patient, display) : named(display);
  }
  return {};
}

function ofPatient({ name: names = [], telecom = [] }: Patient, display: string | undefined): Customer {
  const [name] = names;
  const parts = [...(name?.given ?? []), name?.family].filter((one) => one !== undefined).join(' ');
  const text = name?.text ?? (parts === '' ? display : parts);
  const valueOf = (system: string) => telecom.find((one) => one.system === system)?.value;
  const [email, phone] = [valueOf('email'), valueOf('phone')];
  return { ...named(text), ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) };
}

function named(name: string | undefined): Customer {
  return name === undefined ? {} : { name };
}

/** Whether two customers are one: by e-mail, case aside; where one has none, by phone. */
export function isSame(a: Customer, b: Customer): boolean {
  if (a.email !== undefined) return a.email.toLowerCase() === b.email?.toLowerCase();
  return a.phone !== undefined && a.phone === b.phone;
}
