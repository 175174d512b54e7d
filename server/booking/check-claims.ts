import type { Appointment, FhirResource } from 'fhir/r4.js';
import { instantMs, instantText } from '../base/clock.js';
import {
  joinUnits,
  liveClaims,
  occupiedTime,
  occupies,
  readUnit,
  storedSlotState,
  timelineUnitId,
  unitDaysOf,
  type Claim,
  type OwnedSlot,
  type Unit,
} from '../claims/index.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { Store, StoredVersion } from '../store/index.js';
import { namedSchedules } from './appointment-places.js';
import { wholeTime } from './appointment-targets.js';
import { asOf } from './as-of.js';
import { overlapOffences } from './check-overlaps.js';
import { BASE_INSIDE } from './inside.js';
import { resourceOf } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import { placeOf } from './slot-writes.js';
import { holdUntilOf } from './stage-appointment.js';
import { stepsOf } from './steps.js';
import { resolveTimelines, roleKeysOf, TIMELINES_TYPE, timelinesOf } from './timelines.js';
import type { ExclusiveActor } from './types.js';
import { timelineOf, UNIT_TYPE } from './unit-book.js';

/** How many versions are read at once. */
const PAGE = 1_000;

export interface CheckOptions {
  /** The DEFAULT_TIMEZONE of the servers. */
  readonly defaultZone?: string;
  /** The EXCLUSIVE_ACTORS of the servers. Absent: where Schedules should lie is not looked at. */
  readonly exclusiveActors?: readonly ExclusiveActor[];
}

/** All of a store that tells who has which time, as of one moment. */
export interface CheckedStore {
  readonly nowMs: number;
  readonly base: string;
  readonly defaultZone: string;
  readonly units: ReadonlyMap<string, Unit>;
  /** Of each Schedule that has a record, by its id. */
  readonly timelines: ReadonlyMap<string, readonly string[]>;
  readonly resources: ReadonlyMap<string, FhirResource>;
  /** Each once. */
  readonly slots: readonly OwnedSlot[];
  /** Each once, without those that have lapsed. */
  readonly claims: readonly Claim[];
}

/**
 * Whether what a store says of time holds together (design §4): nobody has the same time twice, every claim has its
 * Appointment or Slot and stands wherever it must, every Appointment that occupies has its claims, every stored Slot
 * has the status that follows from the claims, and every Schedule lies where its actors are. For a store to which
 * nobody writes meanwhile.
 *
 * @returns a sentence for each offence; empty: all is well
 */
export async function checkStore(store: Store, nowMs: number, options: CheckOptions = {}): Promise<readonly string[]> {
  const content = await contentOf(store, nowMs, options);
  return [
    ...unitOffences(content),
    ...claimOffences(content),
    ...appointmentOffences(content),
    ...slotOffences(content),
    ...overlapOffences(content),
    ...(options.exclusiveActors ? timelineOffences(content, options.exclusiveActors) : []),
  ];
}

async function contentOf(store: Store, nowMs: number, { defaultZone = 'UTC' }: CheckOptions): Promise<CheckedStore> {
  const units = new Map<string, Unit>();
  const timelines = new Map<string, readonly string[]>();
  const resources = new Map<string, FhirResource>();
  for await (const version of currentVersions(store)) {
    const { type, id, text } = version;
    if (type === UNIT_TYPE) units.set(id, readUnit(text));
    else if (type === TIMELINES_TYPE) {
      const schedule = id.slice('Schedule/'.length);
      timelines.set(schedule, timelinesOf(schedule, version));
    } else if (TIMED_TYPES.has(type)) {
      for (const resource of resourceOf(asOf(version, nowMs))) resources.set(`${type}/${id}`, resource);
    }
  }
  const { slots, claims } = joinUnits([...units].map(([id, unit]) => ({ timeline: timelineOf(id), unit })));
  return {
    nowMs,
    base: BASE_INSIDE,
    defaultZone,
    units,
    timelines,
    resources,
    slots,
    claims: liveClaims(claims, nowMs),
  };
}

/** Whatever has time, and the actors that Schedules may have. */
const TIMED_TYPES: ReadonlySet<string> = new Set([
  ...['Schedule', 'Slot', 'Appointment'],
  ...['Practitioner', 'PractitionerRole', 'Location', 'HealthcareService', 'Device', 'Patient', 'RelatedPerson'],
]);

async function* currentVersions(store: Store): AsyncGenerator<StoredVersion> {
  let place: string | undefined;
  do {
    const { versions, next } = await store.scan(place, PAGE);
    yield* versions.filter(({ current, deleted }) => current && !deleted);
    place = next;
  } while (place !== undefined);
}

/**
 * Whether every Schedule lies on the timelines that its actors make now. They are resolved when it is written, or a
 * PractitionerRole of it, so that another setting leaves them behind.
 */
function timelineOffences(content: CheckedStore, exclusive: readonly ExclusiveActor[]): string[] {
  const { resources, base } = content;
  return [...resources.values()].flatMap((schedule) => {
    if (schedule.resourceType !== 'Schedule') return [];
    const id = schedule.id ?? '';
    const roles = roleKeysOf(schedule, base).flatMap((key) => resources.get(`${key.type}/${key.id}`) ?? []);
    const wanted = resolveTimelines(schedule, id, roles, base, exclusive).join(' and ');
    const found = timelinesIn(content, id).join(' and ');
    if (wanted === found) return [];
    return [`Schedule/${id} takes the time of ${found}, but by its actors that of ${wanted}: PUT it again as it is.`];
  });
}

/** What stands in the units must stand in all of the days and timelines that it touches, the same everywhere. */
function unitOffences(content: CheckedStore): string[] {
  const wanted = new Map<string, Set<string>>();
  const want = (scheduleId: string, time: { startMs: number; endMs: number }, text: string) => {
    for (const timeline of timelinesIn(content, scheduleId)) {
      for (const day of unitDaysOf(time)) {
        const id = timelineUnitId(timeline, day);
        wanted.set(id, (wanted.get(id) ?? new Set()).add(text));
      }
    }
  };
  for (const claim of content.claims) want(claim.schedule, occupiedTime(claim), claimText(claim));
  for (const slot of content.slots) want(slot.schedule, slot, slotText(slot));
  const offences: string[] = [];
  for (const id of new Set([...content.units.keys(), ...wanted.keys()])) {
    const unit = content.units.get(id) ?? { slots: [], claims: [] };
    const { slots } = joinUnits([{ timeline: timelineOf(id), unit }]);
    const found = new Set([...slots.map(slotText), ...liveClaims(unit.claims, content.nowMs).map(claimText)]);
    for (const text of wanted.get(id) ?? []) if (!found.has(text)) offences.push(`Unit/${id} lacks ${text}.`);
    for (const text of found) if (!wanted.get(id)?.has(text)) offences.push(`Unit/${id} has too much: ${text}.`);
  }
  return offences;
}

/** Whose every claim is: an Appointment that occupies, or a Slot. */
function claimOffences(content: CheckedStore): string[] {
  const slots = new Set(content.slots.map(({ id }) => `Slot/${id}`));
  return content.claims.flatMap((claim) => {
    const said = `${claimText(claim)} has`;
    if (claim.kind === 'locked' || claim.kind === 'busy') {
      const isThere = !claim.stored || slots.has(claim.by);
      return isThere ? [] : [`${said} no such Slot.`];
    }
    const owner = content.resources.get(claim.by);
    if (owner?.resourceType !== 'Appointment') return [`${said} no such Appointment.`];
    if (!occupies(owner.status)) return [`${said} an Appointment that is ${owner.status}.`];
    const kind = owner.status === 'pending' ? 'held' : 'booked';
    if (claim.kind !== kind) return [`${said} an Appointment that is ${owner.status}.`];
    return claim.untilMs === holdUntilOf(owner) ? [] : [`${said} an Appointment that is held for another time.`];
  });
}

/**
 * Whether every Appointment to come that occupies has the time of every Slot and Schedule that it names, and no other:
 * what it does not name it would keep for ever.
 */
function appointmentOffences(content: CheckedStore): string[] {
  const byOwner = new Map<string, Claim[]>();
  for (const claim of content.claims) byOwner.set(claim.by, [...(byOwner.get(claim.by) ?? []), claim]);
  return [...content.resources.values()].flatMap((resource) => {
    if (resource.resourceType !== 'Appointment' || !occupies(resource.status)) return [];
    const name = `Appointment/${resource.id ?? ''}`;
    const claims = byOwner.get(name) ?? [];
    // What was over when it was loaded claims nothing.
    if (claims.length === 0 && instantMs(resource.end ?? '') <= content.nowMs) return [];
    const { slots, schedules } = namedTimes(content, resource);
    const named = [...slots, ...schedules];
    // Beside Slots, a Schedule may be named for information alone.
    const needed = slots.length > 0 ? slots : schedules.length > 0 ? schedules : [ANY_SCHEDULE];
    return [
      ...needed
        .filter(({ isClaimedBy }) => !claims.some(isClaimedBy))
        .map(({ what }) => `${name} is ${resource.status} without the time of ${what}.`),
      ...claims
        .filter((claim) => !named.some(({ isClaimedBy }) => isClaimedBy(claim)))
        .map((claim) => `${claimText(claim)} is not named by it.`),
    ];
  });
}

interface NamedTime {
  readonly what: string;
  readonly isClaimedBy: (claim: Claim) => boolean;
}

const ANY_SCHEDULE: NamedTime = { what: 'any Schedule', isClaimedBy: () => true };

/** A Slot is claimed at its own time, a Schedule from start to end of the Appointment. */
function namedTimes({ base, resources }: CheckedStore, appointment: Appointment) {
  const keys = (appointment.slot ?? []).flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  const slots = keys
    .filter(({ type }) => type === 'Slot')
    .map(({ id }): NamedTime => {
      const time = placeOf(resources.get(`Slot/${id}`), id, base) ?? readComputedSlotId(id);
      return { what: `Slot/${id}`, isClaimedBy: (claim) => claim.slot === id && isAt(claim, time) };
    });
  const whole = wholeTime(appointment);
  const schedules = namedSchedules(appointment, base)
    .filter((id) => resources.has(`Schedule/${id}`))
    .map((id): NamedTime => {
      const isClaimedBy = (claim: Claim) => claim.schedule === id && claim.slot === undefined && isAt(claim, whole);
      return { what: `Schedule/${id}`, isClaimedBy };
    });
  return { slots, schedules };
}

function isAt(claim: Claim, time: Interval | undefined): boolean {
  return claim.startMs === time?.startMs && claim.endMs === time.endMs;
}

/** Whether every stored Slot lies where it says, with the status that its claims make, now and later. */
function slotOffences(content: CheckedStore): string[] {
  const { resources, base, nowMs } = content;
  const known = new Map(content.slots.map((slot) => [slot.id, slot]));
  const offences = content.slots
    .filter(({ id }) => !placeOf(resources.get(`Slot/${id}`), id, base))
    .map(({ id }) => `Slot/${id} lies in units, and is not there or has no time.`);
  const claimsOf = claimsByTimeline(content);
  for (const resource of resources.values()) {
    if (resource.resourceType !== 'Slot') continue;
    const place = placeOf(resource, resource.id ?? '', base);
    if (!place) continue;
    const said = `Slot/${place.id}`;
    const lies = known.get(place.id);
    if (!lies || slotText(lies) !== slotText(place)) offences.push(`${said} lies in units in another way.`);
    const near = timelinesIn(content, place.schedule).flatMap((timeline) => claimsOf(timeline, place));
    const state = storedSlotState(place, place.schedule, [...new Set(near)], nowMs);
    if (state.status !== resource.status) {
      offences.push(`${said} is ${resource.status}; by its claims it is ${state.status}.`);
    }
    const announced = stepsOf(resource).map(({ fromMs, status }) => `${status} from ${instantText(fromMs)}`);
    const following = state.then.map(({ fromMs, status }) => `${status} from ${instantText(fromMs)}`);
    if (announced.join() !== following.join()) {
      offences.push(`${said} announces [${announced.join()}]; its claims make [${following.join()}].`);
    }
  }
  return offences;
}

/** The live claims in the units of a stretch of time, the same object for the same claim. */
function claimsByTimeline({ units, claims }: CheckedStore): (timeline: string, time: OwnedSlot) => readonly Claim[] {
  const byText = new Map(claims.map((claim) => [claimText(claim), claim]));
  return (timeline, time) =>
    unitDaysOf(time).flatMap((day) =>
      (units.get(timelineUnitId(timeline, day))?.claims ?? []).flatMap((claim) => byText.get(claimText(claim)) ?? []),
    );
}

/** The timelines of a Schedule, as they are recorded. */
function timelinesIn({ timelines }: CheckedStore, scheduleId: string): readonly string[] {
  return timelines.get(scheduleId) ?? timelinesOf(scheduleId, undefined);
}

function claimText(claim: Claim): string {
  const { by, kind, schedule, slot, startMs, endMs, untilMs } = claim;
  const time = `${instantText(startMs)}/${instantText(endMs)}`;
  const until = untilMs === undefined ? '' : ` until ${instantText(untilMs)}`;
  const details = JSON.stringify([
    claim.stored,
    claim.pool,
    claim.bufferBeforeMs,
    claim.bufferAfterMs,
    claim.firstStartMs,
  ]);
  return `the ${kind} time ${time}${until} of ${by} on Schedule/${schedule} as Slot/${slot ?? '-'} ${details}`;
}

function slotText({ id, schedule, startMs, endMs, capacity }: OwnedSlot): string {
  const size = capacity === undefined ? '' : ` for ${capacity}`;
  return `Slot/${id} of Schedule/${schedule}, ${instantText(startMs)}/${instantText(endMs)}${size}`;
}
