/**
 * A half-open stretch of time, `startMs` included and `endMs` not, in milliseconds since 1970 (UTC).
 * `-Infinity` and `Infinity` stand for an open side.
 */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** All of time. */
export const ALWAYS: Interval = { startMs: -Infinity, endMs: Infinity };

/** Whether two intervals share an instant; those that only touch do not. */
export function overlaps(a: Interval, b: Interval): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}
