import type { CodeableConcept } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import { fault } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import { refusalsOfStored, type OwnedSlot } from '../claims/index.js';
import { EVERYTHING, type SlotWindow } from '../search/index.js';
import { facesOf } from './computed-slots.js';
import type { Fit } from './find-types.js';
import { COMPUTED_SLOTS_MAX, generateSlots } from './generate-slots.js';
import type { ScheduleRule } from './read-rules.js';
import { serviceTypesOf, type ScheduleFacts } from './schedule-facts.js';
import type { ScheduleView } from './schedule-reader.js';
import { SlotMemory } from './slot-memory.js';

/** Who asks whether a time can be had, with nothing in hand. */
export const ANYBODY = { by: '', kind: 'booked', override: false } as const;

/** A time that a Schedule offers: one of its Slots, stored or computed. */
export interface OfferedTime extends Interval {
  /** Id of the Slot. */
  readonly slot: string;
  /** What of the Schedule it was found on. */
  readonly view: ScheduleView;
  /** The rule that offers it; absent: the Slot is stored. */
  readonly rule?: ScheduleRule;
  /** How well its types fit what was asked; 0 is best. */
  readonly fit: number;
}

/** What is asked of every Schedule alike. */
export interface TimesQuestion {
  readonly nowMs: number;
  /** How many Appointments there must be room for. */
  readonly places: number;
  /** `Appointment/a1`: its time counts as free. */
  readonly ignored?: string | undefined;
  /** The types of visit. */
  readonly fit: Fit;
  /** The types of a stored Slot, where it has some of its own: looked at only where types matter. */
  readonly typesOfStored?: ReadonlyMap<string, readonly CodeableConcept[]>;
}

/** Lists times as `GET /Slot` does, for one question. */
export class TimesLister {
  #count = 0;
  /** Of Schedules that are looked at otherwise than `GET /Slot` does. */
  readonly #own = new SlotMemory();

  constructor(
    /** Of Schedules as they are. */
    private readonly shared: SlotMemory,
    readonly question: TimesQuestion,
  ) {}

  /**
   * The times of a Schedule in a window that can be had, by start.
   *
   * @param view which covers the stretch of the window
   * @param durationMinutes absent: those of the rules
   * @throws {Fault} `too-costly` beyond {@link COMPUTED_SLOTS_MAX}
   */
  times(view: ScheduleView, window: SlotWindow, durationMinutes?: number): readonly OfferedTime[] {
    if (!view.facts.active) return [];
    const seen = seenBy(view, this.question);
    const memory = seen === view ? this.shared : this.#own;
    const asked = { view: seen, window, rest: EVERYTHING, ...(durationMinutes !== undefined && { durationMinutes }) };
    const computed = generateSlots(memory, asked, this.question.nowMs, () => false);
    const faces = facesOf(seen.facts);
    const times = computed.flatMap(({ id, startMs, endMs, face }): OfferedTime[] => {
      const rule = seen.facts.rules[faces.indexOf(face)];
      return rule ? [{ slot: id, startMs, endMs, view: seen, rule, fit: this.#fitOf(seen.facts, rule) }] : [];
    });
    const stored = seen.slots.flatMap((slot) => this.#offered(seen, slot, window));
    this.#count += computed.length + stored.length;
    if (this.#count > COMPUTED_SLOTS_MAX) {
      const message = `It meets more than ${COMPUTED_SLOTS_MAX} slots; ask for a shorter time or fewer schedules.`;
      throw fault('too-costly', message, 'start');
    }
    return stored.length === 0 ? times : [...times, ...stored].sort((a, b) => a.startMs - b.startMs);
  }

  #fitOf(facts: ScheduleFacts, rule: ScheduleRule): number {
    return this.question.fit(serviceTypesOf(facts, rule)) ?? 0;
  }

  #offered(view: ScheduleView, slot: OwnedSlot, window: SlotWindow): OfferedTime[] {
    const { id, startMs, endMs } = slot;
    if (startMs < window.startFromMs || startMs >= window.startBeforeMs || endMs > window.endByMs) return [];
    const { typesOfStored, fit } = this.question;
    const fits = fit(typesOfStored?.get(id) ?? view.facts.schedule.serviceType ?? []);
    if (fits === undefined || !isToBeHad(view, slot, this.question)) return [];
    return [{ slot: id, startMs, endMs, view, fit: fits }];
  }
}

/** Whether a stored Slot has room for so many. */
export function isToBeHad(
  view: ScheduleView,
  slot: OwnedSlot,
  { nowMs, places }: Pick<TimesQuestion, 'nowMs' | 'places'>,
): boolean {
  const capacity = (slot.capacity ?? 1) - (places - 1);
  return refusalsOfStored({ ...slot, capacity }, view.facts, view.units.claims, ANYBODY, nowMs).refusals.length === 0;
}

/** The lengths of times, in minutes. */
export function lengthsOf(times: readonly Interval[]): readonly number[] {
  return [...new Set(times.map(({ startMs, endMs }) => (endMs - startMs) / MS_PER_MINUTE))];
}

/**
 * A Schedule as a question sees it: rules of other types of visit left out, every capacity and limit less by the places
 * that the other patients take, and without the claims that count as free. The very same, where nothing differs.
 */
function seenBy(view: ScheduleView, { places, ignored, fit }: TimesQuestion): ScheduleView {
  const { facts, units } = view;
  const rules = facts.rules.filter((rule) => fit(serviceTypesOf(facts, rule)) !== undefined);
  const claims = units.claims.filter(({ by }) => by !== ignored);
  const isSame = rules.length === facts.rules.length && claims.length === units.claims.length && places === 1;
  if (isSame) return view;
  return {
    ...view,
    facts: { ...facts, rules: places === 1 ? rules : rules.map((rule) => lessBy(rule, places - 1)) },
    units: { ...units, claims },
  };
}

function lessBy(rule: ScheduleRule, taken: number): ScheduleRule {
  const less = (count: number) => Math.max(0, count - taken);
  const lessIn = <T extends { readonly capacity?: number }>(hours: T): T =>
    hours.capacity === undefined ? hours : { ...hours, capacity: less(hours.capacity) };
  return {
    ...rule,
    capacity: less(rule.capacity),
    hours: rule.hours.map(lessIn),
    overrides: rule.overrides.map((one) => ({ ...one, hours: one.hours.map(lessIn) })),
    limits: rule.limits.map((limit) => ({ ...limit, count: less(limit.count) })),
  };
}

/** Whether time of several Schedules can be had at once: not where one and the same person or thing would be needed. */
export function areApart(views: readonly ScheduleView[]): boolean {
  const timelines = views.flatMap((view) => view.timelines);
  return new Set(timelines).size === timelines.length;
}

/** What of a view lies near a time. */
export function storedAt(view: ScheduleView, time: Interval): OwnedSlot | undefined {
  return view.slots.find(({ startMs, endMs }) => startMs === time.startMs && endMs === time.endMs);
}
