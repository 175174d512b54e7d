import type { Appointment, CodeableConcept, Slot } from 'fhir/r4.js';
import { instantMs } from '../base/clock.js';
import type { Reason } from '../base/fault.js';
import type { Interval } from '../base/interval.js';
import type { OwnedSlot } from '../claims/index.js';
import { localReference } from '../fhir/index.js';
import { refuseLongTimes, refuseMany } from './appointment-size.js';
import type { Draft } from './draft.js';
import { SERVICE_REFERENCE_URL } from './find-types.js';
import { refuse } from './refusal-reasons.js';
import { resourceOf, type ScheduleReader, type ScheduleView } from './schedule-reader.js';
import { readComputedSlotId } from './slot-id.js';
import { placeOf } from './slot-writes.js';
import { slotIn } from './slot-states.js';

/** A stretch of time of one Schedule that an Appointment takes. */
export interface Target extends Interval {
  readonly view: ScheduleView;
  /** The stored Slot that it is, with its capacity. */
  readonly stored?: OwnedSlot & { readonly lockable?: boolean };
  /** Id of the Slot, stored or computed; absent for a time that is none. */
  readonly slot?: string;
  /** FHIRPath of what names it. */
  readonly expression: string;
}

export interface TargetDeps {
  readonly schedules: ScheduleReader;
  /** The Schedule whose computed slots carry this key in their ids. */
  readonly scheduleIdOf: (scheduleKey: string) => Promise<string | undefined>;
}

/** Whether a Slot may be locked, by its own word. */
const LOCKABLE_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/lockable';

/** A Slot by its id: stored, or computed; undefined where there is none. */
export async function slotTarget(
  draft: Draft,
  deps: TargetDeps,
  id: string,
  base: string,
  expression: string,
): Promise<Target | undefined> {
  const key = { type: 'Slot', id };
  const slot = slotIn(resourceOf(await draft.get(key))[0]);
  if (slot) {
    draft.check(key);
    return storedTarget(deps, slot, id, base, expression);
  }
  const named = readComputedSlotId(id);
  const scheduleId = named && (await deps.scheduleIdOf(named.scheduleKey));
  if (!named || scheduleId === undefined) return undefined;
  const view = await viewOf(deps, scheduleId, base);
  return view && { view, startMs: named.startMs, endMs: named.endMs, slot: id, expression };
}

async function storedTarget(deps: TargetDeps, slot: Slot, id: string, base: string, expression: string) {
  const place = placeOf(slot, id, base);
  const view = place && (await viewOf(deps, place.schedule, base));
  if (!place || !view) return undefined;
  const lockable = slot.extension?.find(({ url }) => url === LOCKABLE_URL)?.valueBoolean;
  const stored = { ...place, ...(lockable !== undefined && { lockable }) };
  return { view, startMs: place.startMs, endMs: place.endMs, stored, slot: id, expression };
}

/** A Schedule with its actors, and nothing of its time: that is read by whoever decides. */
async function viewOf(deps: TargetDeps, id: string, base: string): Promise<ScheduleView | undefined> {
  const [view] = await deps.schedules.views([id], base, () => undefined);
  return view;
}

/**
 * The times that an Appointment names by its `slot` references: adjacent Slots of one Schedule, or one of each of
 * several. References to what it contains are passed over.
 *
 * @param lenient Slots that are not there are passed over
 * @returns undefined where it names none
 * @throws {Fault} `rule` where they do not fit each other or the times of the Appointment, are too many or too long
 */
export async function targetsOfSlots(
  draft: Draft,
  deps: TargetDeps,
  appointment: Appointment,
  base: string,
  lenient = false,
): Promise<readonly Target[] | undefined> {
  const keys = (appointment.slot ?? []).flatMap(({ reference }, at) => {
    const key = localReference(reference, [base]);
    return key?.type === 'Slot' ? [{ key, expression: `Appointment.slot[${at}]` }] : [];
  });
  if (keys.length === 0) return undefined;
  refuseMany(keys.length, 'Slots', 'Appointment.slot');
  await draft.prepare(keys.map(({ key }) => key));
  const targets: Target[] = [];
  const missing: Reason[] = [];
  for (const { key, expression } of keys) {
    const target = await slotTarget(draft, deps, key.id, base, expression);
    if (target) targets.push(target);
    else missing.push({ kind: 'rule', expression, message: `Slot/${key.id} does not exist or has no time.` });
  }
  if (lenient && missing.length > 0) return [];
  refuse(missing);
  refuse(misfits(appointment, targets));
  refuseLongTimes(targets);
  return targets;
}

function misfits(appointment: Appointment, targets: readonly Target[]): readonly Reason[] {
  const schedules = new Map<string, Target[]>();
  for (const target of targets) {
    const { id } = target.view.facts;
    schedules.set(id, [...(schedules.get(id) ?? []), target]);
  }
  const whole = wholeTime(appointment);
  return [...schedules.values()].flatMap((own): Reason[] => {
    const inOrder = own.sort((a, b) => a.startMs - b.startMs);
    const apart = inOrder.find((target, at) => at > 0 && inOrder[at - 1]?.endMs !== target.startMs);
    if (apart) {
      return [
        { kind: 'rule', expression: apart.expression, message: 'Several Slots of one Schedule must be adjacent.' },
      ];
    }
    if (own.length > 1 && schedules.size > 1) {
      const message = 'Name adjacent Slots of one Schedule, or one Slot of each of several.';
      return [{ kind: 'rule', expression: 'Appointment.slot', message }];
    }
    const [first, last] = [inOrder[0], inOrder.at(-1)];
    const fits = !whole || (whole.startMs === first?.startMs && whole.endMs === last?.endMs);
    const message = 'Start and end of the Appointment must be those of its Slots.';
    return fits ? [] : [{ kind: 'rule', expression: 'Appointment.start', message }];
  });
}

/** From start to end; undefined where it does not tell both. */
export function wholeTime({ start, end }: Pick<Appointment, 'start' | 'end'>): Interval | undefined {
  return start === undefined || end === undefined ? undefined : { startMs: instantMs(start), endMs: instantMs(end) };
}

/** Whether a rule or Slot of some types is for a visit of others: none on either side fits all. */
export function servesTypes(
  served: readonly CodeableConcept[],
  asked: readonly CodeableConcept[] | undefined,
): boolean {
  if (served.length === 0 || !asked || asked.length === 0) return true;
  const codes = new Set(served.flatMap(codesOf));
  return asked.flatMap(codesOf).some((code) => codes.has(code));
}

/** By its codes, by the service that it refers to, else by its text. */
function codesOf({ coding = [], text, extension = [] }: CodeableConcept): string[] {
  const services = extension.filter(({ url }) => url === SERVICE_REFERENCE_URL);
  const codes = [
    ...coding.map(({ system, code }) => `${system ?? ''}|${code ?? ''}`),
    ...services.map(
      ({ valueReference }) => /HealthcareService\/[^/]+$/.exec(valueReference?.reference ?? '')?.[0] ?? '',
    ),
  ];
  return codes.length > 0 || text === undefined ? codes : [text];
}
