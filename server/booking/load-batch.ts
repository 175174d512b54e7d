import { Fault } from '../base/fault.js';
import { withRelativeBody } from '../fhir/index.js';
import { checkBody, namedKey } from './check-body.js';
import { decideAndCommit, type Draft } from './draft.js';
import { BASE_INSIDE } from './inside.js';
import { neededReferences, type NeededReference } from './references.js';
import { unitDaysOf, type OwnedSlot } from '../claims/index.js';
import { placeOf, refuseLong } from './slot-writes.js';
import type { DocumentKey } from '../store/index.js';
import { passedPuts } from './passed-puts.js';
import { stageWrite, type Change, type WriteDeps } from './stage-write.js';
import { timelinesKey, timelinesOf } from './timelines.js';
import { UnitBook, unitKey } from './unit-book.js';
import type { LoadItem, LoadResult, RequestContext } from './types.js';

/**
 * Writes many resources by their ids, in a few commits: Schedules before Slots before Appointments, whatever their
 * order, and once more for each repetition of an id. Each is judged as an update is; a refused one leaves nothing, the
 * others are written.
 */
export async function loadBatch(
  deps: WriteDeps,
  items: readonly LoadItem[],
  context: RequestContext,
): Promise<readonly LoadResult[]> {
  const checked = items.map((item) => attempt(() => checkItem(item, context)));
  const results: LoadResult[] = [];
  for (const wave of wavesOf(checked)) {
    const changes = wave.map(({ change }) => change);
    const decide = (draft: Draft) => stageWave(draft, deps, changes);
    const written = await decideAndCommit(deps.store, decide, passedPuts(deps, BASE_INSIDE));
    written.forEach((result, n) => (results[wave[n]?.at ?? 0] = result));
  }
  checked.forEach((one, at) => {
    if ('fault' in one) results[at] = { ok: false, fault: one.fault };
  });
  return results;
}

function checkItem(item: LoadItem, { base }: RequestContext): Change {
  const key = namedKey(item.body);
  const body = withRelativeBody(item.body, base);
  return { ...key, body, resource: checkBody(key.type, body, base), base: BASE_INSIDE, bulk: true };
}

/** What rests on what: the timelines of a Schedule on its actors, a booking on its Schedule and its Slot. */
const ORDER: readonly string[] = ['Schedule', 'Slot', 'Appointment'];

/**
 * Changes with their place among the items, so parted that no document stands twice in one part, and that what a
 * change rests on is in a part before.
 */
function wavesOf(checked: readonly (Change | { fault: Fault })[]): { at: number; change: Change }[][] {
  const waves: { at: number; change: Change }[][] = [];
  const timesMet = new Map<string, number>();
  checked.forEach((change, at) => {
    if ('fault' in change) return;
    const name = `${change.type}/${change.id}`;
    const repetition = timesMet.get(name) ?? 0;
    timesMet.set(name, repetition + 1);
    (waves[repetition * (ORDER.length + 1) + ORDER.indexOf(change.type) + 1] ??= []).push({ at, change });
  });
  return waves.filter((wave) => wave.length > 0);
}

async function stageWave(draft: Draft, deps: WriteDeps, changes: readonly Change[]): Promise<LoadResult[]> {
  await draft.prepare(changes);
  UnitBook.of(draft, deps.clock.nowMs(), Infinity);
  // One read for the timelines of all and one for their units; a Slot of too many is refused when its turn comes.
  const places = changes.flatMap((change) => placesOfChange(change));
  const schedules = changes.filter(({ type }) => type === 'Schedule').map(({ id }) => id);
  await draft.prepare([
    ...places.flatMap(({ schedule: id }) => [{ type: 'Schedule', id }, timelinesKey(id)]),
    ...schedules.map(timelinesKey),
  ]);
  const units = await Promise.all(places.map((place) => unitsOfPlace(draft, place)));
  await draft.prepare(units.flat());
  const results: LoadResult[] = [];
  for (const change of changes) results.push(await stageOne(draft, deps, change));
  return results;
}

function placesOfChange({ resource, id, base }: Change): OwnedSlot[] {
  const place = placeOf(resource, id, base);
  return place && !('fault' in (attempt(() => refuseLong(place)) ?? {})) ? [place] : [];
}

async function unitsOfPlace(draft: Draft, place: OwnedSlot): Promise<DocumentKey[]> {
  const timelines = timelinesOf(place.schedule, await draft.get(timelinesKey(place.schedule)));
  return timelines.flatMap((timeline) => unitDaysOf(place).map((day) => unitKey(timeline, day)));
}

async function stageOne(draft: Draft, deps: WriteDeps, change: Change): Promise<LoadResult> {
  try {
    const { type, id, outcome } = await stageWrite(draft, deps, change);
    return { ok: true, type, id, outcome, references: neededReferences(change.resource, change.base).map(nameOf) };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error };
    throw error;
  }
}

function nameOf({ key }: NeededReference): string {
  return `${key.type}/${key.id}`;
}

/** A refusal is a result here, not the end. */
function attempt<T>(act: () => T): T | { readonly fault: Fault } {
  try {
    return act();
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
}
