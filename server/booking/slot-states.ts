import type { Extension, FhirResource, Slot } from 'fhir/r4.js';
import { instantText } from '../base/clock.js';
import { overlaps } from '../base/interval.js';
import { storedSlotState, unitDaysOf, type OwnedSlot, type SlotState } from '../claims/index.js';
import { parseJson, printJson, withMeta } from '../fhir/index.js';
import { naturalOrderOf } from '../search/index.js';
import type { Draft } from './draft.js';
import { resourceIndex } from './resource-index.js';
import { resourceOf } from './schedule-reader.js';
import { STATUS_THEN_URL } from './steps.js';
import type { UnitBook } from './unit-book.js';

/** What writing Slots rests on. */
export interface SlotStateDeps {
  readonly defaultZone: string;
}

/** The state of a stored Slot as the draft leaves its claims. */
export async function stateIn(book: UnitBook, slot: OwnedSlot): Promise<SlotState> {
  const { claims } = await book.within(await book.timelines(slot.schedule), slot);
  return storedSlotState(slot, slot.schedule, claims, book.nowMs);
}

/**
 * Writes the stored Slots whose status follows from what has changed in the units of a draft: of every Schedule on the
 * timelines, since the time of one is not free on the other.
 *
 * @param except a Slot that the draft is about to write itself
 * @param timelines of all Schedules whose claims or Slots have changed
 * @returns the Slots written, as they are now
 */
export async function restageSlots(
  draft: Draft,
  deps: SlotStateDeps,
  book: UnitBook,
  timelines: readonly string[],
  base: string,
  except?: string,
): Promise<readonly Slot[]> {
  const written: Slot[] = [];
  const changed = book.takeChanged();
  const days = [...new Set(changed.flatMap((time) => unitDaysOf(time)))];
  if (days.length === 0) return written;
  const { slots } = await book.joined([...new Set(timelines)], days);
  const touched = slots.filter((slot) => slot.id !== except && changed.some((time) => overlaps(time, slot)));
  await draft.prepare(touched.map(({ id }) => ({ type: 'Slot', id })));
  for (const slot of touched) {
    const restaged = await restage(draft, deps, book, slot, base);
    if (restaged) written.push(restaged);
  }
  return written;
}

async function restage(
  draft: Draft,
  deps: SlotStateDeps,
  book: UnitBook,
  slot: OwnedSlot,
  base: string,
): Promise<Slot | undefined> {
  const key = { type: 'Slot', id: slot.id };
  const before = await draft.get(key);
  const known = slotIn(resourceOf(before)[0]);
  if (!before || !known) return undefined;
  const state = await stateIn(book, slot);
  if (known.status === state.status && isSameThen(known, state)) return undefined;
  const revision = (await draft.original(key))?.revision ?? 0;
  const updatedMs = Math.max(book.nowMs, before.updatedMs);
  const exact = withState(parseJson(before.text).exact as Slot, state);
  const meta = { id: slot.id, versionId: String(revision + 1), lastUpdated: instantText(updatedMs) };
  const text = printJson(withMeta(exact, meta));
  const resource = JSON.parse(text) as Slot;
  const index = resourceIndex(resource, slot.id, deps.defaultZone, base);
  const order = naturalOrderOf('Slot', index);
  draft.put({ ...key, updatedMs, deleted: false, text, index, order, keepHistory: true });
  return resource;
}

/** The Slot in a document; undefined for any other type. */
export function slotIn(resource: FhirResource | undefined): Slot | undefined {
  return resource?.resourceType === 'Slot' ? resource : undefined;
}

/** A Slot with the status that its claims make, and what it announces; what it said of itself before is left out. */
export function withState<T extends Pick<Slot, 'status' | 'extension'>>(
  slot: T,
  state: Pick<SlotState, 'then'> & Pick<Slot, 'status'>,
): T {
  const { extension: before = [], ...rest } = slot;
  const extension = [...before.filter(({ url }) => url !== STATUS_THEN_URL), ...thenExtensions(state)];
  return { ...(extension.length > 0 ? { ...slot, extension } : (rest as T)), status: state.status };
}

function thenExtensions({ then }: Pick<SlotState, 'then'>): Extension[] {
  return then.map(({ fromMs, status }) => ({
    url: STATUS_THEN_URL,
    extension: [
      { url: 'from', valueInstant: instantText(fromMs) },
      { url: 'status', valueCode: status },
    ],
  }));
}

function isSameThen(slot: Slot, state: SlotState): boolean {
  const said = (slot.extension ?? []).filter(({ url }) => url === STATUS_THEN_URL);
  return JSON.stringify(said) === JSON.stringify(thenExtensions(state));
}
