import type { FhirResource, Schedule } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { factsOf, type ScheduleFacts } from './schedule-facts.js';
import { forgetOldest } from './forget-oldest.js';
import { readUnit, slotsOfUnits, unitKeysOf, type Unit, type UnitSlot } from './units.js';

/** How many Schedules are remembered between requests. */
const SCHEDULES_REMEMBERED_MAX = 5_000;
/** How many unit days are remembered. */
const UNITS_REMEMBERED_MAX = 50_000;

/** A Schedule with its actors, and what lies on it in a stretch of time, as the store has it at this moment. */
export interface ScheduleView {
  readonly facts: ScheduleFacts;
  /** Stored Slots that have time in the stretch asked for, by start. */
  readonly slots: readonly UnitSlot[];
  /** All documents that the view was made from, and the revisions that they had. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
  /** The sum of these revisions: grows with every change of any of them. */
  readonly revision: number;
}

/** The stretch of time in which the stored Slots of a Schedule matter; undefined: nowhere. */
export type StretchOf = (facts: ScheduleFacts) => Interval | undefined;

interface Remembered {
  readonly facts: ScheduleFacts;
  /** The Schedule, then its actors. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
  readonly actors: readonly Actor[];
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
      return schedule && { schedule, unitKeys: unitKeysIn(schedule.facts, stretchOf) };
    });
    const asked = known.flatMap((one) => (one ? [...one.schedule.keys, ...one.unitKeys] : []));
    const revisions = asked.length > 0 ? await this.store.revisions(asked) : [];
    let next = 0;
    const take = (count: number) => revisions.slice(next, (next += count));
    const views = known.map(async (one, at) => {
      if (!one) return this.#readAnew(ids[at] ?? '', base, stretchOf);
      const own = take(one.schedule.keys.length);
      const units = take(one.unitKeys.length);
      const isFresh = own.every((revision, n) => revision === one.schedule.revisions[n]);
      return isFresh ? this.#viewOf(one.schedule, one.unitKeys, units) : this.#readAnew(ids[at] ?? '', base, stretchOf);
    });
    return Promise.all(views);
  }

  async #readAnew(id: string, base: string, stretchOf: StretchOf): Promise<ScheduleView | undefined> {
    const schedule = await this.#read(id, base);
    if (!schedule) return undefined;
    const unitKeys = unitKeysIn(schedule.facts, stretchOf);
    return this.#viewOf(schedule, unitKeys, unitKeys.length > 0 ? await this.store.revisions(unitKeys) : []);
  }

  #viewOf(
    schedule: Remembered,
    unitKeys: readonly DocumentKey[],
    unitRevisions: readonly number[],
  ): ScheduleView | Promise<ScheduleView> {
    const { facts } = schedule;
    const keys = [...schedule.keys, ...unitKeys];
    const revisions = [...schedule.revisions, ...unitRevisions];
    const view = (slots: readonly UnitSlot[]) => ({
      facts,
      slots,
      keys,
      revisions,
      revision: sumOf(revisions),
    });
    return sumOf(unitRevisions) === 0 ? view([]) : this.#slotsOf(unitKeys, unitRevisions).then(view);
  }

  async #slotsOf(keys: readonly DocumentKey[], revisions: readonly number[]): Promise<readonly UnitSlot[]> {
    const units = new Map(keys.map(({ id }) => [id, this.#units.get(id)]));
    const stale = keys.filter(({ id }, at) => revisions[at] !== 0 && units.get(id)?.revision !== revisions[at]);
    const documents = stale.length > 0 ? await this.store.readMany(stale) : [];
    for (const document of documents) {
      if (!document) continue;
      const read = { revision: document.revision, unit: readUnit(document.text) };
      units.set(document.id, read);
      forgetOldest(this.#units, UNITS_REMEMBERED_MAX);
      this.#units.set(document.id, read);
    }
    return slotsOfUnits([...units.values()].flatMap((one) => one?.unit ?? []));
  }

  async #read(id: string, base: string): Promise<Remembered | undefined> {
    const document = await this.store.read(scheduleKey(id));
    const name = `${base}|${id}`;
    const before = this.#schedules.get(name);
    this.#schedules.delete(name);
    if (!document || document.deleted) return undefined;
    const schedule = JSON.parse(document.text) as Schedule;
    const actors = await this.#actorsOf(schedule, base, before?.actors);
    const remembered: Remembered = {
      facts: factsOf(
        schedule,
        actors.flatMap(({ resource }) => resource),
        this.defaultZone,
      ),
      keys: [scheduleKey(id), ...actors.map(({ key }) => key)],
      revisions: [document.revision, ...actors.map(({ revision }) => revision)],
      actors,
    };
    forgetOldest(this.#schedules, SCHEDULES_REMEMBERED_MAX);
    this.#schedules.set(name, remembered);
    return remembered;
  }

  /** Usually a Schedule changes and its actors do not: those are not read again. */
  async #actorsOf(schedule: Schedule, base: string, before: readonly Actor[] = []): Promise<readonly Actor[]> {
    const keys = actorKeysOf(schedule, base);
    const revisions = before.length > 0 ? await this.store.revisions(keys) : [];
    const known = keys.map(({ type, id }, at) =>
      before.find(({ key, revision }) => key.type === type && key.id === id && revision === revisions[at]),
    );
    if (known.every((actor) => actor !== undefined)) return known;
    const documents = await this.store.readMany(keys);
    return keys.map((key, at) => {
      const document = documents[at];
      return { key, revision: document?.revision ?? 0, resource: resourceOf(document) };
    });
  }
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

function unitKeysIn(facts: ScheduleFacts, stretchOf: StretchOf): DocumentKey[] {
  const stretch = stretchOf(facts);
  return stretch ? unitKeysOf(facts.id, stretch) : [];
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function scheduleKey(id: string): DocumentKey {
  return { type: 'Schedule', id };
}
