import { createHash } from 'node:crypto';
import type { Appointment, Schedule, Slot } from 'fhir/r4.js';
import { instantText } from '../../base/clock.js';
import type { ScheduleState, StoredSlotState } from '../../booking/index.js';
import { localText } from '../../zones/index.js';
import {
  ACTIVE_STATUSES,
  cutOffSecondsOf,
  extensionOf,
  isPastCutOff,
  LOCKABLE_URL,
  PUBLIC_SCHEDULING_URL,
  type Stored,
} from './fhir-elements.js';
import { metadataOf } from './metadata.js';

const SHORT_ID_CHARACTERS = 11;
const SHORT_ID_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const MS_PER_SECOND = 1_000;
/** Within these, the clocks of all zones show years from 0001 to 9999. */
const ZONED_FROM_MS = Date.parse('0001-01-02T00:00:00Z');
const ZONED_TO_MS = Date.parse('9999-12-30T00:00:00Z');

/** When a thing was created, and changed last. */
export interface Stamps {
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What is counted of a slot or resource. */
export interface BookingCounts {
  readonly active: number;
  readonly cancelled: number;
}

export interface SlotCounts {
  readonly slots: number;
  readonly availableSlots: number;
}

/** A resource of the API, of a Schedule. */
export function resourceObject(
  { schedule, zone }: Pick<ScheduleState, 'schedule' | 'zone'>,
  id: string,
  stamps: Stamps,
  bookings: BookingCounts,
  slots: SlotCounts,
): object {
  return {
    _object: 'resource',
    id,
    name: schedule.comment ?? schedule.actor[0]?.display ?? id,
    status: isPublished(schedule) ? 'published' : 'draft',
    timezone: zone,
    short_id: shortIdOf(id),
    metadata: metadataOf(schedule.extension),
    booking_disabled_before: cutOffSecondsOf(schedule),
    public_scheduling_enabled: extensionOf(schedule.extension, PUBLIC_SCHEDULING_URL)?.valueBoolean ?? false,
    num_slots: slots.slots,
    num_available_slots: slots.availableSlots,
    ...countedBookings(bookings),
    ...stampsOf(stamps),
  };
}

/** A slot of the API, of a stored Slot. @param state absent: it has no time here */
export function slotObject(
  slot: Stored<Slot>,
  scheduleId: string,
  stamps: Stamps,
  state: StoredSlotState | undefined,
  bookings: BookingCounts,
  nowMs: number,
): object {
  const lockedUntilMs = state?.places.lockedUntilMs;
  const zone = state?.zone ?? 'UTC';
  return {
    _object: 'slot',
    id: slot.id,
    resource_id: scheduleId,
    start_date: zonedText(zone, Date.parse(slot.start)),
    end_date: zonedText(zone, Date.parse(slot.end)),
    capacity: state?.places.capacity ?? 1,
    status: isDisabled(state) ? 'disabled' : 'active',
    available: isAvailable(slot, state, nowMs),
    lockable: extensionOf(slot.extension, LOCKABLE_URL)?.valueBoolean ?? true,
    locked_until: lockedUntilMs === undefined ? null : instantText(lockedUntilMs),
    metadata: metadataOf(slot.extension),
    ...countedBookings(bookings),
    ...stampsOf(stamps),
  };
}

/** A booking of the API, of an Appointment in a stored Slot. */
export function bookingObject(
  appointment: Stored<Appointment>,
  stamps: Stamps,
  place: { readonly slotId: string; readonly scheduleId: string },
): object {
  return {
    _object: 'booking',
    id: appointment.id,
    resource_id: place.scheduleId,
    slot_id: place.slotId,
    status: ACTIVE_STATUSES.includes(appointment.status) ? 'active' : 'cancelled',
    metadata: metadataOf(appointment.extension),
    ...stampsOf(stamps),
  };
}

/** A draft is a Schedule that is not active. */
export function isPublished({ active }: Pick<Schedule, 'active'>): boolean {
  return active !== false;
}

/** Somebody closed it, or it has no time here at all. */
function isDisabled(state: StoredSlotState | undefined): boolean {
  return state?.places.isClosed ?? true;
}

/** Whether there is a seat to be had. A lock does not matter, nor does it whether the slot is over. */
export function isAvailable(slot: Pick<Slot, 'start'>, state: StoredSlotState | undefined, nowMs: number): boolean {
  if (!state?.isActive || isDisabled(state) || state.places.isBlocked) return false;
  return state.places.taken < state.places.capacity && !isPastCutOff(state.schedule, Date.parse(slot.start), nowMs);
}

/** A time on the clocks of a zone, with its offset then; in UTC where these show no year of four digits. */
function zonedText(zone: string, ms: number): string {
  if (ms < ZONED_FROM_MS || ms > ZONED_TO_MS) return instantText(ms);
  const fraction = ((ms % MS_PER_SECOND) + MS_PER_SECOND) % MS_PER_SECOND;
  const written = localText(zone, ms);
  return fraction === 0 ? written : written.replace(/(?=[+-]\d\d:\d\d$)/, `.${String(fraction).padStart(3, '0')}`);
}

function stampsOf({ createdMs, updatedMs }: Stamps) {
  return { created_at: instantText(createdMs), updated_at: instantText(updatedMs) };
}

function countedBookings({ active, cancelled }: BookingCounts) {
  return { num_bookings: active + cancelled, num_active_bookings: active, num_cancelled_bookings: cancelled };
}

/** Always the same of the same id, so that it need not be kept. */
function shortIdOf(id: string): string {
  const bytes = createHash('sha256').update(id).digest();
  return Array.from(bytes.subarray(0, SHORT_ID_CHARACTERS), (byte) => SHORT_ID_ALPHABET[byte % 62]).join('');
}
