import type { Clock } from '../base/clock.js';
import { overlaps, type Interval } from '../base/interval.js';
import { liveClaims, refusalsOfComputed, takesPlace, type Claim, type ClaimRequest } from '../claims/index.js';
import { pagesOf, type Store } from '../store/index.js';
import { asOf } from './as-of.js';
import { withBuffers } from './computed-slot-reader.js';
import { versionOf } from './read-resources.js';
import { appointmentsOnSchedule } from './resource-index.js';
import type { ScheduleReader, ScheduleView } from './schedule-reader.js';
import type { PoolTime } from './transactions.js';
import type { ResourceVersion } from './types.js';

/** How many Appointments are read at once. */
const PAGE_APPOINTMENTS = 500;

/** Whoever may go against the rules, and has nothing yet. */
const NOBODY: ClaimRequest = { by: '', kind: 'booked', override: true, hoursOnly: true };

/** A time of a pool, and when whatever the pool has counts against its places, be it at another time by now. */
export interface PoolPlace extends PoolTime {
  readonly counted: Interval;
}

/** What has been booked on a Schedule, and what is left of the pools of its rules. */
export interface PoolPlaces {
  /**
   * Every Appointment that names a computed Slot of a Schedule, or the Schedule itself, whatever its status, as it is
   * now; in the order of their starts.
   */
  appointmentsOn(schedule: string): Promise<readonly ResourceVersion[]>;
  /**
   * How many may still have that time, one answer for each, in their order: 0 where it is full, locked or closed by
   * more than the opening hours and the past.
   */
  left(times: readonly PoolPlace[], base: string): Promise<readonly number[]>;
}

/** The service behind APIs that count places by rule and date. */
export function makePoolPlaces(deps: {
  readonly store: Store;
  readonly schedules: ScheduleReader;
  readonly clock: Clock;
}): PoolPlaces {
  const { store, schedules, clock } = deps;
  return {
    async appointmentsOn(schedule) {
      const nowMs = clock.nowMs();
      const query = { type: 'Appointment', filter: appointmentsOnSchedule(schedule), sort: [] };
      const versions: ResourceVersion[] = [];
      for await (const page of pagesOf(store, query, PAGE_APPOINTMENTS)) {
        versions.push(...page.map(({ document }) => versionOf(asOf(document, nowMs))));
      }
      return versions;
    },

    async left(times, base) {
      const counts: number[] = [];
      for (const time of times) {
        const [view] = await schedules.views([time.schedule], base, () => withBuffers(aroundOf(time)));
        counts.push(view ? leftIn(view, time, clock.nowMs()) : 0);
      }
      return counts;
    },
  };
}

function aroundOf({ startMs, endMs, counted }: PoolPlace): Interval {
  return { startMs: Math.min(startMs, counted.startMs), endMs: Math.max(endMs, counted.endMs) };
}

function isPlaceOf(claim: Claim, schedule: string, pool: string): boolean {
  return takesPlace(claim) && claim.schedule === schedule && claim.pool === pool;
}

function startsIn({ startMs }: Claim, time: Interval): boolean {
  return startMs >= time.startMs && startMs < time.endMs;
}

function leftIn({ facts, units }: ScheduleView, time: PoolPlace, nowMs: number): number {
  const rules = facts.rules.filter(({ pool }) => pool === time.pool);
  const [rule] = rules;
  if (!rule) return 0;
  const { refusals } = refusalsOfComputed(time, { ...facts, rules }, units, NOBODY, nowMs);
  if (refusals.length > 0) return 0;
  const own = liveClaims(units.claims, nowMs).filter(
    (claim) => isPlaceOf(claim, facts.id, time.pool) && (overlaps(claim, time) || startsIn(claim, time.counted)),
  );
  return Math.max(0, rule.capacity - own.length);
}
