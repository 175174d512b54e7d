import type { Appointment, Extension, FhirResource, Slot } from 'fhir/r4.js';
import { instantMs } from '../base/clock.js';
import { allOf, CHANGED_BY_ITSELF, type Filter } from '../search/index.js';
import type { IndexValue, IndexValues } from '../fhir/index.js';

/** On an Appointment, `valueInstant`: it is held until then. See fhir-profiles/StructureDefinition-hold-until.json. */
export const HOLD_UNTIL_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/hold-until';
/** On a Slot: a status that it will have by itself. See fhir-profiles/StructureDefinition-status-then.json. */
export const STATUS_THEN_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/status-then';

/** An index value of ours: the resource announces changes. No request can name it. */
const CHANGING = ':changing';

/** What has changed by itself until a moment, as long as nobody has stored how it is now. */
export function changedUntil(nowMs: number): Filter {
  return allOf([
    { kind: 'token', param: CHANGING, code: 'true' },
    { kind: 'missing', param: CHANGED_BY_ITSELF, missing: false, atMs: nowMs },
  ]);
}

/** A change of status that comes by itself. */
export interface Step {
  /** From here on. */
  readonly fromMs: number;
  readonly status: Appointment['status'] | Slot['status'];
}

/** The changes that come to a resource by itself, in order of time; at one time, the last that is written. */
export function stepsOf(resource: FhirResource): readonly Step[] {
  if (resource.resourceType === 'Appointment') {
    const untilMs = resource.status === 'pending' ? holdUntilMs(resource.extension) : undefined;
    return untilMs === undefined ? [] : [{ fromMs: untilMs, status: 'cancelled' }];
  }
  if (resource.resourceType !== 'Slot') return [];
  const steps = new Map((resource.extension ?? []).flatMap(stepOf).map((step) => [step.fromMs, step]));
  return [...steps.values()].sort((a, b) => a.fromMs - b.fromMs);
}

function holdUntilMs(extensions: readonly Extension[] | undefined): number | undefined {
  const ends = extensions
    ?.filter(({ url }) => url === HOLD_UNTIL_URL)
    .flatMap(({ valueInstant }) => msOf(valueInstant));
  return ends?.[0];
}

/** The change that an extension announces, if it is one of ours. */
export function stepOf({ url, extension: parts = [] }: Extension): Step[] {
  if (url !== STATUS_THEN_URL) return [];
  const status = parts.find((part) => part.url === 'status')?.valueCode as Slot['status'] | undefined;
  const from = msOf(parts.find((part) => part.url === 'from')?.valueInstant);
  return status === undefined ? [] : from.map((fromMs) => ({ fromMs, status }));
}

function msOf(instant: string | undefined): number[] {
  const ms = instant === undefined ? NaN : instantMs(instant);
  return Number.isNaN(ms) ? [] : [ms];
}

/** Index values of a resource that changes by itself: what it is and will be, each for its time. Else none. */
export function steppedIndex(resource: FhirResource): IndexValues {
  const steps = stepsOf(resource);
  const [first] = steps;
  if (!first || (resource.resourceType !== 'Appointment' && resource.resourceType !== 'Slot')) return {};
  const times = steps.map(({ fromMs }, at) => {
    const untilMs = steps[at + 1]?.fromMs;
    return { fromMs, ...(untilMs !== undefined && { untilMs }) };
  });
  const now: IndexValue = { kind: 'token', code: resource.status, untilMs: first.fromMs };
  const later = steps.map(({ status }, at): IndexValue => ({ kind: 'token', code: status, ...times[at] }));
  return {
    status: [now, ...later],
    [CHANGING]: [{ kind: 'token', code: 'true' }],
    [CHANGED_BY_ITSELF]: times.map((time) => ({
      ...{ kind: 'date', startMs: time.fromMs, endMs: time.fromMs + 1 },
      ...time,
    })),
  };
}
