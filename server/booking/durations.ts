import type { Duration } from 'fhir/r4.js';
import { MINUTES_PER_DAY } from '../base/clock.js';
import type { Part, Parts } from './extension-parts.js';

const UCUM = 'http://unitsofmeasure.org';
const MINUTES_PER_UNIT: Readonly<Record<string, number>> = {
  min: 1,
  h: 60,
  d: MINUTES_PER_DAY,
  wk: 7 * MINUTES_PER_DAY,
};

/** How far ahead notice and booking window may reach: a century, so that dates stay dates. */
export const AHEAD_MINUTES_MAX = 36_525 * MINUTES_PER_DAY;

/** A Duration as whole minutes, between two bounds; undefined, and refused, where it cannot be read so. */
export function minutesOf(
  parts: Parts<string>,
  part: Part | undefined,
  minutesMin: number,
  minutesMax: number,
): number | undefined {
  if (!part) return undefined;
  const { value, code, system } = part.extension.valueDuration as Duration;
  const perUnit = code === undefined ? undefined : MINUTES_PER_UNIT[code];
  if (perUnit === undefined || (system !== undefined && system !== UCUM)) {
    parts.refuse(part.path, `A Duration needs one of the UCUM codes ${Object.keys(MINUTES_PER_UNIT).join(', ')}.`);
    return undefined;
  }
  const minutes = (value ?? NaN) * perUnit;
  if (!Number.isInteger(minutes) || minutes < minutesMin || minutes > minutesMax) {
    parts.refuse(part.path, `It must be whole minutes, at least ${minutesMin} and at most ${minutesMax}.`);
    return undefined;
  }
  return minutes;
}
