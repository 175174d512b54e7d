import type { Clock } from '../base/clock.js';
import { subsetText, type Subset } from '../fhir/index.js';
import {
  allOf,
  anyOf,
  CURSOR_PARAM,
  encodePosition,
  parseSearch,
  SEARCH_COUNT_DEFAULT,
  type Filter,
  type ParsedSearch,
  type SearchContext,
} from '../search/index.js';
import type { Store } from '../store/index.js';
import { asOf } from './as-of.js';
import type { ComputedSlotReader } from './computed-slot-reader.js';
import { everything } from './everything.js';
import { includedWith } from './includes.js';
import { BASE_INSIDE } from './inside.js';
import type { ScheduleReader } from './schedule-reader.js';
import { PlanMemory } from './plan-memory.js';
import { SlotMemory } from './slot-memory.js';
import { isCountOnly, isTotalAsked, type Page } from './slot-page.js';
import { readSlotSearch, searchSlots } from './slot-search.js';
import { searchSystem, type TypeSearch } from './system-search.js';
import type { Param, RequestContext, SearchAnswer, SearchEntry, Searches, Within } from './types.js';

export interface SearchesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
  readonly schedules: ScheduleReader;
  readonly computedSlots: ComputedSlotReader;
}

type SearchDeps = SearchesDeps & { readonly memory: SlotMemory; readonly plans: PlanMemory };

/** The service behind every search. */
export function makeSearches(parts: SearchesDeps): Searches {
  const deps: SearchDeps = { ...parts, memory: new SlotMemory(), plans: new PlanMemory(parts.store) };
  return {
    async search(type, params, context, within): Promise<SearchAnswer> {
      const page = await pageOf(deps, type, params, context, within);
      const next = page.last && nextOf(page.self, encodePosition(page.last));
      return answerOf(deps, page, next);
    },
    check(type, params, context): void {
      const reading = readingOf(deps, context, deps.clock.nowMs());
      if (type === 'Slot') readSlotSearch(params, reading);
      else parseSearch(type, params, reading);
    },
    async searchSystem(params, context, patient): Promise<SearchAnswer> {
      const nowMs = deps.clock.nowMs();
      const search: TypeSearch = {
        parse: (type, own) => parseSearch(type, own, readingOf(deps, context, nowMs)),
        pageOf: (type, own, within) => pageOf(deps, type, own, context, within),
      };
      const page = await searchSystem(search, params, patient);
      const next = page.next === undefined ? undefined : nextOf(page.self, page.next);
      return answerOf(deps, { ...page, nowMs }, next);
    },
    everything: (patientId, params, context) =>
      everything({ ...deps, nowMs: deps.clock.nowMs() }, patientId, params, context),
  };
}

function pageOf(
  deps: SearchDeps,
  type: string,
  params: readonly Param[],
  context: RequestContext,
  within: Within | undefined,
): Promise<Page> {
  return type === 'Slot' ? searchSlots(deps, params, context) : searchType(deps, type, params, context, within);
}

function readingOf(deps: SearchDeps, context: RequestContext, nowMs: number): SearchContext {
  const { base, strict } = context;
  return { nowMs, zone: deps.defaultZone, ownBases: [base], strict, countDefault: SEARCH_COUNT_DEFAULT };
}

/** A search of a type whose resources are all stored. */
async function searchType(
  deps: SearchDeps,
  type: string,
  params: readonly Param[],
  context: RequestContext,
  within: Within | undefined,
): Promise<Page> {
  const nowMs = deps.clock.nowMs();
  const parsed = parseSearch(type, params, readingOf(deps, context, nowMs));
  const { sort, after } = parsed;
  const filter = within ? allOf([withinFilter(type, within), parsed.filter]) : parsed.filter;
  const countOnly = isCountOnly(parsed);
  const limit = parsed.count + 1;
  const found = countOnly ? [] : await deps.store.search({ type, filter, sort, limit, ...(after && { after }) });
  const shown = found.slice(0, parsed.count);
  const whole = !countOnly && after === undefined && found.length === shown.length;
  const counted = !whole && isTotalAsked(parsed) ? await deps.store.count(type, filter) : undefined;
  const total = whole ? shown.length : counted;
  const last = found.length > shown.length ? shown.at(-1)?.position : undefined;
  return {
    parsed,
    self: parsed.applied,
    nowMs,
    matches: shown.map(({ document }) => ({ type, id: document.id, text: asOf(document, nowMs).text })),
    positions: shown.map(({ position }) => position),
    ...(total !== undefined && { total }),
    ...(last && { last }),
  };
}

/** What belongs to a resource, which belongs to itself. */
function withinFilter(type: string, { param, target }: Within): Filter {
  const referring: Filter = { kind: 'reference', param, target };
  if (!target.startsWith(`${type}/`)) return referring;
  return anyOf([referring, { kind: 'token', param: '_id', code: target.slice(type.length + 1) }]);
}

async function answerOf(
  deps: SearchDeps,
  page: Omit<Page, 'last'>,
  next: readonly Param[] | undefined,
): Promise<SearchAnswer> {
  const { parsed, self, nowMs, matches, total } = page;
  const includes = [...parsed.includes, ...parsed.revIncludes];
  const included = includes.length > 0 ? await includedWith({ ...deps, nowMs }, includes, matches, BASE_INSIDE) : [];
  const subset = subsetOf(parsed);
  const cut = (entry: SearchEntry) => (subset ? { ...entry, text: subsetText(entry.text, entry.type, subset) } : entry);
  return {
    ...(total !== undefined && { total }),
    self,
    ...(next && { next }),
    matches: subset ? matches.map(cut) : matches,
    included: included.map(cut),
    remarks: parsed.remarks,
  };
}

function nextOf(self: readonly Param[], cursor: string): readonly Param[] {
  return [...self.filter(([name]) => name !== CURSOR_PARAM), [CURSOR_PARAM, cursor]];
}

function subsetOf(parsed: ParsedSearch): Subset | undefined {
  if (parsed.elements) return { elements: parsed.elements };
  const { summary } = parsed;
  return summary === 'true' || summary === 'text' || summary === 'data' ? { summary } : undefined;
}
