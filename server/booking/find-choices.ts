import type { Schedule } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import { foldText } from '../fhir/index.js';
import { allOf, anyOf, type Filter } from '../search/index.js';
import type { Store } from '../store/index.js';
import type { FindRequest } from './bookings.js';
import type { NamesFound } from './find-names.js';
import { partsOf } from './find-types.js';
import { resourceOf } from './schedule-reader.js';
import { SCHEDULES_ASKED_MAX, tooManySchedules } from './slot-plan.js';

/** How many pairs of a doctor's and a room's Schedule one question looks at. */
export const CHOICES_MAX = 1_000;

/** Schedules that are to be had together, mostly one alone. */
export interface Choice {
  readonly scheduleIds: readonly string[];
  /** How well it fits: for each kind of parameter the place of what it meets, 0 being the best. */
  readonly rank: readonly number[];
}

/** A kind of parameter: what it asks of Schedules, in order of preference. */
interface Kind {
  /** Whether another Schedule can be joined that meets it: that of a doctor, that of a room. */
  readonly joins: 'doctor' | 'room' | 'no';
  readonly alternatives: readonly Filter[];
}

const ACTIVE: Filter = { kind: 'not', of: { kind: 'token', param: 'active', code: 'false' } };

/**
 * The Schedules that a question is about. Those that it names belong together; else each that meets all kinds of
 * parameters, or the Schedule of a doctor together with the own one of a Location.
 *
 * @throws {Fault} `too-costly` for more Schedules than one question may be about, or too many pairs
 */
export async function choicesOf(store: Store, request: FindRequest, names: NamesFound): Promise<readonly Choice[]> {
  const kinds = kindsOf(request, names);
  if (names.schedules.length > 0) return aroundNamed(store, names.schedules.map(idOf), kinds);
  const alone = await meetingAll(store, kinds);
  return [...alone, ...(await pairs(store, kinds, new Set(alone.flatMap(({ scheduleIds }) => scheduleIds))))];
}

function kindsOf(request: FindRequest, names: NamesFound): readonly Kind[] {
  const anyActor = (references: readonly string[]) => anyOf(references.map(isActor));
  const { locationTexts, specialties } = request;
  const kinds: (Kind | undefined)[] = [
    kind(
      'doctor',
      request.practitioners,
      names.practitioners.map((found) => anyOf(found.flatMap(practises))),
    ),
    kind('room', request.locations, names.locations.map(anyActor)),
    kind('room', locationTexts, locationTexts.map(isAddressed)),
    kind(
      'no',
      request.organizations,
      names.organizations.map((found) => anyOf(found.flatMap(belongsTo))),
    ),
    kind('no', specialties, specialties.map(hasSpecialty)),
  ];
  return kinds.filter((one) => one !== undefined);
}

function kind(joins: Kind['joins'], asked: readonly unknown[], alternatives: readonly Filter[]): Kind | undefined {
  return asked.length > 0 ? { joins, alternatives } : undefined;
}

function isActor(target: string): Filter {
  return { kind: 'reference', param: 'actor', target };
}

function actorWith(targetType: string, filter: Filter): Filter {
  return { kind: 'chain', param: 'actor', targetType, filter };
}

function practises(target: string): Filter[] {
  return [isActor(target), actorWith('PractitionerRole', { kind: 'reference', param: 'practitioner', target })];
}

function belongsTo(target: string): Filter[] {
  const ofOrganization: Filter = { kind: 'reference', param: 'organization', target };
  return ['PractitionerRole', 'Location', 'HealthcareService'].map((type) => actorWith(type, ofOrganization));
}

function isAddressed(text: string): Filter {
  return actorWith('Location', { kind: 'string', param: 'address', text: foldText(text), match: 'starts' });
}

function hasSpecialty(token: string): Filter {
  const { system, code } = partsOf(token);
  return { kind: 'token', param: 'specialty', system, ...(code !== '' && { code }) };
}

/** Each Schedule that meets a kind, with the place of the first alternative that it meets. */
type Ranks = ReadonlyMap<string, number>;

async function ranksOf(store: Store, { alternatives }: Kind, within: readonly Filter[]): Promise<Ranks> {
  const ranks = new Map<string, number>();
  for (const [place, alternative] of alternatives.entries()) {
    for (const { id } of await schedulesMeeting(store, allOf([alternative, ...within]))) {
      if (!ranks.has(id)) ranks.set(id, place);
    }
  }
  if (ranks.size > SCHEDULES_ASKED_MAX) throw tooManySchedules();
  return ranks;
}

interface ScheduleMeeting {
  readonly id: string;
  readonly schedule: Schedule;
}

async function schedulesMeeting(store: Store, filter: Filter): Promise<readonly ScheduleMeeting[]> {
  const limit = SCHEDULES_ASKED_MAX + 1;
  const found = await store.search({ type: 'Schedule', filter: allOf([ACTIVE, filter]), sort: [], limit });
  if (found.length === limit) throw tooManySchedules();
  return found.flatMap(({ document }) =>
    resourceOf(document).map((schedule) => ({ id: document.id, schedule: schedule as Schedule })),
  );
}

/** The Schedules that meet all kinds, each a choice by itself. */
async function meetingAll(store: Store, kinds: readonly Kind[]): Promise<readonly Choice[]> {
  const [first, ...others] = kinds;
  if (!first) {
    const all = await schedulesMeeting(store, allOf([]));
    return all.map(({ id }) => ({ scheduleIds: [id], rank: [] }));
  }
  const within = kinds.map(({ alternatives }) => anyOf(alternatives));
  const ranks = [await ranksOf(store, first, within)];
  for (const other of others) ranks.push(await ranksOf(store, other, within));
  return [...(ranks[0]?.keys() ?? [])].map((id) => ({ scheduleIds: [id], rank: ranksIn(ranks, [id]) }));
}

/** The best place of any of some Schedules, for each kind. */
function ranksIn(ranks: readonly Ranks[], ids: readonly string[]): readonly number[] {
  return ranks.map((rank) => Math.min(...ids.map((id) => rank.get(id) ?? Infinity)));
}

function isMet(rank: readonly number[]): boolean {
  return rank.every((place) => place < Infinity);
}

/** A doctor's Schedule with the own one of a Location. @param alone Schedules that need no other one */
async function pairs(store: Store, kinds: readonly Kind[], alone: ReadonlySet<string>): Promise<readonly Choice[]> {
  const doctors = kinds.filter(({ joins }) => joins === 'doctor');
  const rooms = kinds.filter(({ joins }) => joins === 'room');
  if (doctors.length === 0 || rooms.length === 0) return [];
  const ofDoctors = (await schedulesMeeting(store, meeting(doctors))).filter(({ id }) => !alone.has(id));
  const ofRooms = (await schedulesMeeting(store, meeting(rooms))).filter(isOwnOfLocation);
  if (ofDoctors.length * ofRooms.length > CHOICES_MAX) {
    throw fault('too-costly', `One question looks at most at ${CHOICES_MAX} pairs of Schedules; name fewer.`);
  }
  if (ofDoctors.length * ofRooms.length === 0) return [];
  const ranks: Ranks[] = [];
  const within = [isOneOf([...ofDoctors, ...ofRooms].map(({ id }) => id))];
  for (const one of kinds) ranks.push(await ranksOf(store, one, within));
  return ofDoctors
    .flatMap((doctor) => ofRooms.map((room) => [doctor.id, room.id]))
    .map((scheduleIds) => ({ scheduleIds, rank: ranksIn(ranks, scheduleIds) }))
    .filter(({ rank }) => isMet(rank));
}

function meeting(kinds: readonly Kind[]): Filter {
  return allOf(kinds.map(({ alternatives }) => anyOf(alternatives)));
}

function isOneOf(ids: readonly string[]): Filter {
  return anyOf(ids.map((code): Filter => ({ kind: 'token', param: '_id', code })));
}

/** Nobody but Locations is an actor: the Schedule of a room, and not that of somebody who works there. */
function isOwnOfLocation({ schedule }: ScheduleMeeting): boolean {
  return schedule.actor.every(({ reference = '' }) => /(?:^|\/)Location\/[^/]+$/.test(reference));
}

/** The Schedules that were named, and where these do not meet a kind, with another one that does. */
async function aroundNamed(store: Store, ids: readonly string[], kinds: readonly Kind[]): Promise<readonly Choice[]> {
  const named: Ranks[] = [];
  for (const one of kinds) named.push(await ranksOf(store, one, [isOneOf(ids)]));
  const rank = ranksIn(named, ids);
  if (isMet(rank)) return [{ scheduleIds: ids, rank }];
  const missing = kinds.filter((_, at) => rank[at] === Infinity);
  if (missing.some(({ joins }) => joins === 'no')) return [];
  const alone = await meetingAll(store, missing);
  const joined = [...alone, ...(await pairs(store, missing, new Set(alone.flatMap((one) => one.scheduleIds))))];
  return joined.map((one) => {
    const places = one.rank.values();
    const filled = rank.map((place) => (place === Infinity ? (places.next().value ?? 0) : place));
    return { scheduleIds: [...ids, ...one.scheduleIds], rank: filled };
  });
}

function idOf(reference: string): string {
  return reference.slice('Schedule/'.length);
}
