import { SEARCH_COUNT_DEFAULT, slotQuestionOf, type SearchContext } from '../search/index.js';
import { BASE_INSIDE } from './inside.js';
import { planAvailability } from './plan-availability.js';
import { planSearch, readWindowParam, WINDOW_PARAM } from './plan-search.js';
import type { PlanMemory } from './plan-memory.js';
import { slotPage, type Page } from './slot-page.js';
import type { SlotSearchDeps } from './slot-plan.js';
import type { Param, RequestContext } from './types.js';

/**
 * The NHS's Booking and Referral Standard writes `Schedule.actor:HealthcareService=…`. Ignored as unknown, it would
 * find the slots of every service.
 */
const CAPITAL_CHAIN = /^Schedule\.(?=actor\b)/;

/**
 * `GET /Slot`: stored and computed slots in one answer, ordered by start, then schedule, then id.
 *
 * @throws {Fault} `required`, `invalid`, `too-costly`
 */
export async function searchSlots(
  deps: SlotSearchDeps & { readonly defaultZone: string; readonly plans: PlanMemory },
  written: readonly Param[],
  context: RequestContext,
): Promise<Page> {
  const params = asSpelled(written);
  const nowMs = deps.clock.nowMs();
  const recalled = await deps.plans.recall(params, context, nowMs);
  if (recalled.plan) return slotPage(deps.store, recalled.plan);
  const reading: SearchContext = {
    nowMs,
    zone: deps.defaultZone,
    ownBases: [context.base],
    strict: context.strict,
    countDefault: SEARCH_COUNT_DEFAULT,
  };
  const { own, request, pinned } = readSlotSearch(params, reading);
  if (request.kind === 'availability') {
    const { plan, repeat } = await planAvailability(deps, request, BASE_INSIDE, nowMs, recalled.asked);
    if (repeat) deps.plans.keep(params, context, repeat);
    return slotPage(deps.store, plan);
  }
  const search = { parsed: request.search, params: own, context: reading, pinned };
  return slotPage(deps.store, await planSearch(deps, search, BASE_INSIDE));
}

/** Reads what such a search asks, without answering it. @throws {Fault} `required`, `invalid`, `too-costly` */
export function readSlotSearch(written: readonly Param[], reading: SearchContext) {
  const params = asSpelled(written);
  const own = params.filter(([name]) => name !== WINDOW_PARAM);
  const request = slotQuestionOf(own, reading);
  return { own, request, pinned: readWindowParam(params.find(([name]) => name === WINDOW_PARAM)?.[1]) };
}

function asSpelled(params: readonly Param[]): readonly Param[] {
  return params.map(([name, value]): Param => [name.replace(CAPITAL_CHAIN, 'schedule.'), value]);
}
