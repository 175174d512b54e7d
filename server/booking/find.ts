import type { HealthcareService, Period } from 'fhir/r4.js';
import { MINUTES_PER_DAY, MS_PER_DAY, type Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { availabilityWindow, slotQuestionOf, WINDOW_DAYS_DEFAULT, type SlotWindow } from '../search/index.js';
import type { Store } from '../store/index.js';
import type { Bookings, FindRequest } from './bookings.js';
import { choicesOf, type Choice } from './find-choices.js';
import { findNames, type NamesFound } from './find-names.js';
import { askedParams, byPlace, nextParams, pageSizeOf, readCursor, type PlacedProposal } from './find-page.js';
import { proposalIdOf, SCHEDULES_AT_ONCE_MAX } from './find-proposal-id.js';
import { renderProposals, type ProposalContext } from './find-proposals.js';
import { areWithinLimits, visitsOf, weeksLater } from './find-series.js';
import { areApart, lengthsOf, TimesLister, type OfferedTime } from './find-times.js';
import { ANY_VISIT, isOfService, serviceFit, visitFit, type Fit } from './find-types.js';
import { refuseWideWindow, stretchOf } from './generate-slots.js';
import { inside } from './inside.js';
import { boundParams, withinHorizon } from './plan-availability.js';
import { CAPACITY_MAX } from './read-rules.js';
import type { ScheduleFacts } from './schedule-facts.js';
import { resourceOf, type ScheduleReader, type ScheduleView } from './schedule-reader.js';
import { SlotMemory } from './slot-memory.js';
import { SCHEDULES_ASKED_MAX, tooManySchedules } from './slot-plan.js';
import type { Param, RequestContext } from './types.js';

export interface FindDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly schedules: ScheduleReader;
}

/** `$find`: the times that can be had, as proposed Appointments (docs of its parameters: docs/operations.md). */
export function makeFind(deps: FindDeps): Bookings['find'] {
  const memory = new SlotMemory();
  return async (request, caller) => {
    const context = inside(caller);
    const nowMs = deps.clock.nowMs();
    const cursor = readCursor(request.cursor);
    const asked = askedTime(request, context, nowMs);
    const names = await findNames(deps.store, request);
    const service = names.healthcareService as HealthcareService | undefined;
    refuseInactive(service);
    const places = cursor?.places ?? Math.max(1, names.patients.length + request.newPatientCount);
    const fit = fitOf(request, service, context.base);
    const question = { nowMs, places, fit, ...(names.ignored !== undefined && { ignored: names.ignored }) };
    const finding = { deps, request, names, asked, base: context.base, service, question };
    const found = names.isHopeless || places > CAPACITY_MAX ? NOTHING : await proposalsFor(finding, memory);
    const proposals = [...found.proposals].sort(byPlace);
    const ahead = cursor ? proposals.filter((one) => byPlace(one, cursor) > 0) : proposals;
    const shown = ahead.slice(0, pageSizeOf(request));
    const last = ahead.length > shown.length ? shown.at(-1) : undefined;
    const self = askedParams(request, asked.bounds);
    return {
      total: proposals.length,
      proposals: await renderProposals(deps.store, shown, contextOf(finding)),
      self: request.cursor === undefined ? self : [...self, ['_cursor', request.cursor]],
      ...(last && { next: nextParams(self, { places, keys: last.keys, id: last.id }) }),
      notices: [...names.notices, ...found.notices],
    };
  };
}

/** One question on its way to its answer. */
interface Finding {
  readonly deps: FindDeps;
  readonly request: FindRequest;
  readonly names: NamesFound;
  readonly asked: AskedTime;
  readonly base: string;
  readonly service: HealthcareService | undefined;
  readonly question: TimesLister['question'];
}

interface Found {
  readonly proposals: readonly PlacedProposal[];
  readonly notices: readonly string[];
}

const NOTHING: Found = { proposals: [], notices: [] };

/** When the visits may be. */
interface AskedTime {
  /** `start` and `end`, filled in where they were left out. */
  readonly bounds: readonly Param[];
  readonly period: Period;
  /** In a zone, from now on at the earliest. */
  readonly windowIn: (zone: string) => SlotWindow;
}

/** @throws {Fault} `invalid` for times that cannot be read or lie the wrong way round, `too-costly` for a long time */
function askedTime({ start, end, occurrenceCount }: FindRequest, { base }: RequestContext, nowMs: number): AskedTime {
  const given: Param[] = [...(start ? [['start', start] as const] : []), ...(end ? [['end', end] as const] : [])];
  const reading = { nowMs, zone: 'UTC', ownBases: [base], strict: false, countDefault: WINDOW_DAYS_DEFAULT };
  const question = slotQuestionOf([['schedule', 'any'], ...given], reading);
  if (question.kind !== 'availability') throw fault('invalid', 'start and end are dates or times.', 'start');
  const windowIn = (zone: string): SlotWindow => {
    const window = availabilityWindow(question, zone, nowMs);
    refuseWideWindow(window);
    if (occurrenceCount !== undefined && window.endByMs > weeksLater(zone, window.startFromMs, 1)) {
      throw fault('too-costly', `The first visits of a series are found within ${WINDOW_DAYS_DEFAULT} days.`, 'end');
    }
    return { ...window, startFromMs: Math.max(window.startFromMs, nowMs) };
  };
  // A question that cannot be answered is refused whether or not any Schedule is there.
  windowIn('UTC');
  const bounds = boundParams(question, nowMs).map(([name, value]): Param => [name, value]);
  const all = [...given, ...bounds];
  const text = (name: string) => all.find((param) => param[0] === name)?.[1] ?? '';
  return { bounds: all, period: { start: text('start'), end: text('end') }, windowIn };
}

/** @throws {Fault} `rule` */
function refuseInactive(service: HealthcareService | undefined): void {
  if (service?.active !== false) return;
  throw fault('rule', `HealthcareService/${service.id ?? ''} is inactive.`, 'service-type-reference');
}

function fitOf({ visitTypes }: FindRequest, service: HealthcareService | undefined, base: string): Fit {
  const ofVisit = visitTypes.length > 0 ? visitFit(visitTypes) : ANY_VISIT;
  const ofService = service ? serviceFit(service, base) : ANY_VISIT;
  if (ofVisit === ANY_VISIT) return ofService;
  return (types) => (ofService(types) === undefined ? undefined : ofVisit(types));
}

function contextOf({ request, names, asked, base, service }: Finding): ProposalContext {
  const { reasons, referral, containedSlots, occurrenceCount } = request;
  return {
    requestedPeriod: asked.period,
    patients: names.patients,
    reasons,
    ...(referral && { referral }),
    service,
    ...(occurrenceCount !== undefined && { series: { count: occurrenceCount, zoneOf } }),
    containedSlots,
    base,
  };
}

/** Whose local time the visits of a series have in common. */
function zoneOf(times: readonly OfferedTime[]): string {
  return times[0]?.rule?.zone ?? times[0]?.view.facts.zone ?? 'UTC';
}

async function proposalsFor(finding: Finding, memory: SlotMemory): Promise<Found> {
  const { deps, request, names, base } = finding;
  const choices = await choicesOf(deps.store, request, names);
  const ids = [...new Set(choices.flatMap(({ scheduleIds }) => scheduleIds))];
  if (ids.length > SCHEDULES_ASKED_MAX) throw tooManySchedules();
  if (choices.some(({ scheduleIds }) => scheduleIds.length > SCHEDULES_AT_ONCE_MAX)) {
    throw fault('too-costly', `At most ${SCHEDULES_AT_ONCE_MAX} Schedules are found free at once.`, 'schedule');
  }
  const views = await deps.schedules.views(ids, base, (facts) => stretchOf(windowFor(finding, facts)));
  const byId = new Map(views.flatMap((view) => (view ? [[view.facts.id, view] as const] : [])));
  const typesOfStored = await storedTypes(finding, [...byId.values()]);
  const lister = new TimesLister(memory, { ...finding.question, ...(typesOfStored && { typesOfStored }) });
  const notices = new Set<string>();
  const proposals = choices.flatMap((choice) => {
    const own = choice.scheduleIds.flatMap((id) => byId.get(id) ?? []);
    if (own.length < choice.scheduleIds.length || !isForService(finding, own)) return [];
    if (!areApart(own)) notices.add(`${choice.scheduleIds.join(' and ')} are of the same doctor or device.`);
    return areApart(own) ? together(finding, lister, choice, own) : [];
  });
  return { proposals, notices: [...notices] };
}

/** The window on one Schedule, with the weeks that the later visits of a series need. */
function windowFor({ asked, request }: Finding, { zone, horizon }: ScheduleFacts): SlotWindow {
  const window = asked.windowIn(zone);
  const { occurrenceCount = 1 } = request;
  const endByMs =
    occurrenceCount === 1 ? window.endByMs : weeksLater(zone, window.endByMs, occurrenceCount - 1) + MS_PER_DAY;
  return withinHorizon({ ...window, endByMs }, horizon);
}

/** Where a service was asked for, one of the Schedules is of it, and the others of no other. */
function isForService({ service, base }: Finding, views: readonly ScheduleView[]): boolean {
  if (!service) return true;
  const types = views.map(({ facts }) => facts.schedule.serviceType ?? []);
  const isOf = types.map((own) => isOfService(own, service, base));
  return isOf.includes(true) && types.every((own, at) => own.length === 0 || isOf[at]);
}

/** The types of the stored Slots that may be offered, where types matter. */
async function storedTypes({ deps, question }: Finding, views: readonly ScheduleView[]) {
  if (question.fit === ANY_VISIT) return undefined;
  const keys = views.flatMap(({ slots }) => slots.map(({ id }) => ({ type: 'Slot', id })));
  const documents = keys.length > 0 ? await deps.store.readMany(keys) : [];
  const typed = documents.flatMap((document) => resourceOf(document));
  return new Map(
    typed.flatMap((slot) =>
      slot.resourceType === 'Slot' && slot.serviceType ? [[slot.id ?? '', slot.serviceType] as const] : [],
    ),
  );
}

/** The times that all Schedules of a choice offer at once. */
function together(
  finding: Finding,
  lister: TimesLister,
  choice: Choice,
  views: readonly ScheduleView[],
): readonly PlacedProposal[] {
  const lists = timesOfAll(finding, lister, views).map((times) => new Map(times.map((time) => [nameOf(time), time])));
  const [first = new Map<string, OfferedTime>(), ...others] = lists;
  return [...first.values()].flatMap((time): PlacedProposal[] => {
    const times = [time, ...others.flatMap((list) => list.get(nameOf(time)) ?? [])];
    if (times.length < lists.length || !isFirstVisit(finding, time, lists)) return [];
    const id = proposalIdOf(
      views.map(({ facts }) => facts.key),
      time,
    );
    const fit = Math.max(...times.map((one) => one.fit));
    return id === undefined ? [] : [{ id, times, keys: [...choice.rank, fit, time.startMs] }];
  });
}

/** Rules that name no length of their own offer that of the others. */
function timesOfAll(
  finding: Finding,
  lister: TimesLister,
  views: readonly ScheduleView[],
): readonly (readonly OfferedTime[])[] {
  const windows = views.map(({ facts }) => windowFor(finding, facts));
  const window = {
    startFromMs: Math.max(...windows.map(({ startFromMs }) => startFromMs)),
    startBeforeMs: Math.min(...windows.map(({ startBeforeMs }) => startBeforeMs)),
    endByMs: Math.min(...windows.map(({ endByMs }) => endByMs)),
  };
  const isOpen = ({ facts: { rules } }: ScheduleView) =>
    rules.length > 0 && rules.every(({ durationMinutes }) => durationMinutes === undefined);
  const fixed = views.map((view) => (isOpen(view) ? undefined : lister.times(view, window)));
  const lengths = lengthsOf(fixed.flatMap((times) => times ?? []));
  if (fixed.every((times) => times === undefined)) return views.map((view) => lister.times(view, window));
  return views.map((view, at) => {
    const own = fixed[at];
    return own ?? lengths.flatMap((minutes) => (isLengthOfRules(minutes) ? lister.times(view, window, minutes) : []));
  });
}

/** Whether a rule can offer a slot of that length; a stored Slot may have others. */
function isLengthOfRules(minutes: number): boolean {
  return Number.isInteger(minutes) && minutes <= MINUTES_PER_DAY;
}

function nameOf({ startMs, endMs }: Interval): string {
  return `${startMs}/${endMs}`;
}

/** Whether a time begins within the question, and the same Schedules have the later visits of its series too. */
function isFirstVisit(
  { asked, request, question }: Finding,
  time: OfferedTime,
  lists: readonly ReadonlyMap<string, OfferedTime>[],
): boolean {
  const { occurrenceCount } = request;
  if (occurrenceCount === undefined) return true;
  if (time.endMs > asked.windowIn(time.view.facts.zone).endByMs) return false;
  const visits = visitsOf(time, zoneOf([time]), occurrenceCount);
  return lists.every((list) => {
    const offered = visits?.flatMap((visit) => list.get(nameOf(visit)) ?? []);
    if (!offered || offered.length < occurrenceCount) return false;
    return areWithinLimits(offered, question.places, question.nowMs);
  });
}
