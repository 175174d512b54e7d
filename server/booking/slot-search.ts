import {
  compareFound,
  positionOf,
  SEARCH_COUNT_DEFAULT,
  slotQuestionOf,
  type ParsedSearch,
  type Position,
  type SearchContext,
  type SortTerm,
} from '../search/index.js';
import type { Found } from '../store/index.js';
import type { ComputedSlot } from './computed-slots.js';
import { planAvailability } from './plan-availability.js';
import { planSearch, readWindowParam, WINDOW_PARAM } from './plan-search.js';
import type { SlotPlan, SlotSearchDeps } from './slot-plan.js';
import type { Param, RequestContext, SearchEntry } from './types.js';

/** One page of a search, before includes and cuts. */
export interface Page {
  readonly parsed: ParsedSearch;
  readonly self: readonly Param[];
  readonly matches: readonly SearchEntry[];
  readonly total?: number;
  /** Where the next page goes on; absent on the last. */
  readonly last?: Position;
}

/** A Slot with its place in the order; its text is made only if it comes onto the page. */
interface Placed {
  readonly position: Position;
  readonly entry: () => SearchEntry;
}

/**
 * `GET /Slot`: stored and computed slots in one answer, ordered by start, then schedule, then id.
 *
 * @throws {Fault} `required`, `invalid`, `too-costly`
 */
export async function searchSlots(
  deps: SlotSearchDeps & { readonly defaultZone: string },
  params: readonly Param[],
  context: RequestContext,
): Promise<Page> {
  const own = params.filter(([name]) => name !== WINDOW_PARAM);
  const reading: SearchContext = {
    nowMs: deps.clock.nowMs(),
    zone: deps.defaultZone,
    ownBases: [context.base],
    strict: context.strict,
    countDefault: SEARCH_COUNT_DEFAULT,
  };
  const request = slotQuestionOf(own, reading);
  if (request.kind === 'availability') return pageOf(deps, await planAvailability(deps, request, context.base));
  const pinned = readWindowParam(params.find(([name]) => name === WINDOW_PARAM)?.[1]);
  const search = { parsed: request.search, params: own, context: reading, pinned };
  return pageOf(deps, await planSearch(deps, search, context.base));
}

/** Whether the number of matches is wanted and none of them. */
export function isCountOnly(parsed: ParsedSearch): boolean {
  return parsed.summary === 'count' || parsed.count === 0;
}

async function pageOf({ store }: SlotSearchDeps, plan: SlotPlan): Promise<Page> {
  const { parsed, self, storedFilter } = plan;
  const { sort, after, count } = parsed;
  const compare = compareFound(sort);
  const computed = placedOf(plan).sort((a, b) => compare(a.position, b.position));
  const ahead = after ? computed.filter(({ position }) => compare(position, after) > 0) : computed;
  const countOnly = isCountOnly(parsed);
  const query = storedFilter && { type: 'Slot', filter: storedFilter, sort, limit: count + 1, ...(after && { after }) };
  const stored = query && !countOnly ? (await store.search(query)).map(placedStored) : [];
  const merged = [...ahead.slice(0, count + 1), ...stored].sort((a, b) => compare(a.position, b.position));
  const shown = countOnly ? [] : merged.slice(0, count);
  const whole = !countOnly && after === undefined && merged.length === shown.length;
  const wanted = countOnly || plan.totalWanted;
  // Free where everything is on this page; computed slots are all known anyway.
  const storedTotal = async () => {
    if (!storedFilter) return 0;
    return !countOnly && after === undefined && stored.length <= count
      ? stored.length
      : store.count('Slot', storedFilter);
  };
  const total = whole ? shown.length : wanted ? computed.length + (await storedTotal()) : undefined;
  const last = merged.length > shown.length ? shown.at(-1)?.position : undefined;
  return {
    parsed,
    self,
    matches: shown.map(({ entry }) => entry()),
    ...(total !== undefined && { total }),
    ...(last && { last }),
  };
}

function placedStored({ document: { id, text }, position }: Found): Placed {
  return { position, entry: () => ({ type: 'Slot', id, text }) };
}

function placedOf({ computed, named = [], parsed: { sort } }: SlotPlan): Placed[] {
  return [
    ...computed.map((slot) => ({
      position: positionOfComputed(slot, sort),
      entry: () => ({ type: 'Slot', id: slot.id, text: slot.text }),
    })),
    ...named.map(({ id, index, text }) => ({
      position: positionOf('Slot', sort, { id, updatedMs: 0, index }),
      entry: () => ({ type: 'Slot', id, text }),
    })),
  ];
}

/** In the order of every day, which most questions have, without the index values. */
function positionOfComputed(slot: ComputedSlot, sort: readonly SortTerm[]): Position {
  if (sort.length === 0) return { keys: [slot.startMs, slot.face.scheduleReference], id: slot.id };
  return positionOf('Slot', sort, { id: slot.id, updatedMs: 0, index: slot.index() });
}
