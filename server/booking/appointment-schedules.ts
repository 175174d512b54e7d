import type { Appointment } from 'fhir/r4.js';
import { fault, type Reason } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import { anyOf, type Filter } from '../search/index.js';
import { gridRuleOf } from '../slots/index.js';
import { nameOf, type DocumentKey, type Store } from '../store/index.js';
import { namedSchedules } from './appointment-places.js';
import { refuseLongTimes, refuseMany } from './appointment-size.js';
import { wholeTime, type Target, type TargetDeps } from './appointment-targets.js';
import { computedSlotId } from './slot-id.js';
import { refuse } from './refusal-reasons.js';
import { actorKeysOf, type ScheduleView } from './schedule-reader.js';
import type { UnitBook } from './unit-book.js';

/** Participants whose Schedules an Appointment without `slot` may claim. */
const CLAIMING = ['Practitioner', 'PractitionerRole', 'Device', 'HealthcareService'];
/** How many Schedules of one participant are looked at. */
export const SCHEDULES_OF_ACTOR_MAX = 100;
/** And how many roles of a Practitioner, whose Schedules count as its own. */
export const ROLES_OF_ACTOR_MAX = 100;

export type ScheduleChoiceDeps = TargetDeps & { readonly store: Store };

/** How strictly Schedules are chosen. */
export interface ScheduleChoice {
  /** Schedules that are not there are passed over. */
  readonly lenient?: boolean;
  /** A participant of whose Schedules none is active has no time, as if it had none. */
  readonly inactiveToo?: boolean;
}

/** A participant who is on this server, and the other ones who tell which Schedule of it is meant. */
interface Choosing {
  readonly time: Interval;
  readonly base: string;
  readonly roles: readonly string[];
  readonly locations: readonly string[];
  readonly inactiveToo: boolean;
}

/**
 * The times that an Appointment without `slot` claims (design §4): of the Schedules it names in
 * `supportingInformation`, else of those of its participants. Empty: it claims nothing.
 *
 * @param named Schedules that the request names beside the Appointment
 * @throws {Fault} `rule` where it cannot be told which Schedule of a participant is meant, where none of its Schedules
 *   is active, and for too many or too long
 */
export async function targetsOfSchedules(
  deps: ScheduleChoiceDeps,
  book: UnitBook,
  appointment: Appointment,
  named: readonly string[],
  base: string,
  { lenient = false, inactiveToo = false }: ScheduleChoice = {},
): Promise<readonly Target[]> {
  const time = wholeTime(appointment);
  if (!time) return [];
  const ids = named.length > 0 ? named : namedSchedules(appointment, base);
  refuseMany(ids.length, 'Schedules', 'Appointment.supportingInformation');
  const views =
    ids.length > 0
      ? await viewsOf(deps, ids, base, lenient)
      : await chosen(deps, book, appointment, { time, base, inactiveToo });
  refuseLongTimes(views.map(() => time));
  const targets: Target[] = [];
  for (const view of views) targets.push(...(await targetsOn(book, view, time)));
  refuseMany(targets.length, 'Slots', 'Appointment.end');
  return targets;
}

async function viewsOf(
  deps: TargetDeps,
  ids: readonly string[],
  base: string,
  lenient: boolean,
): Promise<ScheduleView[]> {
  const asked = [...new Set(ids)];
  const views = await deps.schedules.views(asked, base, () => undefined);
  const missing = asked.filter((_, at) => views[at] === undefined);
  refuse(lenient ? [] : missing.map(missingReason));
  return views.filter((view) => view !== undefined);
}

function missingReason(id: string): Reason {
  const expression = 'Appointment.supportingInformation';
  return { kind: 'rule', expression, message: `Schedule/${id} does not exist on this server.` };
}

async function chosen(
  deps: ScheduleChoiceDeps,
  book: UnitBook,
  { participant, supportingInformation = [] }: Appointment,
  asked: Pick<Choosing, 'time' | 'base' | 'inactiveToo'>,
): Promise<ScheduleView[]> {
  const actors = participant.flatMap(({ actor }) => localReference(actor?.reference, [asked.base]) ?? []);
  refuseMany(actors.filter(({ type }) => type !== 'Patient').length, 'participants', 'Appointment.participant');
  const named = (wanted: string) => actors.filter(({ type }) => type === wanted).map(nameOf);
  const locations = named('Location');
  // Canvas names the place of a visit here.
  const places = supportingInformation.flatMap(({ reference }) => localReference(reference, [asked.base]) ?? []);
  const ofPlaces = places.filter(({ type }) => type === 'Location').map(nameOf);
  const choosing = { ...asked, locations: [...locations, ...ofPlaces], roles: named('PractitionerRole') };
  const found = new Map<string, ScheduleView>();
  for (const actor of actors.filter(({ type }) => CLAIMING.includes(type))) {
    const view = await scheduleOf(deps, book, actor, choosing);
    if (view) found.set(view.facts.id, view);
  }
  for (const location of locations) {
    const all = await viewsWithActors(deps, location, [location], asked.base);
    const own = all.filter(({ facts }) => facts.schedule.actor.length === 1);
    const room = oneOf(location, await offering(book, activeOf(location, own, choosing), asked.time));
    if (room) found.set(room.facts.id, room);
  }
  return [...found.values()];
}

async function scheduleOf(
  deps: ScheduleChoiceDeps,
  book: UnitBook,
  key: DocumentKey,
  choosing: Choosing,
): Promise<ScheduleView | undefined> {
  const { base, roles, locations, time } = choosing;
  const actor = nameOf(key);
  const ofRoles = key.type === 'Practitioner' ? await rolesOf(deps, actor) : [];
  const all = await viewsWithActors(deps, actor, [actor, ...ofRoles], base);
  const inRoles = among(activeOf(actor, all, choosing), roles, base);
  return oneOf(actor, await offering(book, among(inRoles, locations, base), time));
}

/** Those that have one of these actors; where none has, all. */
function among(views: readonly ScheduleView[], actors: readonly string[], base: string): readonly ScheduleView[] {
  const having = views.filter(({ facts }) =>
    actorKeysOf(facts.schedule, base).some((key) => actors.includes(nameOf(key))),
  );
  return having.length > 0 ? having : views;
}

function oneOf(actor: string, views: readonly ScheduleView[]): ScheduleView | undefined {
  if (views.length <= 1) return views[0];
  throw fault('rule', `${actor} has several Schedules: name one of ${namesOf(views)}, or a Slot.`, 'Appointment.slot');
}

/** @throws {Fault} `rule` where there are some, and none of them is active */
function activeOf(
  actor: string,
  views: readonly ScheduleView[],
  { inactiveToo }: Pick<Choosing, 'inactiveToo'>,
): readonly ScheduleView[] {
  const active = views.filter(({ facts }) => facts.active);
  if (inactiveToo || views.length === 0 || active.length > 0) return active;
  const message = `${actor} has no active Schedule: of ${namesOf(views)}, it or one of its actors is inactive.`;
  throw fault('rule', message, 'Appointment.participant');
}

function namesOf(views: readonly ScheduleView[]): string {
  return views.map(({ facts }) => `Schedule/${facts.id}`).join(', ');
}

/** The roles in which a Practitioner works. */
async function rolesOf({ store }: ScheduleChoiceDeps, practitioner: string): Promise<readonly string[]> {
  const filter: Filter = { kind: 'reference', param: 'practitioner', target: practitioner };
  const found = await store.search({ type: 'PractitionerRole', filter, sort: [], limit: ROLES_OF_ACTOR_MAX + 1 });
  if (found.length > ROLES_OF_ACTOR_MAX) throw tooManyOf(practitioner, `${ROLES_OF_ACTOR_MAX} roles`);
  return found.map(({ document }) => nameOf(document));
}

async function viewsWithActors(
  { store, schedules }: ScheduleChoiceDeps,
  participant: string,
  actors: readonly string[],
  base: string,
): Promise<readonly ScheduleView[]> {
  const filter = anyOf(actors.map((target) => ({ kind: 'reference', param: 'actor', target })));
  const found = await store.search({ type: 'Schedule', filter, sort: [], limit: SCHEDULES_OF_ACTOR_MAX + 1 });
  if (found.length > SCHEDULES_OF_ACTOR_MAX) throw tooManyOf(participant, `${SCHEDULES_OF_ACTOR_MAX} Schedules`);
  const ids = found.map(({ document }) => document.id);
  const views = await schedules.views(ids, base, () => undefined);
  return views.filter((view) => view !== undefined);
}

function tooManyOf(participant: string, most: string) {
  return fault('too-costly', `${participant} has more than ${most}: name a Slot, or the Schedule.`, 'Appointment.slot');
}

/** Those that have that time, be it taken or not; where none has it, all: the refusal is to say why. */
async function offering(book: UnitBook, views: readonly ScheduleView[], time: Interval): Promise<ScheduleView[]> {
  if (views.length <= 1) return [...views];
  refuseLongTimes(views.map(() => time));
  const having: ScheduleView[] = [];
  for (const view of views) {
    const stored = (await storedWithin(book, view, time)).length > 0;
    if (stored || gridRuleOf(view.facts.rules, time) !== undefined) having.push(view);
  }
  return having.length > 0 ? having : [...views];
}

/** The stored Slots that make up that time, or the time itself as a computed slot. */
async function targetsOn(book: UnitBook, view: ScheduleView, time: Interval): Promise<readonly Target[]> {
  const expression = 'Appointment.start';
  const slots = await storedWithin(book, view, time);
  if (slots.length > 0) {
    return slots.map((stored) => ({
      ...{ view, startMs: stored.startMs, endMs: stored.endMs, stored },
      ...{ slot: stored.id, expression },
    }));
  }
  const { startMs, endMs } = time;
  const isSlot = gridRuleOf(view.facts.rules, time) !== undefined;
  return [{ view, startMs, endMs, expression, ...(isSlot && { slot: computedSlotId(view.facts.key, time) }) }];
}

/** The stored Slots of a Schedule that follow each other from the beginning of a time to its end; else none. */
async function storedWithin(book: UnitBook, view: ScheduleView, time: Interval) {
  const { slots } = await book.within(view.timelines, time);
  const within = slots.filter((slot) => slot.schedule === view.facts.id);
  const follow = within.every(({ startMs }, at) => startMs === (at === 0 ? time.startMs : within[at - 1]?.endMs));
  return follow && within.at(-1)?.endMs === time.endMs ? within : [];
}
