import { MS_PER_DAY } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import {
  joinUnits,
  occupiedTime,
  readUnit,
  timelineUnitId,
  unitDaysOf,
  unitText,
  withClaim,
  withoutClaims,
  withoutSlot,
  withSlot,
  type Claim,
  type JoinedUnits,
  type Unit,
  type UnitSlot,
} from '../claims/index.js';
import type { IndexValues } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import { timelinesKey, timelinesOf } from './timelines.js';

/** The type of unit documents in a store. No FHIR type, so no request can name it. */
const UNIT_TYPE = 'Unit';

/** The hidden parameter by which the units are found in which something of a Schedule lies. */
export const UNIT_SCHEDULE = ':schedule';

/** Over so many documents the arrivals on one Schedule are spread, so that few of them meet. */
const ARRIVAL_BOOKS = 16;

/** The unit of a day of a timeline. */
export function unitKey(timeline: string, day: number): DocumentKey {
  return { type: UNIT_TYPE, id: timelineUnitId(timeline, day) };
}

/**
 * The documents that the arrival of a Slot or of a claim changes where nothing of its Schedule lay in a unit: whoever
 * deletes the Schedule, or moves it to other timelines, checks them.
 */
export function arrivalKeysOf(scheduleId: string): DocumentKey[] {
  return Array.from({ length: ARRIVAL_BOOKS }, (_, book) => arrivalKey(scheduleId, book));
}

function arrivalKey(scheduleId: string, book: number): DocumentKey {
  return { type: 'SlotArrivals', id: `Schedule/${scheduleId}/${book}` };
}

const books = new WeakMap<Draft, UnitBook>();

/** The units as one draft reads and leaves them: a load writes one many times, and its text is made once, at the end. */
export class UnitBook {
  readonly #units = new Map<string, Unit>();
  readonly #changed: Interval[] = [];

  private constructor(
    private readonly draft: Draft,
    readonly nowMs: number,
  ) {}

  /** The one book of a draft. */
  static of(draft: Draft, nowMs: number): UnitBook {
    const book = books.get(draft) ?? new UnitBook(draft, nowMs);
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
    const places = timelines.flatMap((timeline) => days.map((day) => ({ timeline, key: unitKey(timeline, day) })));
    await this.draft.prepare(places.map(({ key }) => key));
    const units: { timeline: string; unit: Unit }[] = [];
    for (const { timeline, key } of places) {
      units.push({ timeline, unit: await this.#unit(key) });
      this.draft.check(key);
    }
    return joinUnits(units);
  }

  /** Puts a claim into the units of every day that it touches with its buffers. */
  async claim(timelines: readonly string[], claim: Claim): Promise<void> {
    const time = occupiedTime(claim);
    await this.#change(timelines, time, claim.schedule, (unit) => withClaim(unit, claim));
  }

  /** Takes away the claims of one owner, or those of one kind, wherever they lie near a time. */
  async release(timelines: readonly string[], near: Interval, by: string, kind?: Claim['kind']): Promise<void> {
    const time = { startMs: near.startMs - MS_PER_DAY, endMs: near.endMs + MS_PER_DAY };
    const { claims } = await this.joined(timelines, unitDaysOf(time));
    const going = claims.filter((claim) => claim.by === by && (kind === undefined || claim.kind === kind));
    for (const claim of going) {
      await this.#change(timelines, occupiedTime(claim), undefined, (unit) => withoutClaims(unit, by, kind));
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
    await this.draft.prepare(timelines.flatMap((timeline) => days.map((day) => unitKey(timeline, day))));
    for (const timeline of timelines) {
      for (const day of days) {
        const key = unitKey(timeline, day);
        const before = await this.#unit(key);
        if (arriving !== undefined && !schedulesIn(timeline, before).includes(arriving))
          await this.#arrive(arriving, day);
        this.#units.set(key.id, change(before));
        this.#stage(timeline, key);
      }
    }
    this.#changed.push(time);
  }

  async #arrive(scheduleId: string, day: number): Promise<void> {
    const key = arrivalKey(scheduleId, ((day % ARRIVAL_BOOKS) + ARRIVAL_BOOKS) % ARRIVAL_BOOKS);
    if (this.draft.writes(key)) return;
    await this.draft.prepare([key]);
    this.draft.put({ ...key, updatedMs: this.nowMs, text: '{}', ...RECORD });
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

function withoutSchedule({ schedule: _, ...slot }: UnitSlot): UnitSlot {
  return slot;
}

function schedulesIn(timeline: string, unit: Unit): readonly string[] {
  const { slots, claims } = joinUnits([{ timeline, unit }]);
  return [...slots, ...claims].map(({ schedule }) => schedule);
}

function indexOf(timeline: string, unit: Unit): IndexValues {
  const schedules = [...new Set(schedulesIn(timeline, unit))];
  return { [UNIT_SCHEDULE]: schedules.map((id) => ({ kind: 'reference', target: `Schedule/${id}` })) };
}
