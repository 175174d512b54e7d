import { createHash } from 'node:crypto';
import type { Appointment, Slot } from 'fhir/r4.js';
import { instantMs, MS_PER_MINUTE } from '../base/clock.js';
import { fault, type Reason } from '../base/fault.js';
import {
  keyRefusals,
  liveClaims,
  occupies,
  takesPlace,
  type Claim,
  type ClaimDecision,
  type ClaimRequest,
} from '../claims/index.js';
import { overlaps } from '../base/interval.js';
import { amendedOf, poolsOf, type Amended } from './amend-appointment.js';
import { appointmentKey } from './appointment-key.js';
import { placesOf, type Place } from './appointment-places.js';
import { targetsOfSchedules, type ScheduleChoiceDeps } from './appointment-schedules.js';
import { refuseOversized } from './appointment-size.js';
import { servesTypes, targetsOfSlots, wholeTime, type Target } from './appointment-targets.js';
import { decideClaim } from './decide-claim.js';
import type { Draft } from './draft.js';
import { reasonOf, refuse } from './refusal-reasons.js';
import { serviceTypesOf } from './schedule-facts.js';
import { resourceOf } from './schedule-reader.js';
import { restageSlots, type SlotStateDeps } from './slot-states.js';
import { refuseChangesByCancelling, refuseLosingTime, refuseStatusChange } from './status-rules.js';
import { HOLD_UNTIL_URL } from './steps.js';
import { UnitBook } from './unit-book.js';

export type AppointmentDeps = ScheduleChoiceDeps & SlotStateDeps;

/** An Appointment before and after a write, and with what it is asked for. */
export interface AppointmentChange {
  readonly id: string;
  readonly base: string;
  readonly before: Appointment | undefined;
  /** Undefined: it goes away. */
  readonly after: Appointment | undefined;
  /** Schedules that the request names beside the Appointment. */
  readonly schedules?: readonly string[];
  /** It counts in this pool: only rules of it are asked. Absent: the first rule that has room. */
  readonly pool?: string;
  /** Of a pending one: until when it is held. Absent: a hold that it has stays; else it does not lapse. */
  readonly holdUntilMs?: number;
  readonly keyHash?: string;
  readonly caller?: string;
  /** Goes against the rules: the caller has the right to. */
  readonly override?: string;
  /** The override is for the hours and the past alone. */
  readonly hoursOnly?: boolean;
  /** Appointments that the same commit cancels. */
  readonly freeing?: readonly string[];
  /** It takes back the time that it had until it became a noshow: see `resumed-time.ts`. */
  readonly resumes?: boolean;
  /** It must name a time that can be claimed: an operation asks for one. */
  readonly timeRequired?: boolean;
  /** `load`: Slots that are not there yet may come later; the Appointment has no time of them then. */
  readonly lenient?: boolean;
  /** `load`, of what is over. */
  readonly claimsNothing?: boolean;
}

/** What a staged change of an Appointment amounts to. */
export interface StagedAppointment {
  /** The elements that the engine decides, to be put into the resource. */
  readonly amended: Amended;
  /** Stored Slots whose status changed by it. */
  readonly slots: readonly Slot[];
  /** Appointments whose holds the key opened: they are given up for this one. */
  readonly opened: readonly string[];
  readonly overridden: readonly string[];
  readonly targets: readonly Target[];
}

/** What is kept of a key, and compared. */
export function keyHashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Stages what a change of an Appointment means for time: it wins, keeps, moves or frees it (design §4). Everything that
 * it rests on is checked by the commit.
 *
 * @throws {Fault} with every reason why the time cannot be had; `rule` for a change of status that the table lacks, or
 * for a cancellation that changes more
 */
export async function stageAppointment(
  draft: Draft,
  deps: AppointmentDeps,
  change: AppointmentChange,
  nowMs: number,
): Promise<StagedAppointment> {
  const { before, after, base } = change;
  if (before && after) refuseStatusChange(before.status, after.status);
  if (before && after && !change.lenient) refuseChangesByCancelling(before, after);
  if (after && occupies(after.status)) refuseOversized(wholeTime(after), after.slot);
  const book = UnitBook.of(draft, nowMs);
  const old = before && occupies(before.status) ? await heldPlaces(draft, deps, book, change, before) : [];
  const wanted =
    after && occupies(after.status) && !isOver(change, nowMs) ? await targetsOf(draft, deps, book, change, after) : [];
  if (change.timeRequired && wanted.length === 0) throw timeMissing();
  if (after && !change.lenient) refuseLosingTime(after.status, old.length, wanted.length);
  refuseWithoutKey(change, old, nowMs);
  refuse(meetings(wanted));
  const decisions = keptDecisions(old, wanted) ?? (await decided(draft, book, change, wanted));
  // Nothing is refused from here on: a load goes on with the same draft after a refusal.
  const by = `Appointment/${change.id}`;
  const untilMs = after?.status === 'pending' ? holdEnd(change) : undefined;
  const freed = [...old, ...(await openedPlaces(draft, deps, book, base, decisions, wanted))];
  for (const { timelines, claim } of freed) await book.release(timelines, claim, claim.by, claim.kind);
  for (const [at, target] of wanted.entries()) {
    if (await takesOver(book, target, decisions[at], by)) {
      await book.release(target.view.timelines, target, `Slot/${target.slot ?? ''}`, 'busy');
    }
  }
  const claims = wanted.map((target, at) => claimOf(change, target, decisions[at], wanted, untilMs));
  for (const [at, claim] of claims.entries()) await book.claim(wanted[at]?.view.timelines ?? [], claim);
  const timelines = [...freed.flatMap((place) => place.timelines), ...wanted.flatMap(({ view }) => view.timelines)];
  const slots = await restageSlots(draft, deps, book, timelines, base);
  const overridden = decisions.flatMap((one) => one.overridden.map(({ reason }) => reason));
  const openedBy = decisions.flatMap(({ opened }) => opened).filter((claim) => claim.kind === 'held');
  return {
    amended: amendedOf(change, wanted, claims, untilMs, overridden.length > 0 && !change.lenient),
    slots,
    opened: [...new Set(openedBy.map((claim) => claim.by))].filter((one) => one !== by),
    overridden,
    targets: wanted,
  };
}

/** What it has, of what still counts. */
async function heldPlaces(
  draft: Draft,
  deps: AppointmentDeps,
  book: UnitBook,
  { id, base }: AppointmentChange,
  appointment: Appointment,
): Promise<readonly Place[]> {
  const places = await placesOf(draft, deps, book, { id, base, appointment });
  return places.filter(({ claim }) => liveClaims([claim], book.nowMs).length > 0);
}

/** Of what a `load` writes, a hold that has ended has no time either. */
function isOver({ after, lenient = false, claimsNothing = false }: AppointmentChange, nowMs: number): boolean {
  const endMs = lenient ? holdUntilOf(after) : undefined;
  return claimsNothing || (endMs !== undefined && endMs <= nowMs);
}

/** When the hold of a pending Appointment ends: as asked, as before, or as an export tells that is loaded. */
function holdEnd({ before, after, holdUntilMs, lenient = false }: AppointmentChange): number | undefined {
  return holdUntilMs ?? (lenient ? holdUntilOf(after) : undefined) ?? holdUntilOf(before);
}

async function targetsOf(
  draft: Draft,
  deps: AppointmentDeps,
  book: UnitBook,
  { base, before, schedules = [], lenient = false }: AppointmentChange,
  appointment: Appointment,
): Promise<readonly Target[]> {
  const named = await targetsOfSlots(draft, deps, appointment, base, lenient);
  const inactiveToo = lenient || isSameVisit(before, appointment);
  return named ?? targetsOfSchedules(deps, book, appointment, schedules, base, { lenient, inactiveToo });
}

/** Whether it occupies the same time of the same participants as before: what they lack for it, they lacked then. */
function isSameVisit(before: Appointment | undefined, after: Appointment): boolean {
  if (!before || !occupies(before.status)) return false;
  const visitOf = (one: Appointment) => [wholeTime(one), one.participant.map(({ actor }) => actor?.reference)];
  return JSON.stringify(visitOf(before)) === JSON.stringify(visitOf(after));
}

function timeMissing() {
  const message = 'Name the time: a Slot, or start and end with a Schedule or with a participant who has one.';
  return fault('required', message, 'Appointment.slot');
}

/** @throws {Fault} where what it holds opens to another key only */
function refuseWithoutKey(change: AppointmentChange, old: readonly Place[], nowMs: number): void {
  const by = `Appointment/${change.id}`;
  const claims = old.map(({ claim }) => claim);
  refuse(
    keyRefusals(claims, by, change, nowMs).map((refusal) =>
      reasonOf(refusal, { schedule: '', name: by, expression: 'key' }),
    ),
  );
}

/** Nobody can be in one place for two Schedules at the same time, be it for one Appointment. */
function meetings(targets: readonly Target[]): readonly Reason[] {
  return targets.flatMap((one, at) =>
    targets
      .slice(at + 1)
      .filter((other) => overlaps(one, other) && one.view.timelines.some((name) => other.view.timelines.includes(name)))
      .map(({ view, expression }): Reason => {
        const both = `Schedule/${one.view.facts.id} and Schedule/${view.facts.id}`;
        const message = `${both} are of the same actor: name one of them.`;
        return { kind: 'rule', expression, message };
      }),
  );
}

/**
 * Where it has all of its times already, its claims as they are: a change of status asks nobody for the time again.
 * Undefined where a time is another one, or where no live claim stands for it.
 */
function keptDecisions(old: readonly Place[], wanted: readonly Target[]): readonly Decided[] | undefined {
  if (old.length === 0 || old.length !== wanted.length) return undefined;
  const decisions = wanted.flatMap((target): Decided[] => {
    const own = old.find(({ claim }) => isFor(claim, target));
    return own ? [{ refusals: [], overridden: [], opened: [], kept: own.claim }] : [];
  });
  return decisions.length === wanted.length ? decisions : undefined;
}

function isFor(claim: Claim, { view, startMs, endMs, slot }: Target): boolean {
  const isSameTime = claim.startMs === startMs && claim.endMs === endMs;
  return isSameTime && claim.schedule === view.facts.id && claim.slot === slot;
}

/** A Slot that was written busy is taken over by the booking that fills it; a disabled one stays so. */
async function takesOver(
  book: UnitBook,
  { view, stored }: Target,
  decision: Decided | undefined,
  by: string,
): Promise<boolean> {
  if (!stored || !decision?.overridden.some(({ reason }) => reason === 'busy')) return false;
  const { claims } = await book.within(view.timelines, stored);
  const ofSlot = liveClaims(claims, book.nowMs).filter((claim) => claim.stored && claim.slot === stored.id);
  const others = ofSlot.filter((claim) => takesPlace(claim) && claim.by !== by);
  const isDisabled = ofSlot.some(({ kind, status }) => kind === 'busy' && status === 'busy-unavailable');
  return !isDisabled && others.length + 1 >= (stored.capacity ?? 1);
}

/** What locks and holds have that the key opened: a lock its Slot, a hold all the times of its Appointment. */
async function openedPlaces(
  draft: Draft,
  deps: AppointmentDeps,
  book: UnitBook,
  base: string,
  decisions: readonly Decided[],
  wanted: readonly Target[],
): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const [at, { opened }] of decisions.entries()) {
    for (const claim of opened) {
      places.push({ timelines: wanted[at]?.view.timelines ?? [], claim });
      if (claim.kind !== 'held') continue;
      const key = appointmentKey(claim.by);
      const [appointment] = resourceOf(await draft.original(key));
      if (appointment?.resourceType !== 'Appointment') continue;
      places.push(...(await placesOf(draft, deps, book, { id: key.id, base, appointment })));
    }
  }
  return places;
}

type Decided = ClaimDecision & { readonly kept?: Claim };

/** May it have all of these times? @throws {Fault} with all the reasons why not */
async function decided(
  draft: Draft,
  book: UnitBook,
  change: AppointmentChange,
  targets: readonly Target[],
): Promise<readonly Decided[]> {
  const reasons: Reason[] = [];
  const decisions: Decided[] = [];
  for (const target of targets) {
    const decision = await decideOn(draft, book, change, target);
    decisions.push(decision);
    const { id } = target.view.facts;
    const name = target.slot === undefined ? 'The time' : `Slot/${target.slot}`;
    const time = { schedule: id, name, expression: target.expression };
    reasons.push(...decision.refusals.map((refusal) => reasonOf(refusal, time)));
  }
  refuse(reasons);
  return decisions;
}

async function decideOn(
  draft: Draft,
  book: UnitBook,
  change: AppointmentChange,
  target: Target,
): Promise<ClaimDecision> {
  const { facts } = target.view;
  const rules = rulesFor(change, target);
  if (!target.stored && rules.length === 0 && facts.rules.length > 0 && change.override === undefined) {
    const message = `Schedule/${facts.id} does not offer this type of visit.`;
    throw fault('rule', message, 'Appointment.serviceType');
  }
  return decideClaim(draft, book, target, rules, requestOf(change));
}

function serves(
  facts: Parameters<typeof serviceTypesOf>[0],
  rule: Parameters<typeof serviceTypesOf>[1],
  { after }: AppointmentChange,
): boolean {
  return servesTypes(serviceTypesOf(facts, rule), after?.serviceType);
}

function requestOf(change: AppointmentChange): ClaimRequest {
  const { id, after, keyHash, caller, override, hoursOnly, resumes, freeing } = change;
  return {
    by: `Appointment/${id}`,
    kind: after?.status === 'pending' ? 'held' : 'booked',
    override: override !== undefined,
    ...(hoursOnly && { hoursOnly }),
    ...(resumes && { resumes }),
    ...(keyHash !== undefined && { keyHash }),
    ...(caller !== undefined && { caller }),
    ...(freeing && { freeing: freeing.map((one) => `Appointment/${one}`) }),
  };
}

function claimOf(
  change: AppointmentChange,
  target: Target,
  decision: Decided | undefined,
  all: readonly Target[],
  untilMs: number | undefined,
): Claim {
  const { view, startMs, endMs, stored, slot } = target;
  const kept = decision?.kept;
  const rule = decision?.rule === undefined ? undefined : rulesFor(change, target)[decision.rule];
  const together = all.filter((one) => one.view.facts.id === view.facts.id);
  const firstStartMs = Math.min(...together.map((one) => one.startMs));
  const lastEndMs = Math.max(...together.map((one) => one.endMs));
  const isPending = change.after?.status === 'pending';
  const keyHash = isPending ? (change.keyHash ?? kept?.keyHash) : undefined;
  const pool = kept ? kept.pool : rule?.pool;
  return {
    by: `Appointment/${change.id}`,
    kind: isPending ? 'held' : 'booked',
    schedule: view.facts.id,
    ...(slot !== undefined && { slot }),
    ...(firstStartMs < startMs && { firstStartMs }),
    stored: stored !== undefined,
    ...(pool !== undefined && { pool }),
    startMs,
    endMs,
    // Adjacent times are one visit: nothing is kept free between them.
    bufferBeforeMs:
      kept?.bufferBeforeMs ?? (startMs > firstStartMs ? 0 : (rule?.bufferBeforeMinutes ?? 0) * MS_PER_MINUTE),
    bufferAfterMs: kept?.bufferAfterMs ?? (endMs < lastEndMs ? 0 : (rule?.bufferAfterMinutes ?? 0) * MS_PER_MINUTE),
    ...(untilMs !== undefined && { untilMs }),
    ...(keyHash !== undefined && { keyHash }),
  };
}

function rulesFor(change: AppointmentChange, { view, stored }: Target) {
  const rules = stored ? [] : view.facts.rules.filter((rule) => serves(view.facts, rule, change));
  if (change.pool !== undefined) return rules.filter(({ pool }) => pool === change.pool);
  // What is loaded counts where it counted, as long as there are such rules.
  const pools = change.lenient && change.after ? poolsOf(change.after) : [];
  const same = rules.filter(({ pool }) => pool !== undefined && pools.includes(pool));
  return same.length > 0 ? same : rules;
}

/** When the hold of an Appointment ends. */
export function holdUntilOf(appointment: Appointment | undefined): number | undefined {
  const until = appointment?.extension?.find(({ url }) => url === HOLD_UNTIL_URL)?.valueInstant;
  return until === undefined || appointment?.status !== 'pending' ? undefined : instantMs(until);
}
