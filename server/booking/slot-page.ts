import { compareFound, positionOf, type ParsedSearch, type Position, type SortTerm } from '../search/index.js';
import type { Found, Store } from '../store/index.js';
import { asOf } from './as-of.js';
import type { ComputedSlot } from './computed-slots.js';
import type { SlotPlan } from './slot-plan.js';
import type { Param, SearchEntry } from './types.js';

/** One page of a search, before includes and cuts. */
export interface Page {
  readonly parsed: ParsedSearch;
  readonly self: readonly Param[];
  /** The moment for which it was asked, and for which resources are shown. */
  readonly nowMs: number;
  readonly matches: readonly SearchEntry[];
  /** Where each match stands, there wherever an order was asked for. */
  readonly positions?: readonly Position[];
  readonly total?: number;
  /** Where the next page goes on; absent on the last. */
  readonly last?: Position;
}

/** A Slot with its place in the order. */
interface Placed {
  readonly position: Position;
  readonly entry: SearchEntry;
}

/** Whether the number of matches is wanted and none of them. */
export function isCountOnly(parsed: ParsedSearch): boolean {
  return parsed.summary === 'count' || parsed.count === 0;
}

/** Whether the number of all matches is told even where it has to be counted. An estimate may be exact. */
export function isTotalAsked(parsed: ParsedSearch): boolean {
  return isCountOnly(parsed) || parsed.total === 'accurate' || parsed.total === 'estimate';
}

/** The page of a plan: computed slots, which are all at hand, and stored ones, of which the store finds a page. */
export async function slotPage(store: Store, plan: SlotPlan): Promise<Page> {
  const { parsed, self, nowMs, storedFilter } = plan;
  const { sort, after, count } = parsed;
  if (isOnePage(plan)) return { parsed, self, nowMs, matches: plan.computed, total: plan.computed.length };
  const countOnly = isCountOnly(parsed);
  const query = storedFilter && { type: 'Slot', filter: storedFilter, sort, limit: count + 1, ...(after && { after }) };
  const stored = query && !countOnly ? (await store.search(query)).map((found) => placedStored(found, nowMs)) : [];
  const merged = merge(plan, stored);
  const shown = countOnly ? [] : merged.slice(0, count);
  const whole = !countOnly && after === undefined && merged.length === shown.length;
  const wanted = plan.totalWanted || isTotalAsked(parsed);
  const total = whole ? shown.length : wanted ? await totalOf(store, plan, stored.length) : undefined;
  const last = merged.length > shown.length ? shown.at(-1)?.position : undefined;
  const matches = shown.map(({ entry }) => entry);
  const positions = shown.map(({ position }) => position);
  return { parsed, self, nowMs, matches, positions, ...(total !== undefined && { total }), ...(last && { last }) };
}

/** The usual question: nothing stored, and what is computed is in order and fits. */
function isOnePage({ parsed, storedFilter, computed, computedInOrder, named }: SlotPlan): boolean {
  if (storedFilter || named || !computedInOrder || parsed.sort.length > 0 || parsed.after) return false;
  return !isCountOnly(parsed) && computed.length <= parsed.count;
}

/** What comes after the last page, in order, at most one more than a page holds of either kind. */
function merge(
  { computed, named = [], parsed: { sort, after, count } }: SlotPlan,
  stored: readonly Placed[],
): Placed[] {
  const compare = compareFound(sort);
  const inOrder = (placed: Placed[]) => placed.sort((a, b) => compare(a.position, b.position));
  const atHand = inOrder([
    ...computed.map((slot) => ({ position: positionOfComputed(slot, sort), entry: slot })),
    ...named.map(({ id, index, text }) => ({
      position: positionOf('Slot', sort, { id, updatedMs: 0, index }),
      entry: { type: 'Slot', id, text },
    })),
  ]);
  const ahead = after ? atHand.filter(({ position }) => compare(position, after) > 0) : atHand;
  return inOrder([...ahead.slice(0, count + 1), ...stored]);
}

async function totalOf(store: Store, plan: SlotPlan, storedFound: number): Promise<number> {
  const { parsed, storedFilter, computed, named = [] } = plan;
  const atHand = computed.length + named.length;
  if (!storedFilter) return atHand;
  // Free where all that is stored came with the first page.
  const isAll = !isCountOnly(parsed) && parsed.after === undefined && storedFound <= parsed.count;
  return atHand + (isAll ? storedFound : await store.count('Slot', storedFilter));
}

function placedStored({ document, position }: Found, nowMs: number): Placed {
  const { id, text } = asOf(document, nowMs);
  return { position, entry: { type: 'Slot', id, text } };
}

/** By start, as most questions are ordered, without the index values. */
function positionOfComputed(slot: ComputedSlot, sort: readonly SortTerm[]): Position {
  if (sort.length === 0) return { keys: [slot.startMs, slot.face.scheduleReference], id: slot.id };
  if (sort.every(({ param }) => param === 'start')) return { keys: sort.map(() => slot.startMs), id: slot.id };
  return positionOf('Slot', sort, { id: slot.id, updatedMs: 0, index: slot.index() });
}
