import type { Slot } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { indexValuesOf, type IndexValues } from '../fhir/index.js';
import { localText } from '../zones/index.js';
import { serviceTypesOf, type ScheduleFacts } from './schedule-facts.js';
import type { ScheduleRule } from './read-rules.js';
import { computedSlotId } from './slot-id.js';
import type { SearchEntry } from './types.js';

/** What all computed slots of one rule have in common: prepared once, so that each costs only its id and times. */
export interface SlotFace {
  readonly scheduleReference: string;
  readonly zone: string;
  /** JSON between the id and the status. */
  readonly middle: string;
  /** Index values but those of `start`, `end` and `duration`. */
  readonly index: IndexValues;
  /** Whether the rule names no type of visit, and so serves every one. */
  readonly servesEveryType: boolean;
}

/** A slot that a rule offers: `docs/availability.md`, "The Slot that comes out". */
export class ComputedSlot implements Interval, SearchEntry {
  readonly type = 'Slot';
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  #freeText: string | undefined;

  constructor(
    facts: ScheduleFacts,
    readonly face: SlotFace,
    time: Interval,
  ) {
    this.id = computedSlotId(facts.key, time);
    this.startMs = time.startMs;
    this.endMs = time.endMs;
  }

  /** The free Slot as JSON text; made once, since the same slots are asked for again and again. */
  get text(): string {
    return (this.#freeText ??= this.textWith('free'));
  }

  /** The Slot resource as JSON text; local times with the offset that the rule's zone has at that instant. */
  textWith(status: Slot['status']): string {
    const { zone, middle } = this.face;
    const start = localText(zone, this.startMs);
    const end = localText(zone, this.endMs);
    return `{"resourceType":"Slot","id":"${this.id}",${middle},"status":"${status}","start":"${start}","end":"${end}"}`;
  }

  /** What a search sees of it; its times are written with seconds, so each covers one. */
  index(): IndexValues {
    const minutes = (this.endMs - this.startMs) / MS_PER_MINUTE;
    return {
      ...this.face.index,
      start: [{ kind: 'date', startMs: this.startMs, endMs: this.startMs + 1_000 }],
      end: [{ kind: 'date', startMs: this.endMs, endMs: this.endMs + 1_000 }],
      duration: [{ kind: 'number', value: minutes }],
    };
  }
}

const facesKnown = new WeakMap<ScheduleFacts, readonly SlotFace[]>();

/** The faces of the rules of a Schedule, in their order; made once for each reading of the Schedule. */
export function facesOf(facts: ScheduleFacts): readonly SlotFace[] {
  const faces = facesKnown.get(facts) ?? facts.rules.map((rule) => faceOf(facts, rule));
  facesKnown.set(facts, faces);
  return faces;
}

function faceOf(facts: ScheduleFacts, rule: ScheduleRule): SlotFace {
  const { serviceCategory, specialty } = facts.schedule;
  const serviceType = serviceTypesOf(facts, rule);
  const scheduleReference = `Schedule/${facts.id}`;
  const common = {
    ...(serviceCategory && { serviceCategory }),
    ...(serviceType.length > 0 && { serviceType: [...serviceType] }),
    ...(specialty && { specialty }),
    schedule: { reference: scheduleReference },
  } satisfies Partial<Slot>;
  const whole = { resourceType: 'Slot', ...common, status: 'free' };
  return {
    scheduleReference,
    zone: rule.zone,
    middle: JSON.stringify(common).slice(1, -1),
    index: indexValuesOf(whole, { zone: rule.zone, ownBases: [] }),
    servesEveryType: serviceType.length === 0,
  };
}
