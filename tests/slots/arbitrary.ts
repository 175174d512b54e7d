/** Random rules, questions and taken time, crowded into the few days around one date of one zone. */
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { AvailabilityRule, ClaimedTime, DayHours, Occupied, SlotQuestion } from '../../server/slots/index.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** From here on all zones keep offsets of whole minutes (Monrovia was the last to change, in 1972). */
const FIRST = '1973-01-01';
const LAST = '2040-01-01';

/** One question with all that decides its answer. */
export interface Case {
  readonly rules: readonly AvailabilityRule[];
  readonly question: SlotQuestion;
  readonly occupied: Occupied;
}

/** Cases in a zone; half of them fall on a day on which its clocks change, where they ever do. */
export function casesIn(zone: string): fc.Arbitrary<Case> {
  const day = fc.integer({ min: Date.parse(FIRST) / DAY, max: Date.parse(LAST) / DAY });
  const around = fc.tuple(day, fc.boolean()).map(([days, atChange]) => {
    const any = Temporal.Instant.fromEpochMilliseconds(days * DAY).toZonedDateTimeISO(zone);
    return ((atChange && any.getTimeZoneTransition('next')) || any).epochMilliseconds;
  });
  return around.chain((ms) => casesAround(zone, ms));
}

/** Cases in a zone within a day or two of an instant. */
export function casesAround(zone: string, ms: number): fc.Arbitrary<Case> {
  const near = (minutes: number) => fc.integer({ min: -minutes, max: minutes }).map((after) => ms + after * MINUTE);
  const stretchNear = (minutesMax: number) =>
    fc.record({ startMs: near(2_160), minutes: fc.integer({ min: 1, max: minutesMax }) }).map((one) => ({
      startMs: one.startMs,
      endMs: one.startMs + one.minutes * MINUTE,
    }));
  const pool = fc.constantFrom(undefined, 'a', 'b');
  const claim: fc.Arbitrary<ClaimedTime> = fc
    .tuple(
      stretchNear(180),
      fc.oneof({ weight: 4, arbitrary: pool.map((name) => ({ name })) }, fc.constant('every' as const)),
    )
    .map(([time, claimed]) => ({ ...time, pool: claimed }));
  const open = { startMs: -Infinity, endMs: Infinity };
  const occupied: fc.Arbitrary<Occupied> = fc.record({
    horizon: fc.oneof({ weight: 4, arbitrary: fc.constant(open) }, stretchNear(2_880)),
    blocked: fc.array(stretchNear(60), { maxLength: 3 }).map(withoutOverlaps),
    claims: fc.array(claim, { maxLength: 6 }),
    bookedStartsMs: fc.array(near(4_320), { maxLength: 4 }),
  });
  const question = fc
    .record({
      startFromMs: near(1_440),
      spanMinutes: fc.integer({ min: 0, max: 2_160 }),
      endsToo: fc.boolean(),
      durationMinutes: fc.option(lengthMinutes, { nil: undefined }),
      nowMs: near(2_880),
    })
    .map(({ startFromMs, spanMinutes, endsToo, durationMinutes, nowMs }): SlotQuestion => {
      const startBeforeMs = startFromMs + spanMinutes * MINUTE;
      const endByMs = endsToo ? startBeforeMs : startBeforeMs + 120 * MINUTE;
      return { startFromMs, startBeforeMs, endByMs, nowMs, ...(durationMinutes !== undefined && { durationMinutes }) };
    });
  const rules = fc.array(ruleNear(zone, ms, pool, stretchNear(600)), { minLength: 1, maxLength: 2 });
  return fc.record({ rules, question, occupied });
}

const lengthMinutes = fc.oneof(fc.constantFrom(10, 15, 20, 30, 60), fc.integer({ min: 1, max: 200 }));
/** Half of the faces lie in the small hours, where clocks change. */
const face = fc.oneof(
  fc.integer({ min: 0, max: 240 }),
  fc.integer({ min: 0, max: 1_439 }),
  fc.constantFrom(0, 60, 120, 1_439),
);
const dayHours: fc.Arbitrary<DayHours> = fc.record(
  { startMinute: face, endMinute: face, capacity: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: ['startMinute', 'endMinute'] },
);

function ruleNear(
  zone: string,
  ms: number,
  poolName: fc.Arbitrary<string | undefined>,
  closure: fc.Arbitrary<{ startMs: number; endMs: number }>,
): fc.Arbitrary<AvailabilityRule> {
  const date = fc
    .integer({ min: -2, max: 2 })
    .map((days) =>
      Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDate().add({ days }).toString(),
    );
  const daysOfWeek = fc.oneof(fc.constant([]), fc.subarray([1, 2, 3, 4, 5, 6, 7] as const));
  const buffer = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 45 }));
  const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
  const bookingWindow = fc.oneof(
    fc.record({ minutes: fc.integer({ min: 0, max: 4_000 }) }),
    fc.record({ days: fc.integer({ min: 0, max: 3 }) }),
  );
  const limit = fc.record({ count: fc.integer({ min: 1, max: 3 }), per: fc.constantFrom('day', 'week', 'month') });
  return fc
    .record({
      hours: fc.array(fc.tuple(daysOfWeek, dayHours), { maxLength: 3 }),
      overrides: fc.uniqueArray(fc.record({ date, hours: fc.array(dayHours, { maxLength: 2 }) }), {
        selector: (one) => one.date,
        maxLength: 2,
      }),
      closures: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(closure, { maxLength: 2 })),
      durationMinutes: rarely(lengthMinutes),
      fixedDuration: fc.boolean(),
      intervalMinutes: fc.option(lengthMinutes, { nil: undefined }),
      offsetMinutes: buffer,
      bufferBeforeMinutes: buffer,
      bufferAfterMinutes: buffer,
      noticeMinutes: rarely(fc.integer({ min: 0, max: 1_000 })),
      bookingWindow: rarely(bookingWindow),
      limits: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(limit, { maxLength: 2 })),
      capacity: fc.integer({ min: 1, max: 3 }),
      pool: poolName,
    })
    .map(
      ({ hours, fixedDuration, durationMinutes, intervalMinutes, noticeMinutes, bookingWindow, pool, ...parts }) => ({
        zone,
        hours: hours.map(([days, one]) => ({ daysOfWeek: days, ...one })),
        fixedDuration: fixedDuration && durationMinutes !== undefined,
        ...parts,
        ...(durationMinutes !== undefined && { durationMinutes }),
        ...(intervalMinutes !== undefined && { intervalMinutes }),
        ...(noticeMinutes !== undefined && { noticeMinutes }),
        ...(bookingWindow !== undefined && { bookingWindow }),
        ...(pool !== undefined && { pool }),
      }),
    );
}

function withoutOverlaps(stretches: { startMs: number; endMs: number }[]) {
  const kept: { startMs: number; endMs: number }[] = [];
  for (const one of stretches.sort((a, b) => a.startMs - b.startMs)) {
    if (one.startMs >= (kept.at(-1)?.endMs ?? -Infinity)) kept.push(one);
  }
  return kept;
}
