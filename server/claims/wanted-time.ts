import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import type { AvailabilityRule } from '../slots/index.js';

/** A time with the widest buffers that any of these rules keeps around it; bare where there is no rule. */
export function wantedTime(
  rules: readonly Pick<AvailabilityRule, 'bufferBeforeMinutes' | 'bufferAfterMinutes'>[],
  { startMs, endMs }: Interval,
): Interval {
  const beforeMinutes = Math.max(0, ...rules.map(({ bufferBeforeMinutes }) => bufferBeforeMinutes));
  const afterMinutes = Math.max(0, ...rules.map(({ bufferAfterMinutes }) => bufferAfterMinutes));
  return { startMs: startMs - beforeMinutes * MS_PER_MINUTE, endMs: endMs + afterMinutes * MS_PER_MINUTE };
}
