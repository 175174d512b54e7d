import type { Extension, HealthcareService, Identifier, Schedule } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import { TIMEZONE_URL, type ResourceVersion, type Transaction } from '../../booking/index.js';
import { ApiError } from './errors.js';
import { timeSlotsOf, withTimeSlots, type TimeSlot } from './time-slot.js';
import { utcText } from './times.js';

/** The systems of the ids of services and of time slots, which stand as identifiers on the resources. */
export const SERVICE_SYSTEM = 'https://fhir-slots.dev/fhir/NamingSystem/reservekit-service';
export const TIME_SLOT_SYSTEM = 'https://fhir-slots.dev/fhir/NamingSystem/reservekit-time-slot';

/** Whose services they are: there is one account. */
const PROVIDER_ID = 'fhir-slots';

/** A service: a HealthcareService and a Schedule of one id, whose actor it is. */
export interface Service {
  readonly number: number;
  readonly name: string;
  readonly description?: string;
  readonly zone: string;
  readonly version: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly schedule: Schedule;
  readonly slots: readonly TimeSlot[];
}

/** A service as JSON, without its time slots. */
export function serviceJson(service: Service): object {
  return {
    id: service.number,
    name: service.name,
    description: service.description ?? null,
    timezone: service.zone,
    version: service.version,
    provider_id: PROVIDER_ID,
    created_at: utcText(service.createdMs),
    updated_at: utcText(service.updatedMs),
  };
}

/** The id of both resources of a service. */
export function serviceKey(number: number): string {
  return `rk-service-${number}`;
}

/** The service of an id of its resources; undefined for those of others. */
export function serviceOfKey(id: string): number | undefined {
  const [, digits] = /^rk-service-([1-9]\d{0,14})$/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** @throws {ApiError} `service_not_found` */
export async function readService(transaction: Transaction, number: number): Promise<Service> {
  const id = serviceKey(number);
  const stored = await transaction.read('HealthcareService', id);
  const schedule = await transaction.read('Schedule', id);
  const service = stored && schedule && serviceOf(number, stored, JSON.parse(schedule.text) as Schedule);
  if (!service) throw new ApiError('service_not_found', `No service has the id ${number}`);
  return service;
}

function serviceOf(number: number, stored: ResourceVersion, schedule: Schedule): Service | undefined {
  const resource = JSON.parse(stored.text) as HealthcareService;
  const own = resource.identifier?.find(({ system }) => system === SERVICE_SYSTEM);
  if (!own) return undefined;
  const { name = '', comment } = resource;
  const updatedMs = stored.updatedMs ?? 0;
  const created = own.period?.start;
  return {
    number,
    name,
    ...(comment !== undefined && { description: comment }),
    zone: schedule.extension?.find(({ url }) => url === TIMEZONE_URL)?.valueCode ?? 'UTC',
    version: Number(stored.versionId),
    createdMs: created === undefined ? updatedMs : Date.parse(created),
    updatedMs,
    schedule,
    slots: timeSlotsOf(schedule),
  };
}

/** What a new service is made of. */
export interface NewService {
  readonly number: number;
  readonly name: string;
  readonly description: string | undefined;
  readonly zone: string;
  readonly slots: readonly TimeSlot[];
}

/** Writes the resources of a new service. */
export async function createService(transaction: Transaction, made: NewService, nowMs: number): Promise<void> {
  const id = serviceKey(made.number);
  const identifier = [{ ...identifierOf(SERVICE_SYSTEM, made.number), period: { start: instantText(nowMs) } }];
  await transaction.put({
    resourceType: 'HealthcareService',
    id,
    identifier,
    active: true,
    name: made.name,
    ...(made.description !== undefined && { comment: made.description }),
  });
  const schedule = {
    resourceType: 'Schedule' as const,
    id,
    identifier,
    active: true,
    actor: [{ reference: `HealthcareService/${id}`, display: made.name }],
    extension: [{ url: TIMEZONE_URL, valueCode: made.zone }],
  };
  await transaction.put({ ...schedule, ...slotElements(schedule, made.slots) });
}

/** The elements of a Schedule that say its time slots. One that goes keeps its identifier, as an old one. */
export function slotElements(
  schedule: Schedule,
  slots: readonly TimeSlot[],
): { readonly extension: Extension[]; readonly identifier: Identifier[] } {
  const numbers = new Set(slots.map(({ number }) => String(number)));
  const { identifier = [] } = schedule;
  const kept = identifier.map((one): Identifier => {
    if (one.system !== TIME_SLOT_SYSTEM || numbers.has(one.value ?? '')) return one;
    return { ...one, use: 'old' };
  });
  const known = new Set(identifier.filter(({ system }) => system === TIME_SLOT_SYSTEM).map(({ value }) => value));
  const fresh = slots.filter(({ number }) => !known.has(String(number)));
  return {
    extension: withTimeSlots(schedule, slots),
    identifier: [...kept, ...fresh.map(({ number }) => identifierOf(TIME_SLOT_SYSTEM, number))],
  };
}

/** The extensions of a Schedule with another zone. */
export function withZone(extension: readonly Extension[], zone: string): Extension[] {
  return [{ url: TIMEZONE_URL, valueCode: zone }, ...extension.filter(({ url }) => url !== TIMEZONE_URL)];
}

function identifierOf(system: string, number: number): Identifier {
  return { system, value: String(number) };
}
