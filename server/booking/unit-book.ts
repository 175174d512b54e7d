import { fault } from '../base/fault.js';
import { overlaps, type Interval } from '../base/interval.js';
import {
  joinUnits,
  occupiedTime,
  readUnit,
  schedulesIn,
  timelineUnitId,
  unitDaysOf,
  unitText,
  withClaim,
  withoutClaim,
  withoutSlot,
  withSlot,
  type Claim,
  type JoinedUnits,
  type Unit,
  type OwnedSlot,
  type UnitSlot,
} from '../claims/index.js';
import type { IndexValues } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import { newestIn, newestText } from './newest.js';
import { timelinesKey, timelinesOf } from './timelines.js';

/** The type of unit documents in a store. No FHIR type, so no request can name it. */
export const UNIT_TYPE = 'Unit';

/** The hidden parameter by which the units are found in which something of a Schedule lies. */
export const UNIT_SCHEDULE = ':schedule';

/** Over so many documents the arrivals on one Schedule are spread, so that few of them meet. */
const ARRIVAL_BOOKS = 16;

/** Of how many arrivals before its own a document keeps the units. */
const ARRIVALS_KEPT = 16;

/** Units that one request rests on. A `load` is bounded by its batches, of which each item is judged by itself. */
export const UNITS_AT_ONCE_MAX = 20_000;

/** The unit of a day of a timeline. */
export function unitKey(timeline: string, day: number): DocumentKey {
  return { type: UNIT_TYPE, id: timelineUnitId(timeline, day) };
}

/**
 * The documents that the arrival of a Slot or of a claim changes where nothing of its Schedule lay in a unit: whoever
 * deletes the Schedule, or moves it to other timelines, checks them. They name the units of the last arrivals.
 */
export function arrivalKeysOf(scheduleId: string): DocumentKey[] {
  return Array.from({ length: ARRIVAL_BOOKS }, (_, book) => arrivalKey(scheduleId, book));
}

function arrivalKey(scheduleId: string, book: number): DocumentKey {
  return { type: 'SlotArrivals', id: `Schedule/${scheduleId}/${book}` };
}

const books = new WeakMap<Draft, UnitBook>();

/** The units as one draft reads and leaves them: a load writes one many times, its text is made once, at the end. */
export class UnitBook {
  readonly #units = new Map<string, Unit>();
  readonly #changed: Interval[] = [];
  /** By the id of the document of arrivals, the units in which something has arrived. */
  readonly #arrived = new Map<string, Set<string>>();

  private constructor(
    private readonly draft: Draft,
    readonly nowMs: number,
    private readonly unitsMax: number,
  ) {}

  /** The one book of a draft. @param unitsMax counts when it is asked for the first time */
  static of(draft: Draft, nowMs: number, unitsMax = UNITS_AT_ONCE_MAX): UnitBook {
    const book = books.get(draft) ?? new UnitBook(draft, nowMs, unitsMax);
    books.set(draft, book);
    return book;
  }

  /** The timelines of a Schedule; the commit stands only while they are the same. */
  async timelines(scheduleId: string): Promise<readonly string[]> {
    const key = timelinesKey(scheduleId);
    const record = await this.draft.get(key);
    this.draft.check(key);
    return timelinesOf(scheduleId, record);
  }

  /** What lies in these days of these timelines; the commit stands only while it is the same. */
  async joined(timelines: readonly string[], days: readonly number[]): Promise<JoinedUnits> {
    return joinUnits(await this.#read(placesOf(timelines, days)));
  }

  /** The same of all that touches a time, claims with their buffers: of a full day, most is left out at once. */
  async within(timelines: readonly string[], time: Interval): Promise<JoinedUnits> {
    const units = await this.#read(placesOf(timelines, unitDaysOf(time)));
    const near = units.map(({ timeline, unit: { slots, claims } }) => ({
      timeline,
      unit: {
        slots: slots.filter((slot) => overlaps(slot, time)),
        claims: claims.filter((claim) => overlaps(occupiedTime(claim), time)),
      },
    }));
    return joinUnits(near);
  }

  /**
   * What a Schedule has in these units, and in those that the draft has read or changed besides; the commit stands
   * only while they are the same.
   */
  async ofSchedule(
    scheduleId: string,
    keys: readonly DocumentKey[],
  ): Promise<{ readonly slots: readonly OwnedSlot[]; readonly claims: readonly Claim[] }> {
    const ids = new Set([...keys.map(({ id }) => id), ...this.#units.keys()]);
    const places = [...ids].map((id) => ({ timeline: timelineOf(id), key: { type: UNIT_TYPE, id } }));
    const units = await this.#read(places);
    const { slots, claims } = joinUnits(units);
    return {
      slots: slots.filter(({ schedule }) => schedule === scheduleId),
      claims: claims.filter(({ schedule }) => schedule === scheduleId),
    };
  }

  /** What the draft leaves in these units, for an answer to tell: no decision may rest on it. */
  async left(keys: readonly DocumentKey[]): Promise<JoinedUnits> {
    await this.draft.prepare(keys);
    const units: { timeline: string; unit: Unit }[] = [];
    for (const key of keys) units.push({ timeline: timelineOf(key.id), unit: await this.#unit(key) });
    return joinUnits(units);
  }

  /** Puts a claim into the units of every day that it touches with its buffers. */
  async claim(timelines: readonly string[], claim: Claim): Promise<void> {
    const time = occupiedTime(claim);
    await this.#change(timelines, time, claim.schedule, (unit) => withClaim(unit, claim));
  }

  /** Takes away the claims of one owner, or those of one kind, that touch a time. */
  async release(timelines: readonly string[], near: Interval, by: string, kind?: Claim['kind']): Promise<void> {
    const { claims } = await this.within(timelines, near);
    const going = claims.filter((claim) => claim.by === by && (kind === undefined || claim.kind === kind));
    for (const claim of going) {
      await this.#change(timelines, occupiedTime(claim), undefined, (unit) => withoutClaim(unit, claim));
    }
  }

  async putSlot(timelines: readonly string[], slot: UnitSlot & { readonly schedule: string }): Promise<void> {
    for (const timeline of timelines) {
      const named = timeline === `Schedule/${slot.schedule}` ? withoutSchedule(slot) : slot;
      await this.#change([timeline], slot, slot.schedule, (unit) => withSlot(unit, named));
    }
  }

  async dropSlot(timelines: readonly string[], slot: UnitSlot): Promise<void> {
    await this.#change(timelines, slot, undefined, (unit) => withoutSlot(unit, slot.id));
  }

  /** The stretches of time in which something has changed since this was asked last. */
  takeChanged(): readonly Interval[] {
    return this.#changed.splice(0);
  }

  async #read(places: readonly UnitPlace[]): Promise<{ readonly timeline: string; readonly unit: Unit }[]> {
    await this.#prepare(places.map(({ key }) => key));
    const units: { timeline: string; unit: Unit }[] = [];
    for (const { timeline, key } of places) {
      units.push({ timeline, unit: await this.#unit(key) });
      this.draft.check(key);
    }
    return units;
  }

  /** @throws {Fault} `too-costly` for more units than may be */
  async #prepare(keys: readonly DocumentKey[]): Promise<void> {
    const unknown = new Set(keys.map(({ id }) => id).filter((id) => !this.#units.has(id)));
    if (this.#units.size + unknown.size > this.unitsMax) {
      throw fault(
        'too-costly',
        `One request reads at most ${this.unitsMax} days of timelines; ask for less at a time.`,
      );
    }
    await this.draft.takeTurn(keys);
    await this.draft.prepare(keys);
  }

  async #unit(key: DocumentKey): Promise<Unit> {
    const known = this.#units.get(key.id);
    if (known) return known;
    const unit = readUnit((await this.draft.original(key))?.text);
    this.#units.set(key.id, unit);
    return unit;
  }

  /** @param arriving the Schedule of what comes into the unit; absent where something goes */
  async #change(
    timelines: readonly string[],
    time: Interval,
    arriving: string | undefined,
    change: (unit: Unit) => Unit,
  ): Promise<void> {
    const days = unitDaysOf(time);
    await this.#prepare(timelines.flatMap((timeline) => days.map((day) => unitKey(timeline, day))));
    for (const timeline of timelines) {
      for (const day of days) {
        const key = unitKey(timeline, day);
        const before = await this.#unit(key);
        if (arriving !== undefined && !schedulesIn(timeline, before).has(arriving))
          await this.#arrive(arriving, day, key);
        this.#units.set(key.id, change(before));
        this.#stage(timeline, key);
      }
    }
    this.#changed.push(time);
  }

  async #arrive(scheduleId: string, day: number, unit: DocumentKey): Promise<void> {
    const key = arrivalKey(scheduleId, ((day % ARRIVAL_BOOKS) + ARRIVAL_BOOKS) % ARRIVAL_BOOKS);
    const arrived = this.#arrived.get(key.id) ?? new Set();
    this.#arrived.set(key.id, arrived.add(unit.id));
    if (this.draft.writes(key)) return;
    const before = newestIn(await this.draft.original(key)).slice(0, ARRIVALS_KEPT);
    // Where it says already what it is to say, whoever reads it reads the units, and no change of it is needed.
    const text = () => newestText([...new Set([...arrived, ...before])]);
    this.draft.put({ ...key, updatedMs: this.nowMs, ...RECORD, text });
  }

  #stage(timeline: string, key: DocumentKey): void {
    const unit = () => this.#units.get(key.id) ?? readUnit(undefined);
    this.draft.put({
      ...key,
      updatedMs: this.nowMs,
      ...RECORD,
      text: () => unitText(unit(), this.nowMs),
      index: () => indexOf(timeline, unit()),
    });
  }
}

function withoutSchedule({ id, startMs, endMs, capacity }: UnitSlot): UnitSlot {
  return { id, startMs, endMs, ...(capacity !== undefined && { capacity }) };
}

/** A unit document and the timeline that it is a day of. */
interface UnitPlace {
  readonly timeline: string;
  readonly key: DocumentKey;
}

function placesOf(timelines: readonly string[], days: readonly number[]): UnitPlace[] {
  return timelines.flatMap((timeline) => days.map((day) => ({ timeline, key: unitKey(timeline, day) })));
}

/** The timeline of which a unit is a day. */
export function timelineOf(unitId: string): string {
  return unitId.slice(0, unitId.lastIndexOf('/'));
}

/** The index values of a unit document, made from its id and text: a copy of a store needs them anew. */
export function unitIndex({ id, text }: { readonly id: string; readonly text: string }): IndexValues {
  return indexOf(timelineOf(id), readUnit(text));
}

function indexOf(timeline: string, unit: Unit): IndexValues {
  const schedules = [...schedulesIn(timeline, unit)];
  return { [UNIT_SCHEDULE]: schedules.map((id) => ({ kind: 'reference', target: `Schedule/${id}` })) };
}
