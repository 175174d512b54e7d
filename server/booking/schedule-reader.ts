import type { FhirResource, Schedule } from 'fhir/r4.js';
import type { Interval } from '../base/interval.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, Store, StoredDocument } from '../store/index.js';
import { factsOf, type ScheduleFacts } from './schedule-facts.js';
import { readUnit, slotsOfUnits, unitKeysOf, type Unit, type UnitSlot } from './units.js';

/** How many Schedules are remembered between requests. */
const SCHEDULES_REMEMBERED_MAX = 2_000;
/** How many unit days of one Schedule are remembered. */
const UNITS_REMEMBERED_MAX = 200;

/** A Schedule and what lies on it in a stretch of time, all of it as the store has it at this moment. */
export interface ScheduleView {
  readonly facts: ScheduleFacts;
  /** Stored Slots that have time there, by start. */
  readonly slots: readonly UnitSlot[];
  /** Grows with every change of anything that the view was made from. */
  readonly revision: number;
  /** When the Schedule or one of its actors was changed last. */
  readonly updatedMs: number;
}

interface Remembered {
  readonly facts: ScheduleFacts;
  /** The Schedule, then its actors. */
  readonly keys: readonly DocumentKey[];
  readonly revisions: readonly number[];
  readonly updatedMs: number;
  readonly units: Map<string, { readonly revision: number; readonly unit: Unit }>;
}

/**
 * Reads Schedules with their actors and units. What it read before it uses again as long as the store names the
 * same revisions of all of it: keyed by revisions, never by time, so it never answers with what another process
 * has changed since.
 */
export class ScheduleReader {
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    private readonly store: Store,
    private readonly defaultZone: string,
  ) {}

  /**
   * One answer for each id, in their order; undefined where there is no such Schedule.
   *
   * @param stretch where stored Slots are wanted
   */
  async views(ids: readonly string[], base: string, stretch: Interval): Promise<(ScheduleView | undefined)[]> {
    const unitKeys = ids.map((id) => unitKeysOf(id, stretch));
    const known = ids.map((id) => this.#remembered.get(`${base}|${id}`));
    const asked = ids.flatMap((id, at) => [...(known[at]?.keys ?? [scheduleKey(id)]), ...(unitKeys[at] ?? [])]);
    const revisions = await this.store.revisions(asked);
    let next = 0;
    const take = (count: number) => revisions.slice(next, (next += count));
    const parts = ids.map((id, at) => {
      const own = take(known[at]?.keys.length ?? 1);
      return { id, own, units: take(unitKeys[at]?.length ?? 0), known: known[at], unitKeys: unitKeys[at] ?? [] };
    });
    return Promise.all(
      parts.map(async (part) => {
        const fresh =
          part.known !== undefined && part.own.every((revision, n) => revision === part.known?.revisions[n]);
        const remembered = fresh ? part.known : await this.#read(part.id, base);
        return remembered && this.#view(remembered, part.unitKeys, part.units);
      }),
    );
  }

  /** The facts of a Schedule alone. */
  async facts(id: string, base: string): Promise<ScheduleFacts | undefined> {
    const [view] = await this.views([id], base, { startMs: 0, endMs: 0 });
    return view?.facts;
  }

  async #read(id: string, base: string): Promise<Remembered | undefined> {
    const document = await this.store.read(scheduleKey(id));
    const name = `${base}|${id}`;
    if (!document || document.deleted) {
      this.#remembered.delete(name);
      return undefined;
    }
    const schedule = JSON.parse(document.text) as Schedule;
    const actorKeys = actorKeysOf(schedule, base);
    const actors = await this.store.readMany(actorKeys);
    const all = [document, ...actors];
    const remembered: Remembered = {
      facts: factsOf(schedule, actors.flatMap(resourceOf), this.defaultZone),
      keys: [scheduleKey(id), ...actorKeys],
      revisions: all.map((one) => one?.revision ?? 0),
      updatedMs: Math.max(...all.map((one) => one?.updatedMs ?? 0)),
      units: new Map(),
    };
    forgetOldest(this.#remembered, SCHEDULES_REMEMBERED_MAX);
    this.#remembered.set(name, remembered);
    return remembered;
  }

  async #view(of: Remembered, keys: readonly DocumentKey[], revisions: readonly number[]): Promise<ScheduleView> {
    const stale = keys.filter((key, n) => revisions[n] !== 0 && of.units.get(key.id)?.revision !== revisions[n]);
    const documents = stale.length > 0 ? await this.store.readMany(stale) : [];
    documents.forEach((document, n) => {
      const id = stale[n]?.id;
      if (!document || id === undefined) return;
      forgetOldest(of.units, UNITS_REMEMBERED_MAX);
      of.units.set(id, { revision: document.revision, unit: readUnit(document.text) });
    });
    const units = keys.flatMap((key, n) => (revisions[n] === 0 ? [] : (of.units.get(key.id)?.unit ?? [])));
    const revision = [...of.revisions, ...revisions].reduce((sum, one) => sum + one, 0);
    return { facts: of.facts, slots: units.length > 0 ? slotsOfUnits(units) : [], revision, updatedMs: of.updatedMs };
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
