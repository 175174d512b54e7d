/**
 * @module zones
 *
 * Local time and instants: the only place that knows time-zone arithmetic. Pure.
 * A local time that a gap skips moves forward by the gap, one that occurs twice means its first occurrence
 * (Temporal's `compatible`).
 *
 * May import: base, temporal-polyfill. Imported by: fhir, search, slots, booking, config.
 */
import type { Interval } from '../base/interval.js';

export declare function isZone(name: string): boolean;
export declare function dayInterval(zone: string, date: string): Interval;
