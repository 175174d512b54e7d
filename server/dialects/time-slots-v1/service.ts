import type { Extension, HealthcareService, Identifier, Reference, Schedule } from 'fhir/r4.js';
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
  const service = await serviceIn(transaction, number);
  if (!service) throw new ApiError('service_not_found', `No service has the id ${number}`);
  return service;
}

/** A service; undefined where it is not there, or where other clients have deleted one of its resources. */
export async function serviceIn(transaction: Transaction, number: number): Promise<Service | undefined> {
  const id = serviceKey(number);
  const stored = await transaction.read('HealthcareService', id);
  const schedule = await transaction.read('Schedule', id);
  return stored && schedule && serviceOf(number, stored, JSON.parse(schedule.text) as Schedule);
}

/** Whether anything is left of a service: both of its resources, or one of them. */
export async function isAnyLeft(transaction: Transaction, number: number): Promise<boolean> {
  for (const type of ['HealthcareService', 'Schedule']) {
    const found = await transaction.read(type, serviceKey(number));
    const { identifier } = JSON.parse(found?.text ?? '{}') as HealthcareService | Schedule;
    if (ownIdentifier(identifier)) return true;
  }
  return false;
}

function ownIdentifier(identifiers: readonly Identifier[] = []): Identifier | undefined {
  return identifiers.find(({ system }) => system === SERVICE_SYSTEM);
}

function serviceOf(number: number, stored: ResourceVersion, schedule: Schedule): Service | undefined {
  const resource = JSON.parse(stored.text) as HealthcareService;
  const own = ownIdentifier(resource.identifier);
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

/** The same with the zone. */
export function scheduleElements(
  schedule: Schedule,
  { zone, slots }: Pick<Service, 'zone' | 'slots'>,
): ReturnType<typeof slotElements> {
  const { extension, identifier } = slotElements(schedule, slots);
  const others = extension.filter(({ url }) => url !== TIMEZONE_URL);
  return { extension: [{ url: TIMEZONE_URL, valueCode: zone }, ...others], identifier };
}

/** The elements of the Schedule of a service that tell its name: what `/resources` shows. */
export function nameElements({ id = '', actor, comment }: Schedule, name: string): Partial<Schedule> {
  const isOwn = ({ reference }: Reference) => reference === `HealthcareService/${id}`;
  return {
    actor: actor.map((one) => (isOwn(one) ? { ...one, display: name } : one)),
    ...(comment !== undefined && { comment: name }),
  };
}

function identifierOf(system: string, number: number): Identifier {
  return { system, value: String(number) };
}
