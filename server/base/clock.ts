/** Where the present comes from. Everything that needs it takes one as an argument. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() };

export const MS_PER_MINUTE = 60_000;
export const MINUTES_PER_DAY = 1_440;
export const MS_PER_DAY = 86_400_000;

/** Up to the minute, all of one length, before the leap second that `Date` knows nothing of. */
const LEAP_SECOND = /^(.{16}):60/;

/**
 * The instant of a FHIR time with seconds and offset, in milliseconds. A leap second is the second before it, as in
 * Temporal: no clock here counts it.
 *
 * @returns NaN for what is no such time
 */
export function instantMs(text: string): number {
  return Date.parse(text.replace(LEAP_SECOND, '$1:59'));
}

/** An instant as FHIR writes it, in UTC with milliseconds: `2027-03-15T13:00:00.000Z`. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString();
}
