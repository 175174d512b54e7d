import type { Appointment } from 'fhir/r4.js';
import type { Interval } from '../../base/interval.js';
import { POOL_URL, slotIdOn, type ResourceVersion, type Transaction } from '../../booking/index.js';
import { localDateOf } from '../../zones/index.js';
import { customerOf, type Customer } from './customer.js';
import { serviceKey, serviceOfKey, type Service } from './service.js';
import { slotOfPool, type TimeSlot } from './time-slot.js';
import { occurrenceOf, textOfDate, utcText } from './times.js';

/** The statuses of bookings. */
export const STATUSES = ['pending', 'confirmed', 'cancelled'] as const;
export type BookingStatus = (typeof STATUSES)[number];

/** What an Appointment of each status is here; those without a row are not shown. */
const SHOWN_AS: Readonly<Partial<Record<Appointment['status'], BookingStatus>>> = {
  pending: 'pending',
  booked: 'confirmed',
  arrived: 'confirmed',
  'checked-in': 'confirmed',
  fulfilled: 'confirmed',
  cancelled: 'cancelled',
  noshow: 'cancelled',
  'entered-in-error': 'cancelled',
};

/** What an Appointment becomes that gets a status here. */
export const BECOMES: Readonly<Record<BookingStatus, Appointment['status']>> = {
  pending: 'pending',
  confirmed: 'booked',
  cancelled: 'cancelled',
};

/** A booking: an Appointment on the Schedule of a service. */
export interface Booking {
  readonly number: number;
  readonly service: number;
  readonly timeSlot: number;
  /** `YYYY-MM-DD`, in the zone of the service. */
  readonly date: string;
  readonly status: BookingStatus;
  readonly customer: Customer;
  readonly appointment: Appointment & { readonly id: string };
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A booking as JSON. @param asTimestamp the date goes back as a timestamp, as it came */
export function bookingJson(booking: Booking, asTimestamp = false): object {
  const { appointment, status, createdMs, updatedMs, date } = booking;
  const reason = appointment.cancelationReason?.text;
  return {
    id: booking.number,
    service_id: booking.service,
    time_slot_id: booking.timeSlot,
    date: textOfDate({ date, asTimestamp }),
    status,
    ...(status === 'cancelled' && reason !== undefined && { cancel_reason: reason }),
    message: appointment.comment ?? null,
    customer_id: booking.number,
    customer: customerJson(booking),
    version: booking.version,
    created_at: utcText(createdMs),
    updated_at: utcText(updatedMs),
  };
}

/** The customer of a booking as JSON: it bears the number of its booking. */
export function customerJson({ number, customer, createdMs, updatedMs }: Booking): object {
  return {
    id: number,
    name: customer.name ?? null,
    email: customer.email ?? null,
    phone: customer.phone ?? null,
    created_at: utcText(createdMs),
    updated_at: utcText(updatedMs),
  };
}

/** The id of the Appointment of a booking that was made here. */
export function bookingKey(number: number): string {
  return `rk-booking-${number}`;
}

/** The booking of such an id; undefined for what others made. */
export function bookingOfKey(id: string): number | undefined {
  const [, digits] = /^rk-booking-([1-9]\d{0,14})$/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The Appointment as a booking of its service; undefined where it is none. */
export async function readBooking(
  transaction: Pick<Transaction, 'read'>,
  version: ResourceVersion,
  number: number,
  service: Service,
): Promise<Booking | undefined> {
  const appointment = { ...(JSON.parse(version.text) as Appointment), id: version.id };
  const status = SHOWN_AS[appointment.status];
  const startMs = Date.parse(appointment.start ?? '');
  const timeSlot = timeSlotOf(appointment, service);
  if (!status || Number.isNaN(startMs) || timeSlot === undefined) return undefined;
  const updatedMs = version.updatedMs ?? 0;
  return {
    number,
    service: service.number,
    timeSlot,
    date: localDateOf(service.zone, startMs),
    status,
    customer: await customerOf(transaction, appointment),
    appointment,
    version: Number(version.versionId),
    createdMs: appointment.created === undefined ? updatedMs : Date.parse(appointment.created),
    updatedMs,
  };
}

/** By the pool in which it counts; where none is told, by its time, unless that is time of another Schedule. */
function timeSlotOf(appointment: Appointment, { number: service, slots, zone }: Service): number | undefined {
  const [told] = slotsInPools(appointment);
  if (told !== undefined) return told;
  const [startMs, endMs] = [Date.parse(appointment.start ?? ''), Date.parse(appointment.end ?? '')];
  if (Number.isNaN(startMs)) return undefined;
  const named = (appointment.slot ?? []).map(({ reference = '' }) => reference);
  const isAt = (time: Interval) =>
    time.startMs === startMs &&
    time.endMs === endMs &&
    (named.length === 0 || named.some((one) => one.endsWith(`Slot/${slotIdOn(serviceKey(service), time)}`)));
  return slots.find((slot) => isAt(timeOf(slot, localDateOf(zone, startMs), zone)))?.number;
}

/** The time slots in whose pools an Appointment counts. */
export function slotsInPools({ extension = [] }: Appointment): readonly number[] {
  return extension.flatMap(({ url, valueString = '' }) => (url === POOL_URL ? (slotOfPool(valueString) ?? []) : []));
}

/** The services that an Appointment names, by its participants or by the Schedules of which it has time. */
export function servicesNamed({ participant, supportingInformation = [] }: Appointment): readonly number[] {
  const references = [...participant.map(({ actor }) => actor), ...supportingInformation];
  return references.flatMap((one) => {
    const [, id = ''] = /(?:^|\/)(?:HealthcareService|Schedule)\/([^/]+)$/.exec(one?.reference ?? '') ?? [];
    return serviceOfKey(id) ?? [];
  });
}

/** The time of a time slot on a date. */
export function timeOf({ start, end }: TimeSlot, date: string, zone: string): Interval {
  return occurrenceOf(start.clock, end.clock, date, zone);
}
