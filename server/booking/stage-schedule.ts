import type { FhirResource, Schedule } from 'fhir/r4.js';
import { fault, type Reason } from '../base/fault.js';
import { liveClaims, type Claim, type OwnedSlot } from '../claims/index.js';
import type { Filter } from '../search/index.js';
import type { DocumentKey, Store } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import { newestIn } from './newest.js';
import { refuse } from './refusal-reasons.js';
import { stageRoleSchedule } from './role-schedules.js';
import { resourceOf } from './schedule-reader.js';
import { resolveTimelines, roleKeysOf, timelinesKey, timelinesOf, timelinesText } from './timelines.js';
import type { ExclusiveActor } from './types.js';
import { arrivalKeysOf, UNIT_SCHEDULE, UNIT_TYPE, UnitBook } from './unit-book.js';

/** A Schedule moves to other timelines with at most so many days on which something of it lies. */
export const DAYS_MOVED_MAX = 1_000;

export interface StageScheduleDeps {
  readonly store: Store;
  readonly exclusiveActors: readonly ExclusiveActor[];
}

/**
 * Stages on which timelines a Schedule lies, now that it is written: they follow from its actors. Where they change,
 * its stored Slots move along.
 *
 * @returns the timelines that something moved to or from
 * @throws {Fault} `conflict` where somebody has booked, held or locked time of it that is still to come
 */
export async function stageSchedule(
  draft: Draft,
  deps: StageScheduleDeps,
  schedule: PlacedSchedule,
  nowMs: number,
): Promise<readonly string[]> {
  const { id, base, resource } = schedule;
  const move = await plannedMove(draft, deps, schedule, nowMs);
  refuse(move?.isBooked ? [bookedReason(id)] : []);
  for (const role of roleKeysOf(resource, base)) await stageRoleSchedule(draft, role, id, nowMs);
  return move ? stageMove(draft, move, nowMs) : [];
}

/** A Schedule whose actors are looked at. */
export interface PlacedSchedule {
  readonly id: string;
  readonly base: string;
  readonly resource: Schedule;
  /** There never was one under this id. */
  readonly isNew?: boolean;
  /** A role of it that the same draft is about to write; without a resource, to delete. */
  readonly written?: { readonly key: DocumentKey; readonly resource: FhirResource | undefined };
}

/** A Schedule that goes from timelines to others, with what lies on it. */
export interface ScheduleMove {
  readonly id: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly lying: OnSchedule;
  /** Somebody has booked, held or locked time of it that is still to come: it may not go. */
  readonly isBooked: boolean;
}

/**
 * Where a Schedule goes by its actors; undefined: it stays where it is. The commit stands only while its roles and its
 * timelines are the same.
 *
 * @throws {Fault} `too-costly` beyond {@link DAYS_MOVED_MAX} days on which something of it lies
 */
export async function plannedMove(
  draft: Draft,
  deps: StageScheduleDeps,
  { id, base, resource, isNew = false, written }: PlacedSchedule,
  nowMs: number,
): Promise<ScheduleMove | undefined> {
  const roleKeys = roleKeysOf(resource, base);
  const key = timelinesKey(id);
  await draft.prepare([...roleKeys, key]);
  for (const one of [...roleKeys, key]) draft.check(one);
  const roles = await Promise.all(
    roleKeys.map(async (role) => {
      if (written && role.id === written.key.id) return written.resource ?? [];
      return resourceOf(await draft.get(role));
    }),
  );
  const record = await draft.get(key);
  const before = timelinesOf(id, record);
  const after = resolveTimelines(resource, id, roles.flat(), base, deps.exclusiveActors);
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  // The commit writes the record, so it stands only while still none of its Slots has come before it.
  const isEmpty = isNew && !record;
  const lying = isEmpty ? NOTHING : await everythingOn(draft, UnitBook.of(draft, nowMs), deps.store, id);
  const isBooked = lying.claims.some((claim) => claim.kind !== 'busy' && isToCome(claim, nowMs));
  return { id, before, after, lying, isBooked };
}

/** Stages the move of a Schedule. @returns the timelines that something moved to or from */
export async function stageMove(
  draft: Draft,
  { id, before, after, lying }: ScheduleMove,
  nowMs: number,
): Promise<readonly string[]> {
  draft.put({ ...timelinesKey(id), updatedMs: nowMs, ...RECORD, text: timelinesText(after) });
  await move(UnitBook.of(draft, nowMs), lying, before, after);
  return lying.slots.length + lying.claims.length > 0 ? [...before, ...after] : [];
}

const NOTHING: OnSchedule = { slots: [], claims: [], dayCount: 0 };

function bookedReason(id: string): Reason {
  return {
    kind: 'conflict',
    expression: 'Schedule.actor',
    message: `Schedule/${id} has bookings, holds or locks that are still to come: its actors stay until then.`,
  };
}

/** All leaves before anything arrives: an owner may have several claims, and some timelines stay. */
async function move(
  book: UnitBook,
  { slots, claims }: OnSchedule,
  before: readonly string[],
  after: readonly string[],
): Promise<void> {
  for (const slot of slots) await book.dropSlot(before, slot);
  for (const claim of claims) await book.release(before, claim, claim.by, claim.kind);
  for (const slot of slots) await book.putSlot(after, slot);
  for (const claim of claims) await book.claim(after, claim);
}

/** @throws {Fault} `conflict` for a Schedule that somebody has booked, held or locked time of, or that has Slots */
export async function refuseInUse(draft: Draft, store: Store, id: string, nowMs: number): Promise<void> {
  const { slots, claims } = await everythingOn(draft, UnitBook.of(draft, nowMs), store, id);
  if (slots.length > 0) throw fault('conflict', `Schedule/${id} has stored Slots; delete them first.`);
  if (claims.some((claim) => isToCome(claim, nowMs))) {
    throw fault('conflict', `Schedule/${id} has bookings, holds or locks that are still to come; cancel them first.`);
  }
}

function isToCome(claim: Claim, nowMs: number): boolean {
  return liveClaims([claim], nowMs).length > 0 && claim.endMs > nowMs;
}

interface OnSchedule {
  readonly slots: readonly OwnedSlot[];
  readonly claims: readonly Claim[];
  /** On how many days of its timelines. */
  readonly dayCount: number;
}

/**
 * All that lies on a Schedule. The commit stands only while nothing of it has changed, nor arrived anywhere.
 *
 * @throws {Fault} `too-costly` beyond {@link DAYS_MOVED_MAX} days
 */
async function everythingOn(draft: Draft, book: UnitBook, store: Store, id: string): Promise<OnSchedule> {
  // Read before searching: what arrives after the search changes one of them.
  const arrivals = arrivalKeysOf(id);
  await draft.prepare(arrivals);
  for (const key of arrivals) draft.check(key);
  const filter: Filter = { kind: 'reference', param: UNIT_SCHEDULE, target: `Schedule/${id}` };
  const found = await store.search({ type: UNIT_TYPE, filter, sort: [], limit: DAYS_MOVED_MAX + 1 });
  if (found.length > DAYS_MOVED_MAX) {
    throw fault('too-costly', `Something of Schedule/${id} lies on more than ${DAYS_MOVED_MAX} days.`);
  }
  const records = await Promise.all(arrivals.map((key) => draft.original(key)));
  const arrived = records.flatMap(newestIn).map((unitId) => ({ type: UNIT_TYPE, id: unitId }));
  const lying = await book.ofSchedule(id, [...found.map(({ document }) => document), ...arrived]);
  return { ...lying, dayCount: found.length };
}
