import { MS_PER_DAY, MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import { isZone, offsetSpans, type OffsetSpan } from './offset-table.js';

/** How many zones are kept at a time, counting each spelling; the zone database has some 600 names. */
const CLOCKS_MAX = 1_000;

/** How many pages are kept of one zone: about 280 years. */
const PAGES_MAX = 256;

/** One page of a zone's offsets spans this much, about a year: it is made from a handful of zone look-ups. */
const PAGE_MS = 400 * MS_PER_DAY;

/** No zone has ever been this far from UTC (Manila came closest, 15:56 behind until 1844). */
const OFFSET_MAX_MS = MS_PER_DAY;

/**
 * The clocks of one zone. Answers come from a table of the zone's offsets that fills as it is asked, so that
 * after the first question about a year each costs some nanoseconds. Days are numbered from 1970-01-01 as 0.
 */
export class LocalClock {
  readonly #zone: string;
  readonly #pages = new Map<number, readonly OffsetSpan[]>();
  /** The span of the last answer: the next question is mostly near it. */
  #last: OffsetSpan = { startMs: 0, endMs: 0, offsetMs: 0 };

  /** @param zone a name that `isZone` accepts */
  constructor(zone: string) {
    this.#zone = zone;
  }

  /** What the clocks show minus UTC, in milliseconds. @throws {Fault} `invalid` for a time beyond all calendars */
  offsetMsAt(ms: number): number {
    return this.#spanAt(ms).offsetMs;
  }

  /** The number of the local day. */
  dayAt(ms: number): number {
    return Math.floor((ms + this.offsetMsAt(ms)) / MS_PER_DAY);
  }

  /**
   * The instant at which the clocks of a day show a face; of two the first, and where a gap skips the face, as far
   * past the gap as the face lies in it (Temporal's `compatible`).
   *
   * @param minute 0 to 1,439
   */
  instantOfFace(day: number, minute: number): number {
    return this.instantOfLocal(day * MS_PER_DAY + minute * MS_PER_MINUTE);
  }

  /** The same for a local time given as the milliseconds that it would have if it were UTC. */
  instantOfLocal(localMs: number): number {
    let span = this.#spanAt(localMs - OFFSET_MAX_MS);
    for (;;) {
      const ms = localMs - span.offsetMs;
      if (ms < span.endMs) return ms;
      const next = this.#spanAt(span.endMs);
      // In the gap between the two spans: the offset before the gap is the one that moves the face past it.
      if (localMs - next.offsetMs < next.startMs) return ms;
      span = next;
    }
  }

  /** The first instant whose local day is this one or a later one: midnight, or the end of the gap that skips it. */
  startOfDay(day: number): number {
    const localMs = day * MS_PER_DAY;
    let span = this.#spanAt(localMs - OFFSET_MAX_MS);
    while (localMs - span.offsetMs >= span.endMs) span = this.#spanAt(span.endMs);
    return Math.max(localMs - span.offsetMs, span.startMs);
  }

  /**
   * The offset by which every face of a local day and of the next becomes an instant, where there is but one; undefined
   * where the clocks may change meanwhile or within a day before, so that faces have to be looked up one by one.
   */
  offsetMsAround(day: number): number | undefined {
    const localMs = day * MS_PER_DAY;
    const { endMs, offsetMs } = this.#spanAt(localMs - OFFSET_MAX_MS);
    return localMs + 2 * MS_PER_DAY - offsetMs <= endMs ? offsetMs : undefined;
  }

  #spanAt(ms: number): OffsetSpan {
    if (ms >= this.#last.startMs && ms < this.#last.endMs) return this.#last;
    const page = this.#page(Math.floor(ms / PAGE_MS));
    let index = page.length - 1;
    while (index > 0 && (page[index] as OffsetSpan).startMs > ms) index -= 1;
    return (this.#last = page[index] as OffsetSpan);
  }

  #page(number: number): readonly OffsetSpan[] {
    const known = this.#pages.get(number);
    if (known) return known;
    const page = offsetSpans(this.#zone, number * PAGE_MS, (number + 1) * PAGE_MS);
    keep(this.#pages, number, page, PAGES_MAX);
    return page;
  }
}

const clocks = new Map<string, LocalClock>();

/**
 * The clocks of a zone, by its name. The same name gives the same object, so that its table is made once.
 *
 * @throws {Fault} `invalid` for a name that `isZone` refuses
 */
export function clockOf(zone: string): LocalClock {
  const known = clocks.get(zone);
  if (known) return known;
  if (!isZone(zone)) throw fault('invalid', `There is no time zone "${zone}": use a name such as America/New_York.`);
  const clock = new LocalClock(zone);
  keep(clocks, zone, clock, CLOCKS_MAX);
  return clock;
}

/** Adds to a map that stays below a size: the oldest entry goes when it is full. */
function keep<K, V>(map: Map<K, V>, key: K, value: V, sizeMax: number): void {
  if (map.size >= sizeMax) map.delete(map.keys().next().value as K);
  map.set(key, value);
}
