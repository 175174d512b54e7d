import type { CodeableConcept, Slot } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import type { Interval } from '../base/interval.js';
import { indexValuesOf, type IndexValues } from '../fhir/index.js';
import { gridRuleOf } from '../slots/index.js';
import { localText } from '../zones/index.js';
import { serviceTypesOf, type ScheduleFacts } from './schedule-facts.js';
import { computedSlotId } from './slot-id.js';
import type { SearchEntry } from './types.js';

/** What all computed slots of one rule have in common: prepared once, so that each costs only its id and times. */
export class SlotFace {
  readonly scheduleReference: string;
  /** JSON between the id and the status. */
  readonly middle: string;
  /** Whether the rule names no type of visit, and so serves every one. */
  readonly servesEveryType: boolean;
  readonly #common: Partial<Slot>;
  #index: IndexValues | undefined;

  constructor(
    facts: ScheduleFacts,
    serviceType: readonly CodeableConcept[],
    readonly zone: string,
  ) {
    const { serviceCategory, specialty } = facts.schedule;
    this.scheduleReference = `Schedule/${facts.id}`;
    this.servesEveryType = serviceType.length === 0;
    this.#common = {
      ...(serviceCategory && { serviceCategory }),
      ...(serviceType.length > 0 && { serviceType: [...serviceType] }),
      ...(specialty && { specialty }),
      schedule: { reference: this.scheduleReference },
    };
    this.middle = JSON.stringify(this.#common).slice(1, -1);
  }

  /** Index values but those of the times. Most questions look at none of them, so they are made when one does. */
  get index(): IndexValues {
    const whole = { resourceType: 'Slot', ...this.#common, status: 'free' };
    return (this.#index ??= indexValuesOf(whole, { zone: this.zone, ownBases: [] }));
  }
}

/** A slot that a rule offers: `docs/availability.md`, "The Slot that comes out". */
export class ComputedSlot implements Interval, SearchEntry {
  readonly type = 'Slot';
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  #text: string | undefined;

  constructor(
    facts: ScheduleFacts,
    readonly face: SlotFace,
    time: Interval,
    readonly status: Slot['status'] = 'free',
  ) {
    this.id = computedSlotId(facts.key, time);
    this.startMs = time.startMs;
    this.endMs = time.endMs;
  }

  /** The Slot resource as JSON text; made once, since the same slots are asked for again and again. */
  get text(): string {
    return (this.#text ??= this.#write());
  }

  /** Local times with the offset that the rule's zone has at that instant. */
  #write(): string {
    const { zone, middle } = this.face;
    const start = localText(zone, this.startMs);
    const end = localText(zone, this.endMs);
    return (
      `{"resourceType":"Slot","id":"${this.id}",${middle},"status":"${this.status}",` +
      `"start":"${start}","end":"${end}"}`
    );
  }

  /** What a search sees of it; its times are written with seconds, so each covers one. */
  index(): IndexValues {
    const minutes = (this.endMs - this.startMs) / MS_PER_MINUTE;
    return {
      ...this.face.index,
      ...(this.status !== 'free' && { status: [{ kind: 'token', code: this.status }] }),
      start: [{ kind: 'date', startMs: this.startMs, endMs: this.startMs + 1_000 }],
      end: [{ kind: 'date', startMs: this.endMs, endMs: this.endMs + 1_000 }],
      duration: [{ kind: 'number', value: minutes }],
    };
  }
}

/**
 * How a slot looks that lies on a grid of its Schedule; else how one looks that somebody has claimed all the same, as
 * the Schedule has it now.
 */
export function faceAt(facts: ScheduleFacts, time: Interval): { readonly face: SlotFace; readonly onGrid: boolean } {
  const rule = gridRuleOf(facts.rules, time);
  const face = rule === undefined ? undefined : facesOf(facts)[rule];
  if (face) return { face, onGrid: true };
  return { face: new SlotFace(facts, facts.schedule.serviceType ?? [], facts.zone), onGrid: false };
}

const facesKnown = new WeakMap<ScheduleFacts, readonly SlotFace[]>();

/** The faces of the rules of a Schedule, in their order; made once for each reading of the Schedule. */
export function facesOf(facts: ScheduleFacts): readonly SlotFace[] {
  const known = facesKnown.get(facts);
  const faces = known ?? facts.rules.map((rule) => new SlotFace(facts, serviceTypesOf(facts, rule), rule.zone));
  facesKnown.set(facts, faces);
  return faces;
}
