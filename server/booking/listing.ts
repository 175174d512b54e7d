import type { Schedule, Slot } from 'fhir/r4.js';
import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { storedSlotPlaces, type StoredSlotPlaces } from '../claims/index.js';
import { allOf, EVERYTHING, parseSearch, type Filter, type Position, type Query } from '../search/index.js';
import type { Store } from '../store/index.js';
import { asOf } from './as-of.js';
import { CREATED_PARAM } from './created-index.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import { placeOf } from './slot-writes.js';
import type { Param, RequestContext, ResourceVersion } from './types.js';

/** How many resources are read at once on the way to a page. */
const STEP_RESOURCES = 500;
/** How many resources are looked at, one by one, for one list. */
export const LISTED_MAX = 100_000;

/** Which stored resources are listed; computed slots and proposals never are. */
export interface ListQuestion {
  readonly type: 'Schedule' | 'Slot' | 'Appointment';
  /** FHIR search parameters, no result parameters. */
  readonly params: readonly Param[];
  /** Then by id. Resources that do not tell when they were created come last. */
  readonly order: 'created' | 'start';
  /** Only Appointments that name a stored Slot. */
  readonly ofStoredSlots?: true;
}

/** A stretch of a list. */
export interface ListPage {
  readonly offset: number;
  readonly limit: number;
}

/** A Schedule, and what its actors make of it. */
export interface ScheduleState {
  readonly schedule: Schedule;
  /** IANA name. */
  readonly zone: string;
  /** False while it, or one of its actors, is inactive. */
  readonly isActive: boolean;
}

/** What lies on a stored Slot, and its Schedule. */
export interface StoredSlotState extends ScheduleState {
  readonly places: StoredSlotPlaces;
}

/** Lists for APIs whose pages have numbers. */
export interface Listing {
  /** How many there are. @throws {Fault} `invalid` for a parameter that cannot be read */
  count(question: ListQuestion, context: RequestContext): Promise<number>;
  /** One page of them. */
  page(question: ListQuestion, page: ListPage, context: RequestContext): Promise<readonly ResourceVersion[]>;
  /**
   * One page of those that a test keeps, and how many it keeps in all.
   *
   * @throws {Fault} `too-costly` where it would have to look at more than {@link LISTED_MAX}
   */
  pick(
    question: ListQuestion,
    keeps: (version: ResourceVersion) => boolean | Promise<boolean>,
    page: ListPage,
    context: RequestContext,
  ): Promise<{ readonly total: number; readonly versions: readonly ResourceVersion[] }>;
  /** Undefined where there is no such Schedule. */
  schedule(id: string, context: RequestContext): Promise<ScheduleState | undefined>;
  /** Undefined for a Slot that has no time here. */
  slot(slot: Slot & { readonly id: string }, context: RequestContext): Promise<StoredSlotState | undefined>;
}

interface ListingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly defaultZone: string;
  readonly schedules: ScheduleReader;
}

/** The service behind numbered pages. */
export function makeListing(deps: ListingDeps): Listing {
  const { store, clock, schedules } = deps;

  async function page(question: ListQuestion, { offset, limit }: ListPage, context: RequestContext) {
    const versions: ResourceVersion[] = [];
    let seen = 0;
    for await (const step of steps(deps, question, offset + limit, context)) {
      versions.push(...step.slice(Math.max(0, offset - seen)));
      seen += step.length;
    }
    return versions.slice(0, limit);
  }

  return {
    page,
    count: (question, context) => store.count(question.type, filterOf(deps, question, context)),

    async pick(question, keeps, { offset, limit }, context) {
      const versions: ResourceVersion[] = [];
      let total = 0;
      for await (const step of steps(deps, question, LISTED_MAX + 1, context)) {
        const kept = await Promise.all(step.map(keeps));
        const found = step.filter((_, at) => kept[at]);
        versions.push(...found.slice(Math.max(0, offset - total), Math.max(0, offset + limit - total)));
        total += found.length;
      }
      return { total, versions };
    },

    async schedule(id, { base }) {
      const [view] = await schedules.views([id], base, () => undefined);
      return view && scheduleStateOf(view);
    },

    async slot(slot, { base }) {
      const place = placeOf(slot, slot.id, base);
      const [view] = place ? await schedules.views([place.schedule], base, () => place) : [];
      if (!place || !view) return undefined;
      const places = storedSlotPlaces(place, place.schedule, view.units.claims, clock.nowMs());
      return { ...scheduleStateOf(view), places };
    },
  };
}

/** What is known of a Schedule without its time. */
export function scheduleStateOf({ facts }: Pick<ScheduleView, 'facts'>): ScheduleState {
  return { schedule: facts.schedule, zone: facts.zone, isActive: facts.active };
}

/** What is listed, some at a time, as it is now. @throws {Fault} `too-costly` beyond {@link LISTED_MAX} */
async function* steps(deps: ListingDeps, question: ListQuestion, most: number, context: RequestContext) {
  const nowMs = deps.clock.nowMs();
  const query: Omit<Query, 'limit'> = {
    type: question.type,
    filter: filterOf(deps, question, context),
    sort: [{ param: question.order === 'created' ? CREATED_PARAM : 'start', descending: false }],
  };
  let after: { readonly after?: Position } = {};
  for (let seen = 0; seen < most;) {
    const limit = Math.min(STEP_RESOURCES, most - seen);
    const found = await deps.store.search({ ...query, ...after, limit });
    seen += found.length;
    if (seen > LISTED_MAX) {
      throw fault(
        'too-costly',
        `More than ${LISTED_MAX} ${question.type} resources would be looked at: ask for fewer.`,
      );
    }
    yield found.map(({ document }): ResourceVersion => {
      const { type, id, revision, updatedMs, text } = asOf(document, nowMs);
      return { type, id, versionId: String(revision), updatedMs, text };
    });
    const last = found.at(-1);
    if (!last || found.length < limit) return;
    after = { after: last.position };
  }
}

function filterOf(deps: ListingDeps, { type, params, ofStoredSlots }: ListQuestion, context: RequestContext): Filter {
  const { filter } = parseSearch(type, params, {
    nowMs: deps.clock.nowMs(),
    zone: deps.defaultZone,
    ownBases: [context.base],
    strict: true,
    countDefault: STEP_RESOURCES,
  });
  const onSlots: Filter = { kind: 'chain', param: 'slot', targetType: 'Slot', filter: EVERYTHING };
  return ofStoredSlots ? allOf([filter, onSlots]) : filter;
}
