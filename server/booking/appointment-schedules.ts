import type { Appointment } from 'fhir/r4.js';
import { fault, type Reason } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { Filter } from '../search/index.js';
import { gridRuleOf } from '../slots/index.js';
import type { Store } from '../store/index.js';
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

export type ScheduleChoiceDeps = TargetDeps & { readonly store: Store };

/**
 * The times that an Appointment without `slot` claims (design §4): of the Schedules it names in
 * `supportingInformation`, else of those of its participants. Empty: it claims nothing.
 *
 * @param named Schedules that the request names beside the Appointment
 * @param lenient Schedules that are not there are passed over
 * @throws {Fault} `rule` where it cannot be told which Schedule of a participant is meant, and for too many or too long
 */
export async function targetsOfSchedules(
  deps: ScheduleChoiceDeps,
  book: UnitBook,
  appointment: Appointment,
  named: readonly string[],
  base: string,
  lenient = false,
): Promise<readonly Target[]> {
  const time = wholeTime(appointment);
  if (!time) return [];
  const ids = named.length > 0 ? named : namedSchedules(appointment, base);
  refuseMany(ids.length, 'Schedules', 'Appointment.supportingInformation');
  const views =
    ids.length > 0 ? await viewsOf(deps, ids, base, lenient) : await chosen(deps, book, appointment, time, base);
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
  { participant }: Appointment,
  time: Interval,
  base: string,
): Promise<ScheduleView[]> {
  const actors = participant.flatMap(({ actor }) => localReference(actor?.reference, [base]) ?? []);
  refuseMany(actors.filter(({ type }) => type !== 'Patient').length, 'participants', 'Appointment.participant');
  const locations = actors.filter(({ type }) => type === 'Location').map(nameOf);
  const found = new Map<string, ScheduleView>();
  for (const actor of actors.filter(({ type }) => CLAIMING.includes(type))) {
    const view = await scheduleOf(deps, book, nameOf(actor), locations, time, base);
    if (view) found.set(view.facts.id, view);
  }
  for (const location of locations) {
    const rooms = (await activeSchedules(deps, location, base)).filter(
      ({ facts }) => facts.schedule.actor.length === 1,
    );
    const room = oneOf(location, await offering(book, rooms, time));
    if (room) found.set(room.facts.id, room);
  }
  return [...found.values()];
}

function nameOf({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type}/${id}`;
}

async function scheduleOf(
  deps: ScheduleChoiceDeps,
  book: UnitBook,
  actor: string,
  locations: readonly string[],
  time: Interval,
  base: string,
): Promise<ScheduleView | undefined> {
  const active = await activeSchedules(deps, actor, base);
  const there = active.filter(({ facts }) =>
    actorKeysOf(facts.schedule, base).some((key) => locations.includes(nameOf(key))),
  );
  return oneOf(actor, await offering(book, there.length > 0 ? there : active, time));
}

function oneOf(actor: string, views: readonly ScheduleView[]): ScheduleView | undefined {
  if (views.length <= 1) return views[0];
  const names = views.map(({ facts }) => `Schedule/${facts.id}`).join(', ');
  throw fault('rule', `${actor} has several Schedules: name one of ${names}, or a Slot.`, 'Appointment.slot');
}

async function activeSchedules(deps: ScheduleChoiceDeps, actor: string, base: string): Promise<ScheduleView[]> {
  const filter: Filter = { kind: 'reference', param: 'actor', target: actor };
  const found = await deps.store.search({ type: 'Schedule', filter, sort: [], limit: SCHEDULES_OF_ACTOR_MAX + 1 });
  if (found.length > SCHEDULES_OF_ACTOR_MAX) {
    const message = `${actor} has more than ${SCHEDULES_OF_ACTOR_MAX} Schedules: name a Slot, or the Schedule.`;
    throw fault('too-costly', message, 'Appointment.slot');
  }
  const views = await deps.schedules.views(
    found.map(({ document }) => document.id),
    base,
    () => undefined,
  );
  return views.filter((view) => view !== undefined).filter(({ facts }) => facts.active);
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
