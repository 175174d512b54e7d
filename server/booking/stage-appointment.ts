import { createHash } from 'node:crypto';
import type { Appointment, Extension, Reference, Slot } from 'fhir/r4.js';
import { instantText, MS_PER_MINUTE } from '../base/clock.js';
import { fault, type Reason } from '../base/fault.js';
import {
  daysToDecide,
  keyRefusals,
  occupies,
  refusalsOfComputed,
  refusalsOfStored,
  statusChange,
  unitDaysOf,
  type Claim,
  type ClaimDecision,
  type ClaimRequest,
  type JoinedUnits,
} from '../claims/index.js';
import { targetsOfSchedules, type ScheduleChoiceDeps } from './appointment-schedules.js';
import { servesTypes, targetsOfSlots, type Target } from './appointment-targets.js';
import type { Draft } from './draft.js';
import type { ScheduleRule } from './read-rules.js';
import { reasonOf, refuse } from './refusal-reasons.js';
import { serviceTypesOf } from './schedule-facts.js';
import { restageSlots, type SlotStateDeps } from './slot-states.js';
import { HOLD_UNTIL_URL } from './steps.js';
import { UnitBook } from './unit-book.js';

/** Why an Appointment stands against the rules: kept in it, `valueString`. */
export const OVERRIDE_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/override-reason';

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
  /** Of a pending one: until when it is held. Absent: a hold that it has stays; else it does not lapse. */
  readonly holdUntilMs?: number;
  readonly keyHash?: string;
  readonly caller?: string;
  /** Goes against the rules: the caller has the right to. */
  readonly override?: string;
  /** Appointments that the same commit cancels. */
  readonly freeing?: readonly string[];
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
  readonly amended: Pick<Appointment, 'slot' | 'start' | 'end' | 'extension' | 'supportingInformation'>;
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
 * @throws {Fault} with every reason why the time cannot be had; `rule` for a change of status that the table lacks
 */
export async function stageAppointment(
  draft: Draft,
  deps: AppointmentDeps,
  change: AppointmentChange,
  nowMs: number,
): Promise<StagedAppointment> {
  const { before, after, base } = change;
  if (before && after && statusChange(before.status, after.status) === 'refused') {
    throw fault('rule', `An Appointment that is ${before.status} cannot become ${after.status}.`, 'Appointment.status');
  }
  const book = UnitBook.of(draft, nowMs);
  const old = before && occupies(before.status) ? await targetsOf(draft, deps, book, change, before) : [];
  const wanted =
    after && occupies(after.status) && !change.claimsNothing ? await targetsOf(draft, deps, book, change, after) : [];
  if (change.timeRequired && wanted.length === 0) throw timeMissing();
  await refuseWithoutKey(book, change, old);
  const keeps = old.length > 0 && sameTimes(old, wanted);
  const decisions = keeps ? await keptDecisions(book, change, wanted) : await decided(draft, book, change, wanted);
  const by = `Appointment/${change.id}`;
  const untilMs = after?.status === 'pending' ? (change.holdUntilMs ?? holdUntilOf(before)) : undefined;
  for (const target of old) await book.release(target.view.timelines, target, by);
  for (const { opened } of decisions) for (const claim of opened) await releaseOpened(book, wanted, claim);
  for (const [at, target] of wanted.entries()) {
    const isTakenOver = decisions[at]?.overridden.some(({ reason }) => reason === 'busy');
    if (isTakenOver) await book.release(target.view.timelines, target, `Slot/${target.slot ?? ''}`, 'busy');
  }
  for (const [at, target] of wanted.entries()) {
    const claim = claimOf(change, target, decisions[at], wanted, untilMs);
    await book.claim(target.view.timelines, claim);
  }
  const timelines = [...old, ...wanted].flatMap(({ view }) => view.timelines);
  const slots = await restageSlots(draft, deps, book, timelines, base);
  const overridden = decisions.flatMap((one) => one.overridden.map(({ reason }) => reason));
  const openedBy = decisions.flatMap(({ opened }) => opened).filter((claim) => claim.kind === 'held');
  return {
    amended: amendedOf(change, wanted, untilMs, overridden.length > 0 && !change.lenient),
    slots,
    opened: [...new Set(openedBy.map((claim) => claim.by))].filter((one) => one !== by),
    overridden,
    targets: wanted,
  };
}

async function targetsOf(
  draft: Draft,
  deps: AppointmentDeps,
  book: UnitBook,
  { base, schedules = [], lenient = false }: AppointmentChange,
  appointment: Appointment,
): Promise<readonly Target[]> {
  const named = await targetsOfSlots(draft, deps, appointment, base, lenient);
  return named ?? targetsOfSchedules(deps, book, appointment, schedules, base);
}

function timeMissing() {
  const message = 'Name the time: a Slot, or start and end with a Schedule or with a participant who has one.';
  return fault('required', message, 'Appointment.slot');
}

/** @throws {Fault} where what it holds opens to another key only */
async function refuseWithoutKey(book: UnitBook, change: AppointmentChange, old: readonly Target[]): Promise<void> {
  const by = `Appointment/${change.id}`;
  for (const target of old) {
    const { claims } = await book.joined(target.view.timelines, unitDaysOf(target));
    const time = { schedule: target.view.facts.id, name: by, expression: 'key' };
    refuse(keyRefusals(claims, by, change, book.nowMs).map((refusal) => reasonOf(refusal, time)));
  }
}

function sameTimes(a: readonly Target[], b: readonly Target[]): boolean {
  const names = (targets: readonly Target[]) =>
    targets.map(({ view, startMs, endMs, slot }) => [view.facts.id, startMs, endMs, slot].join(' ')).sort();
  return JSON.stringify(names(a)) === JSON.stringify(names(b));
}

/** The claims that it has already, as they are: a change of status asks nobody for the time again. */
async function keptDecisions(
  book: UnitBook,
  change: AppointmentChange,
  targets: readonly Target[],
): Promise<readonly Decided[]> {
  const decisions: Decided[] = [];
  for (const target of targets) {
    const units = await book.joined(target.view.timelines, unitDaysOf(target));
    const own = units.claims.find(
      (claim) => claim.by === `Appointment/${change.id}` && claim.startMs === target.startMs,
    );
    decisions.push({ refusals: [], overridden: [], opened: [], ...(own && { kept: own }) });
  }
  return decisions;
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

/** May a request have a time? What the answer rests on is checked by the commit. */
export async function decideClaim(
  draft: Draft,
  book: UnitBook,
  target: Target,
  rules: readonly ScheduleRule[],
  request: ClaimRequest,
): Promise<ClaimDecision> {
  const { facts, timelines, keys, revisions } = target.view;
  keys.forEach((key, at) => draft.checkAt(key, revisions[at] ?? 0));
  const units = await unitsToDecide(book, timelines, rules, target);
  if (target.stored) return refusalsOfStored(target.stored, facts, units.claims, request, book.nowMs);
  return refusalsOfComputed(target, { ...facts, rules }, units, request, book.nowMs);
}

function serves(
  facts: Parameters<typeof serviceTypesOf>[0],
  rule: Parameters<typeof serviceTypesOf>[1],
  { after }: AppointmentChange,
): boolean {
  return servesTypes(serviceTypesOf(facts, rule), after?.serviceType);
}

async function unitsToDecide(
  book: UnitBook,
  timelines: readonly string[],
  rules: Parameters<typeof daysToDecide>[0],
  target: Target,
): Promise<JoinedUnits> {
  const { days, limitDays } = daysToDecide(rules, target);
  const [first] = timelines;
  const near = await book.joined(timelines, days);
  if (limitDays.length === 0 || first === undefined) return near;
  const far = await book.joined([first], limitDays);
  const known = new Set(near.claims.map(nameOfClaim));
  return { slots: near.slots, claims: [...near.claims, ...far.claims.filter((one) => !known.has(nameOfClaim(one)))] };
}

function nameOfClaim({ by, kind, schedule, slot, startMs }: Claim): string {
  return [by, kind, schedule, slot, startMs].join(' ');
}

function requestOf({ id, after, keyHash, caller, override, freeing }: AppointmentChange): ClaimRequest {
  return {
    by: `Appointment/${id}`,
    kind: after?.status === 'pending' ? 'held' : 'booked',
    override: override !== undefined,
    ...(keyHash !== undefined && { keyHash }),
    ...(caller !== undefined && { caller }),
    ...(freeing && { freeing: freeing.map((one) => `Appointment/${one}`) }),
  };
}

/** A lock is ended by the booking that carried its key, and a hold is given up for it. */
async function releaseOpened(book: UnitBook, targets: readonly Target[], claim: Claim): Promise<void> {
  for (const { view } of targets) {
    if (view.facts.id === claim.schedule) await book.release(view.timelines, claim, claim.by, claim.kind);
  }
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
  const firstStartMs = Math.min(...all.filter((one) => one.view.facts.id === view.facts.id).map((one) => one.startMs));
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
    bufferBeforeMs: kept?.bufferBeforeMs ?? (rule?.bufferBeforeMinutes ?? 0) * MS_PER_MINUTE,
    bufferAfterMs: kept?.bufferAfterMs ?? (rule?.bufferAfterMinutes ?? 0) * MS_PER_MINUTE,
    ...(untilMs !== undefined && { untilMs }),
    ...(keyHash !== undefined && { keyHash }),
  };
}

function rulesFor(change: AppointmentChange, { view, stored }: Target) {
  return stored ? [] : view.facts.rules.filter((rule) => serves(view.facts, rule, change));
}

/** When the hold of an Appointment ends. */
export function holdUntilOf(appointment: Appointment | undefined): number | undefined {
  const until = appointment?.extension?.find(({ url }) => url === HOLD_UNTIL_URL)?.valueInstant;
  return until === undefined || appointment?.status !== 'pending' ? undefined : Date.parse(until);
}

/** What the engine says in the resource: its Slots, or else its Schedules; the end of its hold; why it may stand. */
function amendedOf(
  change: AppointmentChange,
  targets: readonly Target[],
  untilMs: number | undefined,
  isOverridden: boolean,
): StagedAppointment['amended'] {
  const { after, before, override } = change;
  if (!after) return {};
  const said = (after.extension ?? []).filter(({ url }) => url !== HOLD_UNTIL_URL && url !== OVERRIDE_URL);
  const reason = isOverridden ? override : overrideOf(before);
  const extension: Extension[] = [
    ...said,
    ...(untilMs === undefined ? [] : [{ url: HOLD_UNTIL_URL, valueInstant: instantText(untilMs) }]),
    ...(reason === undefined ? [] : [{ url: OVERRIDE_URL, valueString: reason }]),
  ];
  const slots = targets.flatMap(({ slot }): Reference[] => (slot === undefined ? [] : [{ reference: `Slot/${slot}` }]));
  const named = after.slot && after.slot.length > 0 ? after.slot : slots;
  const slotless = targets.filter(({ slot }) => slot === undefined).map(({ view }) => `Schedule/${view.facts.id}`);
  const information = after.supportingInformation ?? [];
  const missing = slotless.filter((one) => !information.some(({ reference }) => reference === one));
  const startMs = Math.min(...targets.map((target) => target.startMs));
  const endMs = Math.max(...targets.map((target) => target.endMs));
  const [start, end] = [after.start ?? textOfMs(startMs), after.end ?? textOfMs(endMs)];
  return {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(named.length > 0 && { slot: named }),
    ...(extension.length > 0 && { extension }),
    ...(information.length + missing.length > 0 && {
      supportingInformation: [...information, ...missing.map((reference) => ({ reference }))],
    }),
  };
}

function textOfMs(ms: number): string | undefined {
  return Number.isFinite(ms) ? instantText(ms) : undefined;
}

function overrideOf(appointment: Appointment | undefined): string | undefined {
  return appointment?.extension?.find(({ url }) => url === OVERRIDE_URL)?.valueString;
}
