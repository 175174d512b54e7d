import type { Appointment, Schedule, Slot } from 'fhir/r4.js';
import type { ListedVersion, RequestContext, StoredSlotState } from '../../booking/index.js';
import {
  ACTIVE_STATUSES,
  CANCELLED_STATUSES,
  createdMsIn,
  cutOffSecondsOf,
  idIn,
  type Stored,
} from './fhir-elements.js';
import {
  bookingObject,
  isAvailable,
  isPublished,
  resourceObject,
  slotObject,
  type BookingCounts,
  type SlotCounts,
  type Stamps,
} from './objects.js';
import type { SlotsApiParts } from './parts.js';
import { instantText } from '../../base/clock.js';

/** What showing rests on. */
export type ShowDeps = Pick<SlotsApiParts, 'listing' | 'clock'>;

/** Of all Slots that are there: one that was entered in error is not. */
export const SLOTS_THERE = ['status:not', 'entered-in-error'] as const;

const NO_PAGE = { offset: 0, limit: 0 };
const MS_PER_SECOND = 1_000;

/** The resource in a version. */
export function resourceIn<R>({ text, id }: Pick<ListedVersion, 'text' | 'id'>): Stored<R> {
  return { ...(JSON.parse(text) as R), id };
}

/** A resource, counted. */
export async function shownResource(deps: ShowDeps, version: ListedVersion, context: RequestContext): Promise<object> {
  const { id } = version;
  const schedule = resourceIn<Schedule>(version);
  const state = await deps.listing.schedule(id, context);
  const [stamps, bookings, slots] = await Promise.all([
    stampsOf(deps, schedule, version),
    bookingsOf(deps, ['slot.schedule', `Schedule/${id}`], context),
    slotsOf(deps, schedule, state?.isActive ?? false, context),
  ]);
  return resourceObject({ schedule, zone: state?.zone ?? 'UTC' }, id, stamps, bookings, slots);
}

/** A slot, counted. */
export async function shownSlot(deps: ShowDeps, version: ListedVersion, context: RequestContext): Promise<object> {
  const slot = resourceIn<Slot>(version);
  const [state, stamps, bookings] = await Promise.all([
    deps.listing.slot(slot, context),
    stampsOf(deps, slot, version),
    bookingsOf(deps, ['slot', `Slot/${slot.id}`], context),
  ]);
  const scheduleId = idIn(slot.schedule.reference, 'Schedule', context.base) ?? '';
  return slotObject(slot, scheduleId, stamps, state, bookings, deps.clock.nowMs());
}

/** The slot or resource by which bookings were asked for. */
export interface AskedPlace {
  readonly slotId?: string | undefined;
  readonly resourceId?: string | undefined;
}

/**
 * Bookings with their places; undefined for what is none: its Slot is gone, or was never stored. FHIR books several
 * Slots at once: such a booking is shown in the one that was asked for, else in the first.
 */
export async function shownBookings(
  deps: ShowDeps,
  versions: readonly ListedVersion[],
  context: RequestContext,
  asked: AskedPlace = {},
): Promise<readonly (object | undefined)[]> {
  const appointments = versions.map((version) => resourceIn<Appointment>(version));
  const named = appointments.map(({ slot = [] }) =>
    slot.flatMap(({ reference }) => idIn(reference, 'Slot', context.base) ?? []),
  );
  const ids = [...new Set(named.flat())];
  const found = await deps.listing.read('Slot', ids);
  const slots = new Map(found.flatMap((slot) => (slot ? [[slot.id, resourceIn<Slot>(slot)] as const] : [])));
  const shown = versions.map(async (version, at) => {
    const [appointment, ids = []] = [appointments[at], named[at]];
    const places = ids.flatMap((id): Place[] => {
      const slot = slots.get(id);
      const scheduleId = idIn(slot?.schedule.reference, 'Schedule', context.base);
      return slot && scheduleId !== undefined ? [{ slotId: slot.id, scheduleId }] : [];
    });
    const place = placeShown(places, asked);
    if (!appointment || !place || !isBooking(appointment)) return undefined;
    return bookingObject(appointment, await stampsOf(deps, appointment, version), place);
  });
  return Promise.all(shown);
}

interface Place {
  readonly slotId: string;
  readonly scheduleId: string;
}

function placeShown(places: readonly Place[], { slotId, resourceId }: AskedPlace): Place | undefined {
  const ofSlot = places.find((place) => place.slotId === slotId);
  return ofSlot ?? places.find(({ scheduleId }) => scheduleId === resourceId) ?? places[0];
}

function isBooking({ status }: Appointment): boolean {
  return ACTIVE_STATUSES.includes(status) || CANCELLED_STATUSES.includes(status);
}

/** What does not tell when it was created was so when it was first written, however often it changed since. */
async function stampsOf(
  { listing }: ShowDeps,
  resource: Schedule | Slot | Appointment,
  version: ListedVersion,
): Promise<Stamps> {
  const createdMs = createdMsIn(resource) ?? (await listing.firstMs(version));
  return { createdMs, updatedMs: version.updatedMs };
}

/**
 * Whether a stored Slot has a seat, and whether a public key sees it. A free one need not be looked at closer: its
 * status says so, and its Schedule is asked once for a whole list.
 */
export class SlotTests {
  readonly #schedules = new Map<string, ReturnType<ShowDeps['listing']['schedule']>>();

  constructor(
    private readonly deps: ShowDeps,
    private readonly context: RequestContext,
  ) {}

  async isAvailable(version: ListedVersion): Promise<boolean> {
    const slot = resourceIn<Slot>(version);
    return isAvailable(slot, await this.#stateOf(slot), this.deps.clock.nowMs());
  }

  async isPublic(version: ListedVersion): Promise<boolean> {
    const state = await this.#stateOf(resourceIn<Slot>(version));
    return state !== undefined && !state.places.isClosed && isPublished(state.schedule);
  }

  async #stateOf(slot: Stored<Slot>): Promise<StoredSlotState | undefined> {
    if (slot.status !== 'free') return this.deps.listing.slot(slot, this.context);
    const id = idIn(slot.schedule.reference, 'Schedule', this.context.base) ?? '';
    const schedule = this.#schedules.get(id) ?? this.deps.listing.schedule(id, this.context);
    this.#schedules.set(id, schedule);
    const known = await schedule;
    return known && { ...known, places: { capacity: 1, taken: 0, isClosed: false, isBlocked: false } };
  }
}

async function bookingsOf(
  { listing }: ShowDeps,
  which: readonly [name: string, value: string],
  context: RequestContext,
): Promise<BookingCounts> {
  const countOf = (statuses: readonly string[]) =>
    listing.count({ type: 'Appointment', order: 'created', params: [which, ['status', statuses.join(',')]] }, context);
  const [active, cancelled] = await Promise.all([countOf(ACTIVE_STATUSES), countOf(CANCELLED_STATUSES)]);
  return { active, cancelled };
}

/** Free ones are counted by the store; of those that are locked or held, each is looked at. */
async function slotsOf(
  deps: ShowDeps,
  schedule: Stored<Schedule>,
  isActive: boolean,
  context: RequestContext,
): Promise<SlotCounts> {
  const own = ['schedule', `Schedule/${schedule.id}`] as const;
  const question = (...params: readonly (readonly [string, string])[]) => ({
    ...{ type: 'Slot' as const, order: 'start' as const, params: [own, ...params] },
  });
  const slots = await deps.listing.count(question(SLOTS_THERE), context);
  if (!isActive) return { slots, availableSlots: 0 };
  const seconds = cutOffSecondsOf(schedule);
  const fromText = instantText(deps.clock.nowMs() + seconds * MS_PER_SECOND);
  const open = seconds > 0 ? [['start', `ge${fromText}`] as const] : [];
  const tests = new SlotTests(deps, context);
  const tentative = question(['status', 'busy-tentative'], ...open);
  const [free, others] = await Promise.all([
    deps.listing.count(question(['status', 'free'], ...open), context),
    deps.listing.pick(tentative, (version) => tests.isAvailable(version), NO_PAGE, context),
  ]);
  return { slots, availableSlots: free + others.total };
}
