import type { Appointment, Schedule, Slot } from 'fhir/r4.js';
import { MS_PER_DAY, type Clock } from '../base/clock.js';
import { Fault, fault } from '../base/fault.js';
import { overlaps, type Interval } from '../base/interval.js';
import { joinUnits, liveClaims, readUnit, type Claim, type JoinedUnits } from '../claims/index.js';
import type { Filter } from '../search/index.js';
import { pagesOf, type Store, type StoredDocument } from '../store/index.js';
import { appointmentKey } from './appointment-key.js';
import { asOf } from './as-of.js';
import type { Bookings, Conflict, ConflictsRequest } from './bookings.js';
import { collisionsOf, isInWayOf, type PlannedSlot, type ScheduleState } from './conflict-reasons.js';
import { askedInside, inside } from './inside.js';
import { periodInterval } from './periods.js';
import { standing } from './read-resources.js';
import { readRules } from './read-rules.js';
import { factsOf } from './schedule-facts.js';
import { actorKeysOf, resourceOf, type ScheduleReader, type ScheduleView } from './schedule-reader.js';
import { placeOf, refuseLong } from './slot-writes.js';
import { OVERRIDE_URL } from './amend-appointment.js';
import type { RequestContext } from './types.js';
import { timelineOf, UNIT_SCHEDULE, UNIT_TYPE } from './unit-book.js';

/** Units read at a time. */
const UNITS_PER_PAGE = 500;
/** How far from an Appointment lies what counts against it: a month, for limits. */
const REACH_MS_MAX = 32 * MS_PER_DAY;

export interface ConflictsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
  readonly schedules: ScheduleReader;
}

/**
 * `$conflicts`: the Appointments that a Schedule as it is, or a change that is planned, collides with
 * (docs/operations.md §1.9). One that stands against the rules on purpose counts only where the change gives it
 * a reason that it has not today.
 */
export function makeConflicts(deps: ConflictsDeps): Bookings['conflicts'] {
  return async (scheduleId, asked, caller) => {
    const [request, context] = [askedInside(asked, caller), inside(caller)];
    const nowMs = deps.clock.nowMs();
    standing(await deps.store.read({ type: 'Schedule', id: scheduleId }), { type: 'Schedule', id: scheduleId });
    const [view] = await deps.schedules.views([scheduleId], context.base, () => undefined);
    if (!view) throw fault('not-found', `Schedule/${scheduleId} does not exist.`);
    const window = windowOf(request, view.facts.zone, nowMs);
    const units = await unitsOf(deps, view, request, window, context);
    const claims = liveClaims(units.claims, nowMs).filter((claim) => isAppointment(claim) && overlaps(claim, window));
    const appointments = await appointmentsOf(deps.store, claims, nowMs);
    const reasonsFor = await reasoner(deps, view, request, units, context, nowMs);
    const found = new Map<string, { readonly conflict: Conflict; readonly startMs: number }>();
    for (const claim of claims) {
      const document = appointments.get(claim.by);
      const reasons = document ? reasonsFor(JSON.parse(document.text) as Appointment, claim) : [];
      if (!document || reasons.length === 0) continue;
      const { type, id, text } = document;
      const before = found.get(id)?.conflict.diagnostics.split('; ') ?? [];
      const diagnostics = [...new Set([...before, ...reasons])].join('; ');
      const startMs = Math.min(claim.startMs, found.get(id)?.startMs ?? Infinity);
      found.set(id, { conflict: { appointment: { type, id, text }, diagnostics }, startMs });
    }
    const inOrder = [...found].sort(([a, one], [b, other]) => one.startMs - other.startMs || (a < b ? -1 : 1));
    return inOrder.map(([, { conflict }]) => conflict);
  };
}

function isAppointment({ by }: Claim): boolean {
  return by.startsWith('Appointment/');
}

/** From now on, where nobody says when. @throws {Fault} `invalid` */
function windowOf({ start, end }: ConflictsRequest, zone: string, nowMs: number): Interval {
  const asked = periodInterval({ ...(start !== undefined && { start }), ...(end !== undefined && { end }) }, zone);
  const window = { startMs: start === undefined ? nowMs : asked.startMs, endMs: asked.endMs };
  if (window.startMs < window.endMs) return window;
  throw fault('invalid', 'end must lie after start (now, where none is given).', 'end');
}

/** What lies on the timelines near the window, in the days on which something of the Schedule lies. */
async function unitsOf(
  deps: ConflictsDeps,
  { facts, timelines }: ScheduleView,
  { planned }: ConflictsRequest,
  window: Interval,
  { base }: RequestContext,
): Promise<JoinedUnits> {
  if (planned?.resourceType === 'Slot') return unitsNearSlot(deps, facts.id, planned, base);
  const units: Parameters<typeof joinUnits>[0][number][] = [];
  const near = { startMs: window.startMs - REACH_MS_MAX, endMs: window.endMs + REACH_MS_MAX };
  for await (const { id, text } of unitsNaming(deps.store, facts.id)) {
    const timeline = timelineOf(id);
    const startMs = Number(id.slice(timeline.length + 1)) * MS_PER_DAY;
    const isNear = overlaps(near, { startMs, endMs: startMs + MS_PER_DAY });
    if (isNear && timelines.includes(timeline)) units.push({ timeline, unit: readUnit(text) });
  }
  return joinUnits(units);
}

async function* unitsNaming(store: Store, scheduleId: string): AsyncGenerator<StoredDocument> {
  const filter: Filter = { kind: 'reference', param: UNIT_SCHEDULE, target: `Schedule/${scheduleId}` };
  for await (const page of pagesOf(store, { type: UNIT_TYPE, filter, sort: [] }, UNITS_PER_PAGE)) {
    for (const { document } of page) yield document;
  }
}

/** Where the Slot shall lie, and where it lies now. @throws {Fault} `rule` for one that lasts too long */
async function unitsNearSlot(
  { store, schedules }: ConflictsDeps,
  scheduleId: string,
  planned: Slot,
  base: string,
): Promise<JoinedUnits> {
  const id = planned.id ?? '';
  const stored = id === '' ? undefined : await store.read({ type: 'Slot', id });
  const places = [planned, ...resourceOf(stored)].flatMap((slot) => placeOf(slot, id, base) ?? []);
  const claims = new Map<string, Claim>();
  for (const place of places) {
    refuseLong(place);
    const [view] = await schedules.views([scheduleId], base, () => place);
    for (const claim of view?.units.claims ?? []) claims.set(JSON.stringify(claim), claim);
  }
  return { slots: [], claims: [...claims.values()] };
}

/** The Appointments that have these claims, by their references, as they are now. */
async function appointmentsOf(store: Store, claims: readonly Claim[], nowMs: number) {
  const references = [...new Set(claims.map(({ by }) => by))];
  const keys = references.map(appointmentKey);
  const documents = keys.length > 0 ? await store.readMany(keys) : [];
  const standing = documents.flatMap((document) => (document && !document.deleted ? [asOf(document, nowMs)] : []));
  return new Map(standing.map((document) => [`Appointment/${document.id}`, document]));
}

type Reasons = (appointment: Appointment, claim: Claim) => readonly string[];

/** How it is told with what an Appointment collides. @throws {Fault} `rule` for planned rules that cannot be read */
async function reasoner(
  deps: ConflictsDeps,
  { facts }: ScheduleView,
  { planned }: ConflictsRequest,
  units: JoinedUnits,
  { base }: RequestContext,
  nowMs: number,
): Promise<Reasons> {
  if (planned?.resourceType === 'Slot') {
    const slot = plannedSlot(planned, base);
    return (_, claim) => (isInWayOf(claim, slot, facts.id) ? [nameOfSlot(planned)] : []);
  }
  const now: ScheduleState = { facts, units };
  if (!planned) return (one, claim) => (isOverride(one) ? [] : collisionsOf(one, claim, now, nowMs));
  const then = { facts: await plannedFacts(deps, facts.id, planned, base), units };
  return (one, claim) => {
    const before = isOverride(one) ? collisionsOf(one, claim, now, nowMs) : [];
    return collisionsOf(one, claim, then, nowMs).filter((reason) => !before.includes(reason));
  };
}

function isOverride({ extension = [] }: Appointment): boolean {
  return extension.some(({ url }) => url === OVERRIDE_URL);
}

function plannedSlot(planned: Slot, base: string): PlannedSlot {
  const { id, status } = planned;
  const { startMs, endMs } = placeOf(planned, id ?? '', base) ?? { startMs: 0, endMs: 0 };
  return { startMs, endMs, isFree: status === 'free', ...(id !== undefined && { id }) };
}

function nameOfSlot({ id, start, end }: Slot): string {
  return id === undefined ? `the Slot from ${start} to ${end}` : `Slot/${id}`;
}

async function plannedFacts({ store, defaultZone }: ConflictsDeps, id: string, planned: Schedule, base: string) {
  const { refusals } = readRules(planned, defaultZone);
  if (refusals.length > 0) throw new Fault(refusals);
  const actors = await store.readMany(actorKeysOf(planned, base));
  return factsOf({ ...planned, id }, actors.flatMap(resourceOf), defaultZone);
}
