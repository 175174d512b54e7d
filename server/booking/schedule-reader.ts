import type { FhirResource, Schedule } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { factsOf, type ScheduleFacts } from './schedule-facts.js';
import { forgetOldest } from './forget-oldest.js';
import { limitPeriodsOf } from '../slots/index.js';
import { joinUnits, unitDaysOf, type JoinedUnits, type OwnedSlot, type Unit } from '../claims/index.js';
import { SeenDocuments, type Revisions } from './seen-documents.js';
import { timelinesKey, timelinesOf } from './timelines.js';
import { unitKey } from './unit-book.js';
import { UnitMemory } from './unit-memory.js';

/** How many Schedules are remembered between requests. */
const SCHEDULES_REMEMBERED_MAX = 5_000;

/**
 * A Schedule with its actors, and what lies on it in a stretch of time, as the store has it at this moment; with all
 * documents that it was made from.
 */
export interface ScheduleView extends Revisions {
  readonly facts: ScheduleFacts;
  /** Where its time is taken, the first one counting for limits. */
  readonly timelines: readonly string[];
  /** What lies on its timelines in the days asked for, that of other Schedules too. */
  readonly units: JoinedUnits;
  /** Its stored Slots among them, by start. */
  readonly slots: readonly OwnedSlot[];
  /** The sum of these revisions: grows with every change of any of them. */
  readonly revision: number;
}

/** The stretch of time in which what lies on the timelines of a Schedule matters; undefined: nowhere. */
export type StretchOf = (facts: ScheduleFacts) => Interval | undefined;

interface Remembered extends Revisions {
  /** The Schedule, the record of its timelines, then its actors. */
  readonly keys: readonly DocumentKey[];
  readonly facts: ScheduleFacts;
  readonly timelines: readonly string[];
  /** What stands at the key of each actor; nothing where it is not there. */
  readonly actors: readonly (readonly FhirResource[])[];
}

/** Where the keys of the actors begin in those of a Schedule. */
const ACTORS_AT = 2;

/** A Schedule as it stands, and the unit days that are asked for. */
interface Part {
  readonly schedule: Remembered;
  readonly unitKeys: readonly UnitKey[];
}

/** A unit document and the timeline that it is a day of. */
interface UnitKey extends DocumentKey {
  readonly timeline: string;
}

/** A Schedule of which something has changed, its actors not looked at yet. */
interface Changed {
  readonly id: string;
  readonly schedule: Schedule;
  readonly timelines: readonly string[];
  readonly actorKeys: readonly DocumentKey[];
  readonly before: Remembered | undefined;
}

/**
 * Reads Schedules with their actors, and the units of their days. What it read before it uses again as long as the
 * store names the same revisions of all of it: keyed by revisions, never by time, so it never answers with what
 * another process has changed since.
 */
export class ScheduleReader {
  readonly #schedules = new Map<string, Remembered>();
  readonly #units = new UnitMemory();

  constructor(
    private readonly store: Store,
    private readonly defaultZone: string,
  ) {}

  /**
   * One answer for each id, in their order; undefined where there is no such Schedule.
   *
   * Of those known, one question to the store asks for the revisions of everything, and one reads what has changed.
   * Only where a Schedule has got other actors, or other days matter now, these are read after it.
   *
   * @param asked revisions that the same request has asked for before
   */
  async views(
    ids: readonly string[],
    base: string,
    stretchOf: StretchOf,
    asked?: Revisions,
  ): Promise<(ScheduleView | undefined)[]> {
    const seen = new SeenDocuments(this.store, asked);
    const units = new Map<string, Unit>();
    const known = ids.map((id) => partOf(this.#schedules.get(`${base}|${id}`), stretchOf));
    await seen.learn(known.flatMap((part) => (part ? [...part.schedule.keys, ...part.unitKeys] : [])));
    const changed = ids.flatMap((id, at) => changedKeys(id, known[at]?.schedule, seen));
    await this.#readUnits(known, seen, units, changed);
    const schedules = await this.#renewed(ids, base, known, seen);
    const parts = known.map((part, at) => (schedules[at] === part?.schedule ? part : partOf(schedules[at], stretchOf)));
    await this.#readUnits(
      parts.filter((part, at) => part !== known[at]),
      seen,
      units,
    );
    return parts.map((part) => part && viewOf(part, seen, units));
  }

  /** Fills `units`, by their ids, with those of some Schedules; an absent one is left out. @param also read along */
  async #readUnits(
    parts: readonly (Part | undefined)[],
    seen: SeenDocuments,
    units: Map<string, Unit>,
    also: readonly DocumentKey[] = [],
  ): Promise<void> {
    const unread = parts.flatMap((part) => (part ? this.#units.recall(part.unitKeys, seen, units) : []));
    await seen.read([...also, ...unread]);
    this.#units.keep(unread, seen, units);
  }

  /** The Schedules as they stand: the very same as before, or made anew of what was seen. */
  async #renewed(
    ids: readonly string[],
    base: string,
    known: readonly (Part | undefined)[],
    seen: SeenDocuments,
  ): Promise<readonly (Remembered | undefined)[]> {
    const found = ids.map((id, at) => {
      const before = known[at]?.schedule;
      return before && changedKeys(id, before, seen).length === 0 ? before : changedSchedule(id, base, before, seen);
    });
    const changed = found.filter((one) => one !== undefined && 'actorKeys' in one);
    await seen.read(changed.flatMap(({ actorKeys, before }) => actorKeys.filter((key) => !actorOf(key, before, seen))));
    return found.map((one, at) => {
      if (one && !('actorKeys' in one)) return one;
      const name = `${base}|${ids[at]}`;
      this.#schedules.delete(name);
      if (!one) return undefined;
      const schedule = this.#made(one, seen);
      forgetOldest(this.#schedules, SCHEDULES_REMEMBERED_MAX);
      this.#schedules.set(name, schedule);
      return schedule;
    });
  }

  #made({ id, schedule, timelines, actorKeys, before }: Changed, seen: SeenDocuments): Remembered {
    const actors = actorKeys.map((key) => actorOf(key, before, seen) ?? []);
    const keys = [scheduleKey(id), timelinesKey(id), ...actorKeys];
    const facts = factsOf(schedule, actors.flat(), this.defaultZone);
    return { facts, timelines, actors, keys, revisions: keys.map((key) => seen.revision(key) ?? 0) };
  }
}

function partOf(schedule: Remembered | undefined, stretchOf: StretchOf): Part | undefined {
  return schedule && { schedule, unitKeys: unitKeysIn(schedule, stretchOf) };
}

/** Which documents of a Schedule are not as they were; of one that is not known, those that are read first. */
function changedKeys(id: string, before: Remembered | undefined, seen: SeenDocuments): readonly DocumentKey[] {
  if (!before) return [scheduleKey(id), timelinesKey(id)];
  return before.keys.filter((key, at) => seen.revision(key) !== before.revisions[at]);
}

/** A Schedule of what was read of it, and of what is as before; undefined where there is none any more. */
function changedSchedule(
  id: string,
  base: string,
  before: Remembered | undefined,
  seen: SeenDocuments,
): Changed | undefined {
  const [scheduleRevision, timelinesRevision] = before?.revisions ?? [];
  const isSame = scheduleRevision === seen.revision(scheduleKey(id));
  const [schedule] = isSame && before ? [before.facts.schedule] : resourceOf(seen.document(scheduleKey(id)));
  if (schedule?.resourceType !== 'Schedule') return undefined;
  const key = timelinesKey(id);
  const isSameTime = timelinesRevision === seen.revision(key);
  const timelines = isSameTime ? before?.timelines : undefined;
  return {
    ...{ id, schedule, before, actorKeys: actorKeysOf(schedule, base) },
    timelines: timelines ?? timelinesOf(id, seen.document(key)),
  };
}

/** What stands at the key of an actor, as it was read or as it was before; undefined where it has to be read. */
function actorOf(
  key: DocumentKey,
  before: Remembered | undefined,
  seen: SeenDocuments,
): readonly FhirResource[] | undefined {
  const revision = seen.revision(key);
  if (revision === undefined) return undefined;
  const document = seen.document(key);
  if (document) return sharedResource(document);
  if (revision === 0) return [];
  const at = before?.keys.findIndex(({ type, id }) => type === key.type && id === key.id) ?? -1;
  return before?.revisions[at] === revision ? before.actors[at - ACTORS_AT] : undefined;
}

const shared = new WeakMap<StoredDocument, readonly FhirResource[]>();

/** Many Schedules may have the same actor: its text is read once. */
function sharedResource(document: StoredDocument): readonly FhirResource[] {
  const resource = shared.get(document) ?? resourceOf(document);
  shared.set(document, resource);
  return resource;
}

function viewOf({ schedule, unitKeys }: Part, seen: SeenDocuments, known: ReadonlyMap<string, Unit>): ScheduleView {
  const { facts, timelines } = schedule;
  const revisions = [...schedule.revisions, ...unitKeys.map((key) => seen.revision(key) ?? 0)];
  const there = unitKeys.flatMap(({ id, timeline }) => {
    const unit = known.get(id);
    return unit ? [{ timeline, unit }] : [];
  });
  const units = there.length > 0 ? joinUnits(there) : NOTHING;
  return {
    facts,
    timelines,
    units,
    slots: units.slots.filter(({ schedule: id }) => id === facts.id),
    keys: [...schedule.keys, ...unitKeys],
    revisions,
    revision: sumOf(revisions),
  };
}

const NOTHING: JoinedUnits = { slots: [], claims: [] };

/** The actors of a Schedule that are on this server, each once. */
export function actorKeysOf(schedule: Schedule, base: string): DocumentKey[] {
  const keys = (schedule.actor ?? []).flatMap(({ reference }) => localReference(reference, [base]) ?? []);
  return [...new Map(keys.map((key) => [`${key.type}/${key.id}`, key])).values()];
}

/** The resource of a document that is there and not deleted. */
export function resourceOf(document: Pick<StoredDocument, 'deleted' | 'text'> | undefined): FhirResource[] {
  return document && !document.deleted ? [JSON.parse(document.text) as FhirResource] : [];
}

/** The days of the stretch on every timeline; on the first one, those of the periods besides that limits look at. */
export function unitKeysIn(
  { facts, timelines }: Pick<ScheduleView, 'facts' | 'timelines'>,
  stretchOf: StretchOf,
): UnitKey[] {
  const stretch = stretchOf(facts);
  if (!stretch) return [];
  const days = unitDaysOf(stretch);
  const [first, ...others] = timelines;
  const keys = (timeline: string, of: readonly number[]) => of.map((day) => ({ ...unitKey(timeline, day), timeline }));
  const all = first === undefined ? [] : keys(first, withLimitDays(facts, stretch, days));
  return [...all, ...others.flatMap((timeline) => keys(timeline, days))];
}

function withLimitDays({ rules }: ScheduleFacts, stretch: Interval, days: readonly number[]): readonly number[] {
  const periods = rules.flatMap((rule) => [stretch.startMs, stretch.endMs].flatMap((ms) => limitPeriodsOf(rule, ms)));
  if (periods.length === 0) return days;
  return unitDaysOf({
    startMs: Math.min(stretch.startMs, ...periods.map(({ startMs }) => startMs)),
    endMs: Math.max(stretch.endMs, ...periods.map(({ endMs }) => endMs)),
  });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function scheduleKey(id: string): DocumentKey {
  return { type: 'Schedule', id };
}
