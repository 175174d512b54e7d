import type { FhirResource, Schedule } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { factsOf, type ScheduleFacts } from './schedule-facts.js';
import { forgetOldest } from './forget-oldest.js';
import { limitPeriodsOf } from '../slots/index.js';
import { joinUnits, readUnit, unitDaysOf, type JoinedUnits, type OwnedSlot, type Unit } from '../claims/index.js';
import { timelinesKey, timelinesOf } from './timelines.js';
import { unitKey } from './unit-book.js';

/** How many Schedules are remembered between requests. */
const SCHEDULES_REMEMBERED_MAX = 5_000;
/** How many unit days are remembered. */
const UNITS_REMEMBERED_MAX = 50_000;

/** A Schedule with its actors, and what lies on it in a stretch of time, as the store has it at this moment. */
export interface ScheduleView {
  readonly facts: ScheduleFacts;
  /** Where its time is taken, the first one counting for limits. */
  readonly timelines: readonly string[];
  /** What lies on its timelines in the days asked for, that of other Schedules too. */
  readonly units: JoinedUnits;
  /** Its stored Slots among them, by start. */
  readonly slots: readonly OwnedSlot[];
  /** All documents that the view was made from, and the revisions that they had. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
  /** The sum of these revisions: grows with every change of any of them. */
  readonly revision: number;
}

/** The stretch of time in which what lies on the timelines of a Schedule matters; undefined: nowhere. */
export type StretchOf = (facts: ScheduleFacts) => Interval | undefined;

interface Remembered {
  readonly facts: ScheduleFacts;
  readonly timelines: readonly string[];
  /** The Schedule, the record of its timelines, then its actors. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
  readonly actors: readonly Actor[];
}

/** A Schedule as it stands, and the unit days that are asked for. */
interface Part {
  readonly schedule: Remembered;
  readonly unitKeys: readonly UnitKey[];
  readonly unitRevisions: readonly number[];
}

/** A unit document and the timeline that it is a day of. */
interface UnitKey extends DocumentKey {
  readonly timeline: string;
}

/** An actor of a Schedule as it was read; nothing where it is not there. */
interface Actor {
  readonly key: DocumentKey;
  readonly revision: number;
  readonly resource: readonly FhirResource[];
}

/**
 * Reads Schedules with their actors, and the units of their days. What it read before it uses again as long as the
 * store names the same revisions of all of it: keyed by revisions, never by time, so it never answers with what
 * another process has changed since.
 */
export class ScheduleReader {
  readonly #schedules = new Map<string, Remembered>();
  readonly #units = new Map<string, { readonly revision: number; readonly unit: Unit }>();

  constructor(
    private readonly store: Store,
    private readonly defaultZone: string,
  ) {}

  /** One answer for each id, in their order; undefined where there is no such Schedule. */
  async views(ids: readonly string[], base: string, stretchOf: StretchOf): Promise<(ScheduleView | undefined)[]> {
    // Of those known, one question to the store asks for everything; usually nothing has changed.
    const known = ids.map((id) => {
      const schedule = this.#schedules.get(`${base}|${id}`);
      return schedule && { schedule, unitKeys: unitKeysIn(schedule, stretchOf) };
    });
    const asked = known.flatMap((one) => (one ? [...one.schedule.keys, ...one.unitKeys] : []));
    const take = takerOf(await this.#revisionsOf(asked));
    const parts = known.map((one): Part | undefined => {
      if (!one) return undefined;
      const own = take(one.schedule.keys.length);
      const unitRevisions = take(one.unitKeys.length);
      const isFresh = own.every((revision, n) => revision === one.schedule.revisions[n]);
      return isFresh ? { ...one, unitRevisions } : undefined;
    });
    if (parts.includes(undefined)) await this.#readAnew(ids, base, stretchOf, parts);
    const units = await this.#unitsOf(parts);
    return parts.map((part) => part && viewOf(part, units));
  }

  /** Fills the gaps in `parts`, a few questions to the store for all of them together. */
  async #readAnew(ids: readonly string[], base: string, stretchOf: StretchOf, parts: (Part | undefined)[]) {
    const missing = ids.flatMap((id, at) => (parts[at] ? [] : [{ id, at }]));
    const schedules = await this.#read([...new Set(missing.map(({ id }) => id))], base);
    const found = missing.flatMap(({ id, at }) => {
      const schedule = schedules.get(id);
      return schedule ? [{ at, schedule, unitKeys: unitKeysIn(schedule, stretchOf) }] : [];
    });
    const take = takerOf(await this.#revisionsOf(found.flatMap(({ unitKeys }) => unitKeys)));
    for (const { at, schedule, unitKeys } of found) {
      parts[at] = { schedule, unitKeys, unitRevisions: take(unitKeys.length) };
    }
  }

  async #revisionsOf(keys: readonly DocumentKey[]): Promise<readonly number[]> {
    return keys.length > 0 ? this.store.revisions(keys) : [];
  }

  /** The units of all parts by their ids; of those that have changed, read in one go. An absent one is empty. */
  async #unitsOf(parts: readonly (Part | undefined)[]): Promise<ReadonlyMap<string, Unit>> {
    const units = new Map<string, Unit>();
    const stale: DocumentKey[] = [];
    for (const part of parts) {
      part?.unitKeys.forEach((key, at) => {
        const revision = part.unitRevisions[at];
        if (revision === 0) return;
        const known = this.#units.get(key.id);
        if (known && known.revision === revision) units.set(key.id, known.unit);
        else stale.push(key);
      });
    }
    const documents = stale.length > 0 ? await this.store.readMany(stale) : [];
    for (const document of documents) {
      if (!document) continue;
      const unit = readUnit(document.text);
      units.set(document.id, unit);
      forgetOldest(this.#units, UNITS_REMEMBERED_MAX);
      this.#units.set(document.id, { revision: document.revision, unit });
    }
    return units;
  }

  async #read(ids: readonly string[], base: string): Promise<ReadonlyMap<string, Remembered>> {
    const documents = await this.store.readMany([...ids.map(scheduleKey), ...ids.map(timelinesKey)]);
    const found = ids.flatMap((id, at) => {
      const name = `${base}|${id}`;
      const before = this.#schedules.get(name);
      this.#schedules.delete(name);
      const document = documents[at];
      if (!document || document.deleted) return [];
      const schedule = JSON.parse(document.text) as Schedule;
      const record = documents[ids.length + at];
      return [
        { id, name, document, record, schedule, before: before?.actors ?? [], actorKeys: actorKeysOf(schedule, base) },
      ];
    });
    const actorsOf = await this.#readActors(found);
    const read = new Map<string, Remembered>();
    for (const { id, name, document, record, schedule, actorKeys } of found) {
      const actors = actorKeys.map(actorsOf);
      const facts = factsOf(
        schedule,
        actors.flatMap(({ resource }) => resource),
        this.defaultZone,
      );
      const remembered: Remembered = {
        facts,
        timelines: timelinesOf(id, record),
        keys: [scheduleKey(id), timelinesKey(id), ...actorKeys],
        revisions: [document.revision, record?.revision ?? 0, ...actors.map(({ revision }) => revision)],
        actors,
      };
      forgetOldest(this.#schedules, SCHEDULES_REMEMBERED_MAX);
      this.#schedules.set(name, remembered);
      read.set(id, remembered);
    }
    return read;
  }

  /** Usually a Schedule changes and its actors do not: those are not read again. */
  async #readActors(
    schedules: readonly { readonly actorKeys: readonly DocumentKey[]; readonly before: readonly Actor[] }[],
  ): Promise<(key: DocumentKey) => Actor> {
    const before = schedules.flatMap((one) => one.before);
    const revisions = await this.#revisionsOf(before.map(({ key }) => key));
    const actors = new Map(
      before.filter(({ revision }, at) => revision === revisions[at]).map((one) => [nameOf(one.key), one]),
    );
    const wanted = new Map(schedules.flatMap(({ actorKeys }) => actorKeys.map((key) => [nameOf(key), key])));
    const unknown = [...wanted.values()].filter((key) => !actors.has(nameOf(key)));
    const documents = unknown.length > 0 ? await this.store.readMany(unknown) : [];
    unknown.forEach((key, at) => {
      const document = documents[at];
      actors.set(nameOf(key), { key, revision: document?.revision ?? 0, resource: resourceOf(document) });
    });
    return (key) => actors.get(nameOf(key)) ?? { key, revision: 0, resource: [] };
  }
}

function viewOf({ schedule, unitKeys, unitRevisions }: Part, known: ReadonlyMap<string, Unit>): ScheduleView {
  const { facts, timelines } = schedule;
  const revisions = [...schedule.revisions, ...unitRevisions];
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

function nameOf({ type, id }: DocumentKey): string {
  return `${type}/${id}`;
}

/** Takes a list apart from its beginning. */
function takerOf<T>(list: readonly T[]): (count: number) => readonly T[] {
  let next = 0;
  return (count) => list.slice(next, (next += count));
}

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
