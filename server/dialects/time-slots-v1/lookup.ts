import type { Appointment } from 'fhir/r4.js';
import type { Param, RequestContext, ResourceVersion, Transaction } from '../../booking/index.js';
import { bookingKey, bookingOfKey, readBooking, servicesNamed, slotsInPools, type Booking } from './booking.js';
import { ApiError } from './errors.js';
import type { ApiParts } from './parts.js';
import { SERVICE_SYSTEM, serviceIn, serviceKey, serviceOfKey, TIME_SLOT_SYSTEM, type Service } from './service.js';
import type { TimeSlot } from './time-slot.js';

/** The kinds of things that have numbers, each counted by itself. */
export const NUMBERED = { service: 'rk-service', timeSlot: 'rk-time-slot', booking: 'rk-booking' } as const;

/** So many ids are found at once. */
const PAGE_IDS = '1000';

/** The numbers of all services of which both resources are there, in order. */
export async function serviceNumbers(parts: ApiParts, context: RequestContext): Promise<readonly number[]> {
  const withSchedules = new Set(await numbersIn(parts, 'Schedule', context));
  const named = await numbersIn(parts, 'HealthcareService', context);
  return named.filter((number) => withSchedules.has(number)).sort((a, b) => a - b);
}

async function numbersIn(
  { searches }: ApiParts,
  type: 'HealthcareService' | 'Schedule',
  context: RequestContext,
): Promise<readonly number[]> {
  const numbers: number[] = [];
  let params: readonly Param[] | undefined = [
    ['identifier', `${SERVICE_SYSTEM}|`],
    ['_elements', 'id'],
    ['_count', PAGE_IDS],
  ];
  while (params) {
    const { matches, next } = await searches.search(type, params, context);
    numbers.push(...matches.flatMap(({ id }) => serviceOfKey(id) ?? []));
    params = next;
  }
  return numbers;
}

/** The number of the service that has, or had, a time slot. */
export async function serviceOfSlot(
  { searches }: ApiParts,
  slot: number,
  context: RequestContext,
): Promise<number | undefined> {
  const params: readonly Param[] = [['identifier', `${TIME_SLOT_SYSTEM}|${slot}`]];
  const { matches } = await searches.search('Schedule', params, context);
  return matches.flatMap(({ id }) => serviceOfKey(id) ?? [])[0];
}

/**
 * A time slot and its service.
 *
 * @throws {ApiError} `time_slot_not_found`
 */
export async function findTimeSlot(
  parts: ApiParts,
  transaction: Transaction,
  number: number,
  context: RequestContext,
): Promise<{ readonly service: Service; readonly slot: TimeSlot }> {
  const missing = new ApiError('time_slot_not_found', `No time slot has the id ${number}`);
  const found = await serviceOfSlot(parts, number, context);
  if (found === undefined) throw missing;
  const service = await serviceIn(transaction, found);
  const slot = service?.slots.find((one) => one.number === number);
  if (!service || !slot) throw missing;
  return { service, slot };
}

/** The bookings of a service, whoever made them, by number. */
export async function bookingsOf(
  parts: ApiParts,
  transaction: Transaction,
  service: Service,
): Promise<readonly Booking[]> {
  return bookingsAmong(parts, transaction, service, await parts.places.appointmentsOn(serviceKey(service.number)));
}

/** Those of some of its Appointments, by number. */
export async function bookingsAmong(
  { numbers }: ApiParts,
  transaction: Transaction,
  service: Service,
  versions: readonly ResourceVersion[],
): Promise<readonly Booking[]> {
  const shown = versions.filter(({ text }) => isShown(JSON.parse(text) as Appointment));
  const others = shown.filter(({ id }) => bookingOfKey(id) === undefined).map(({ id }) => id);
  const given = await numbers.ofIds(NUMBERED.booking, others);
  const numberOf = new Map(others.map((id, at) => [id, given[at]]));
  const bookings: Booking[] = [];
  for (const version of shown) {
    const number = bookingOfKey(version.id) ?? numberOf.get(version.id);
    const booking = number === undefined ? undefined : await readBooking(transaction, version, number, service);
    if (booking) bookings.push(booking);
  }
  return bookings.sort((a, b) => a.number - b.number);
}

function isShown({ status }: Appointment): boolean {
  return status !== 'proposed' && status !== 'waitlist';
}

/** @throws {ApiError} `booking_not_found` */
export async function findBooking(
  parts: ApiParts,
  transaction: Transaction,
  number: number,
  context: RequestContext,
): Promise<{ readonly booking: Booking; readonly service: Service }> {
  const version = await appointmentOf(parts, transaction, number);
  const service = version && (await serviceOfAppointment(parts, transaction, version, context));
  const booking = version && service && (await readBooking(transaction, version, number, service));
  if (!booking) throw new ApiError('booking_not_found', `No booking has the id ${number}`);
  return { booking, service };
}

async function appointmentOf(
  { numbers }: ApiParts,
  transaction: Transaction,
  number: number,
): Promise<ResourceVersion | undefined> {
  const made = await transaction.read('Appointment', bookingKey(number));
  const id = made ? undefined : await numbers.idOf(NUMBERED.booking, number);
  return id === undefined ? made : transaction.read('Appointment', id);
}

async function serviceOfAppointment(
  parts: ApiParts,
  transaction: Transaction,
  { text }: ResourceVersion,
  context: RequestContext,
): Promise<Service | undefined> {
  const appointment = JSON.parse(text) as Appointment;
  const [slot] = slotsInPools(appointment);
  const [named = slot === undefined ? undefined : await serviceOfSlot(parts, slot, context)] =
    servicesNamed(appointment);
  return named === undefined ? undefined : serviceIn(transaction, named);
}
