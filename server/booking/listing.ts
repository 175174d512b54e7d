import type { Schedule, Slot } from 'fhir/r4.js';
import type { Clock } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { storedSlotPlaces, type StoredSlotPlaces } from '../claims/index.js';
import { allOf, EVERYTHING, parseSearch, type Filter, type Query } from '../search/index.js';
import { pagesOf, type Store } from '../store/index.js';
import { asOf } from './as-of.js';
import { CREATED_PARAM } from './created-index.js';
import { versionOf } from './read-resources.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import { placeOf } from './slot-writes.js';
import type { Param, RequestContext, ResourceVersion } from './types.js';

/** How many resources are read at once on the way to a page. */
const STEP_RESOURCES = 500;
/** How many resources are looked at, one by one, for one list. */
export const LISTED_MAX = 100_000;

/** Which stored resources are listed; computed slots and proposals never are. */
export interface ListQuestion {
  readonly type: 'Schedule' | 'Slot' | 'Appointment' | 'PractitionerRole';
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

/** A stored resource as it is now. */
export interface ListedVersion extends ResourceVersion {
  readonly updatedMs: number;
}

/** Lists for APIs whose pages have numbers. */
export interface Listing {
  /** How many there are. @throws {Fault} `invalid` for a parameter that cannot be read */
  count(question: ListQuestion, context: RequestContext): Promise<number>;
  /** One page of them. */
  page(question: ListQuestion, page: ListPage, context: RequestContext): Promise<readonly ListedVersion[]>;
  /**
   * One page of those that a test keeps, and how many it keeps in all.
   *
   * @throws {Fault} `too-costly` where it would have to look at more than {@link LISTED_MAX}
   */
  pick(
    question: ListQuestion,
    keeps: (version: ListedVersion) => boolean | Promise<boolean>,
    page: ListPage,
    context: RequestContext,
  ): Promise<{ readonly total: number; readonly versions: readonly ListedVersion[] }>;
  /** Stored resources by their ids; undefined where there is none. */
  read(type: ListQuestion['type'], ids: readonly string[]): Promise<readonly (ListedVersion | undefined)[]>;
  /** When a resource was first written: the time of its first version, as UTC milliseconds. */
  firstMs(version: ListedVersion): Promise<number>;
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
    const versions: ListedVersion[] = [];
    let seen = 0;
    for await (const step of steps(deps, question, context)) {
      versions.push(...step.slice(Math.max(0, offset - seen)));
      seen += step.length;
      if (versions.length >= limit) break;
    }
    return versions.slice(0, limit);
  }

  return {
    page,
    count: (question, context) => store.count(question.type, filterOf(deps, question, context)),

    async pick(question, keeps, { offset, limit }, context) {
      if ((await store.count(question.type, filterOf(deps, question, context))) > LISTED_MAX) throw tooMany(question);
      const versions: ListedVersion[] = [];
      let total = 0;
      for await (const step of steps(deps, question, context)) {
        const kept = await Promise.all(step.map(async (version) => keeps(version)));
        const found = step.filter((_, at) => kept[at]);
        versions.push(...found.slice(Math.max(0, offset - total), Math.max(0, offset + limit - total)));
        total += found.length;
      }
      return { total, versions };
    },

    async read(type, ids) {
      const nowMs = clock.nowMs();
      const found = await store.readMany(ids.map((id) => ({ type, id })));
      return found.map((document) => (document && !document.deleted ? versionOf(asOf(document, nowMs)) : undefined));
    },

    async firstMs({ type, id, versionId, updatedMs }) {
      const first = versionId === '1' ? undefined : await store.version({ type, id }, 1);
      return first?.updatedMs ?? updatedMs;
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

function tooMany({ type }: ListQuestion) {
  return fault('too-costly', `More than ${LISTED_MAX} ${type} resources would be looked at; ask for fewer.`);
}

/** What is listed, some at a time, as it is now. */
async function* steps(deps: ListingDeps, question: ListQuestion, context: RequestContext) {
  const nowMs = deps.clock.nowMs();
  const query: Omit<Query, 'limit'> = {
    type: question.type,
    filter: filterOf(deps, question, context),
    sort: [{ param: question.order === 'created' ? CREATED_PARAM : 'start', descending: false }],
  };
  for await (const found of pagesOf(deps.store, query, STEP_RESOURCES)) {
    yield found.map(({ document }) => versionOf(asOf(document, nowMs)));
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
