import type { FhirResource, Schedule } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { factsOf, type ScheduleFacts } from './schedule-facts.js';
import { readUnit, slotsOfUnits, unitKeysOf, type Unit, type UnitSlot } from './units.js';

/** How many Schedules are remembered between requests. */
const SCHEDULES_REMEMBERED_MAX = 5_000;
/** How many unit days are remembered. */
const UNITS_REMEMBERED_MAX = 50_000;

/** A Schedule with its actors, as the store has them at this moment. */
export interface ScheduleView {
  readonly facts: ScheduleFacts;
  /** Grows with every change of the Schedule or of an actor. */
  readonly revision: number;
  /** When the Schedule or one of its actors was changed last. */
  readonly updatedMs: number;
}

interface Remembered extends ScheduleView {
  /** The Schedule, then its actors. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
}

/** The stored Slots of a Schedule that have time in a stretch, by start. */
export interface SlotsInStretch {
  readonly slots: readonly UnitSlot[];
  /** Grows with every change of what lies there. */
  readonly revision: number;
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
  async views(ids: readonly string[], base: string): Promise<(ScheduleView | undefined)[]> {
    const known = ids.map((id) => this.#schedules.get(`${base}|${id}`));
    const revisions = await this.store.revisions(ids.flatMap((id, at) => known[at]?.keys ?? [scheduleKey(id)]));
    let next = 0;
    const fresh = known.map((one) => {
      const now = revisions.slice(next, (next += one?.keys.length ?? 1));
      return one !== undefined && now.every((revision, at) => revision === one.revisions[at]);
    });
    return Promise.all(ids.map((id, at) => (fresh[at] ? known[at] : this.#read(id, base))));
  }

  /** The stored Slots that have time on a Schedule in a stretch. */
  async slotsIn(scheduleId: string, stretch: Interval): Promise<SlotsInStretch> {
    const keys = unitKeysOf(scheduleId, stretch);
    const revisions = await this.store.revisions(keys);
    const revision = revisions.reduce((sum, one) => sum + one, 0);
    if (revision === 0) return { slots: [], revision };
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
    return { slots: slotsOfUnits([...units.values()].flatMap((one) => one?.unit ?? [])), revision };
  }

  async #read(id: string, base: string): Promise<Remembered | undefined> {
    const document = await this.store.read(scheduleKey(id));
    const name = `${base}|${id}`;
    this.#schedules.delete(name);
    if (!document || document.deleted) return undefined;
    const schedule = JSON.parse(document.text) as Schedule;
    const actorKeys = actorKeysOf(schedule, base);
    const actors = await this.store.readMany(actorKeys);
    const revisions = [document, ...actors].map((one) => one?.revision ?? 0);
    const remembered: Remembered = {
      facts: factsOf(schedule, actors.flatMap(resourceOf), this.defaultZone),
      keys: [scheduleKey(id), ...actorKeys],
      revisions,
      revision: revisions.reduce((sum, one) => sum + one, 0),
      updatedMs: Math.max(...[document, ...actors].map((one) => one?.updatedMs ?? 0)),
    };
    forgetOldest(this.#schedules, SCHEDULES_REMEMBERED_MAX);
    this.#schedules.set(name, remembered);
    return remembered;
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

function scheduleKey(id: string): DocumentKey {
  return { type: 'Schedule', id };
}

/** Keeps a Map below its bound by dropping what was put in first. */
function forgetOldest(map: Map<string, unknown>, entriesMax: number): void {
  if (map.size < entriesMax) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
