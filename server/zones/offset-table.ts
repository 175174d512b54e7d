import { Temporal } from 'temporal-polyfill';
import { fault } from '../base/fault.js';

/** Instants from `startMs` until the start of the next span, during which a zone keeps one offset to UTC. */
export interface OffsetSpan {
  readonly startMs: number;
  readonly endMs: number;
  /** What the clocks show minus UTC. Whole seconds: before standard time, zones kept their sun's minute and second. */
  readonly offsetMs: number;
}

/**
 * Whether a zone is known by that name, in any case of its letters: `America/New_York`, `UTC`. Offsets (`+05:30`) and
 * the three-letter names that ICU adds to the zone database (`PST`) are not.
 */
export function isZone(name: string): boolean {
  return zoneName(name) !== undefined;
}

/** The same name in the zone database's own letters: `Europe/Lisbon` for `europe/lisbon`. Undefined: no zone. */
export function zoneName(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return undefined;
  }
}

/**
 * The spans of a zone that fill [fromMs, toMs), in order.
 *
 * @throws {Fault} `invalid` outside the years that Temporal reaches
 */
export function offsetSpans(zone: string, fromMs: number, toMs: number): readonly OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let here = zonedAt(zone, fromMs);
  for (;;) {
    const next = here.getTimeZoneTransition('next');
    const startMs = here.epochMilliseconds;
    const endMs = next ? Math.min(next.epochMilliseconds, toMs) : toMs;
    spans.push({ startMs, endMs, offsetMs: here.offsetNanoseconds / 1e6 });
    if (!next || endMs === toMs) return spans;
    here = next;
  }
}

function zonedAt(zone: string, ms: number): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  } catch (cause) {
    throw fault('invalid', 'That time lies outside the years that can be reckoned with.', undefined, cause);
  }
}
