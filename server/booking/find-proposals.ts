import type { Appointment, CodeableConcept, HealthcareService, Period, Reference, Schedule, Slot } from 'fhir/r4.js';
import { MS_PER_MINUTE } from '../base/clock.js';
import type { Store } from '../store/index.js';
import { localText } from '../zones/index.js';
import type { FindRequest } from './bookings.js';
import { recurrenceTemplate } from './find-series.js';
import type { OfferedTime } from './find-times.js';
import { withService } from './find-types.js';
import { serviceTypesOf } from './schedule-facts.js';
import { resourceOf } from './schedule-reader.js';

/** An Appointment that can be had: its id is made of its Schedules, start and length. */
export type Proposal = Appointment & { readonly id: string };

/** What all proposals of an answer tell alike. */
export interface ProposalContext {
  readonly requestedPeriod?: Period;
  /** References to the patients who come. */
  readonly patients: readonly string[];
  readonly reasons: FindRequest['reasons'];
  readonly referral?: FindRequest['referral'];
  readonly service?: HealthcareService | undefined;
  /** For series: how many visits, and in which zone their local time is the same. */
  readonly series?: { readonly count: number; readonly zoneOf: (times: readonly OfferedTime[]) => string } | undefined;
  readonly containedSlots: boolean;
  readonly base: string;
}

/** What a proposal by itself tells: who asks for it by its id is known by nothing else. */
export function bareContext(base: string): ProposalContext {
  return { patients: [], reasons: [], containedSlots: false, base };
}

/** Times that make one proposal: one of each Schedule. */
export interface ProposedTimes {
  readonly id: string;
  readonly times: readonly OfferedTime[];
}

/** The proposals as resources. Stored Slots are read for what they tell of themselves. */
export async function renderProposals(
  store: Store,
  proposed: readonly ProposedTimes[],
  context: ProposalContext,
): Promise<readonly Proposal[]> {
  const ids = proposed.flatMap(({ times }) => times.flatMap(({ rule, slot }) => (rule ? [] : [slot])));
  const keys = [...new Set(ids)].map((id) => ({ type: 'Slot', id }));
  const documents = keys.length > 0 ? await store.readMany(keys) : [];
  const slots = new Map(keys.map(({ id }, at) => [id, resourceOf(documents[at])[0] as Slot | undefined]));
  return proposed.map((one) => proposalOfTimes(one, context, slots));
}

/** A time as it is told, its types and specialties among it. */
type ToldTime = Pick<Slot, 'start' | 'end' | 'serviceType' | 'specialty'> & {
  readonly time: OfferedTime;
  readonly schedule: Schedule;
};

function told(time: OfferedTime, stored: Slot | undefined): ToldTime {
  const { facts } = time.view;
  const { schedule } = facts;
  const zone = time.rule?.zone ?? facts.zone;
  const types = time.rule ? serviceTypesOf(facts, time.rule) : (stored?.serviceType ?? schedule.serviceType ?? []);
  return {
    time,
    schedule,
    start: stored?.start ?? localText(zone, time.startMs),
    end: stored?.end ?? localText(zone, time.endMs),
    serviceType: [...types],
    specialty: stored?.specialty ?? schedule.specialty ?? [],
  };
}

function proposalOfTimes(
  { id, times }: ProposedTimes,
  context: ProposalContext,
  slots: ReadonlyMap<string, Slot | undefined>,
): Proposal {
  const tellings = times.map((time) => told(time, slots.get(time.slot)));
  const [first] = tellings as [ToldTime, ...ToldTime[]];
  const { patients, reasons, referral, service, series, containedSlots, base } = context;
  const contained = containedSlots ? tellings.flatMap(containedOf) : [];
  const slot = containedSlots
    ? contained.map((one) => ({ reference: `#${one.id ?? ''}` }))
    : times.map((time) => ({ reference: `Slot/${time.slot}` }));
  const types = once(tellings.flatMap(({ serviceType = [] }) => serviceType));
  const serviceType = service ? ofService(types, service, base) : types;
  const specialty = once(tellings.flatMap((telling) => telling.specialty ?? []));
  const actors = once([
    ...tellings.flatMap(({ schedule }) => schedule.actor),
    ...patients.map((reference): Reference => ({ reference })),
  ]);
  const { startMs } = first.time;
  return {
    resourceType: 'Appointment',
    id,
    ...(contained.length > 0 && { contained }),
    ...(series && { extension: [recurrenceTemplate(startMs, series.zoneOf(times), series.count)] }),
    status: 'proposed',
    ...(serviceType.length > 0 && { serviceType }),
    ...(specialty.length > 0 && { specialty }),
    ...(reasons.length > 0 && { reasonCode: [...reasons] }),
    start: first.start,
    end: first.end,
    slot,
    ...(referral && { basedOn: [{ identifier: referral }] }),
    participant: actors.map((actor) => ({ actor, status: 'needs-action' })),
    requestedPeriod: [context.requestedPeriod ?? { start: first.start, end: first.end }],
  };
}

/** The types, the first of which names the service. */
function ofService(types: readonly CodeableConcept[], service: HealthcareService, base: string): CodeableConcept[] {
  const [type = {}, ...more] = types.length > 0 ? types : (service.type ?? []).slice(0, 1);
  return [withService(type, service, base), ...more];
}

/** As Medplum's callers expect them: the time of a Schedule, and what its rule keeps free around it. */
function containedOf({ time, start, end, serviceType = [] }: ToldTime, at: number): Slot[] {
  const { view, rule, startMs, endMs } = time;
  const zone = rule?.zone ?? view.facts.zone;
  const common = { resourceType: 'Slot', schedule: { reference: `Schedule/${view.facts.id}` } } as const;
  const buffer = (id: string, status: Slot['status'], fromMs: number, toMs: number): Slot[] =>
    fromMs < toMs ? [{ ...common, id, status, start: localText(zone, fromMs), end: localText(zone, toMs) }] : [];
  const beforeMs = startMs - (rule?.bufferBeforeMinutes ?? 0) * MS_PER_MINUTE;
  const afterMs = endMs + (rule?.bufferAfterMinutes ?? 0) * MS_PER_MINUTE;
  const id = `slot-${at + 1}`;
  return [
    { ...common, id, ...(serviceType.length > 0 && { serviceType }), status: 'busy', start, end },
    ...buffer(`${id}-before`, 'busy-unavailable', beforeMs, startMs),
    ...buffer(`${id}-after`, 'busy-unavailable', endMs, afterMs),
  ];
}

function once<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
