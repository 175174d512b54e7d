import type { Schedule } from 'fhir/r4.js';
import { fault, type Reason } from '../base/fault.js';
import { liveClaims, type Claim, type OwnedSlot } from '../claims/index.js';
import type { Filter } from '../search/index.js';
import type { Store } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import { refuse } from './refusal-reasons.js';
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
  { id, base, resource }: { readonly id: string; readonly base: string; readonly resource: Schedule },
  isNew: boolean,
  nowMs: number,
): Promise<readonly string[]> {
  const roles = roleKeysOf(resource, base);
  const key = timelinesKey(id);
  await draft.prepare([...roles, key]);
  const documents = await Promise.all(roles.map((role) => draft.get(role)));
  for (const role of roles) draft.check(role);
  const record = await draft.get(key);
  const before = timelinesOf(id, record);
  const after = resolveTimelines(resource, id, documents.flatMap(resourceOf), base, deps.exclusiveActors);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const book = UnitBook.of(draft, nowMs);
  // The commit writes the record, so it stands only while still none of its Slots has come before it.
  const lying = isNew && !record ? NOTHING : await everythingOn(draft, book, deps.store, id);
  const isBooked = lying.claims.some((claim) => claim.kind !== 'busy' && isToCome(claim, nowMs));
  refuse(isBooked ? [bookedReason(id)] : []);
  draft.put({ ...key, updatedMs: nowMs, ...RECORD, text: timelinesText(after) });
  await move(book, lying, before, after);
  return lying.slots.length + lying.claims.length > 0 ? [...before, ...after] : [];
}

const NOTHING: OnSchedule = { slots: [], claims: [] };

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
  return book.ofSchedule(
    id,
    found.map(({ document }) => document),
  );
}
