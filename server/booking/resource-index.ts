import type { Appointment, FhirResource, Schedule } from 'fhir/r4.js';
import { indexValuesOf, localReference, type IndexValues } from '../fhir/index.js';
import type { Filter } from '../search/index.js';
import { createdIndex } from './created-index.js';
import { AVAILABILITY_URL } from './read-rules.js';
import { readComputedSlotId, scheduleKeyOf } from './slot-id.js';
import { steppedIndex } from './steps.js';

/** Index values of ours beside those of the search parameters; no request can name them. */
const SCHEDULE_KEY = ':scheduleKey';
const HAS_RULES = ':hasRules';

/** Schedules that carry availability rules. */
export const SCHEDULE_WITH_RULES: Filter = { kind: 'token', param: HAS_RULES, code: 'true' };

/** The Schedule whose computed slots carry this key in their ids. */
export function scheduleWithKey(scheduleKey: string): Filter {
  return { kind: 'token', param: SCHEDULE_KEY, code: scheduleKey };
}

/** The Appointments that name a computed slot of this Schedule, or the Schedule itself, whatever their status. */
export function appointmentsOnSchedule(scheduleId: string): Filter {
  return { kind: 'token', param: SCHEDULE_KEY, code: scheduleKeyOf(scheduleId) };
}

/**
 * All index values of a resource.
 *
 * @param zone in which its bare dates are days
 * @param base URL of this server, without a slash at the end; undefined where no reference names it
 */
export function resourceIndex(resource: FhirResource, id: string, zone: string, base: string | undefined): IndexValues {
  const asked = indexValuesOf(resource, { zone, ownBases: base === undefined ? [] : [base] });
  const values = { ...asked, ...createdIndex(resource) };
  if (resource.resourceType === 'Appointment') {
    return { ...values, ...steppedIndex(resource), ...scheduleKeysIn(resource, base) };
  }
  if (resource.resourceType !== 'Schedule') return { ...values, ...steppedIndex(resource) };
  const ours: IndexValues = { [SCHEDULE_KEY]: [{ kind: 'token', code: scheduleKeyOf(id) }] };
  return { ...values, ...ours, ...(hasRules(resource) && { [HAS_RULES]: [{ kind: 'token', code: 'true' }] }) };
}

function scheduleKeysIn({ slot = [], supportingInformation = [] }: Appointment, base: string | undefined): IndexValues {
  const keys = [...slot, ...supportingInformation].flatMap(({ reference }) => {
    const named = localReference(reference, base === undefined ? [] : [base]);
    if (named?.type === 'Schedule') return scheduleKeyOf(named.id);
    return (named?.type === 'Slot' && readComputedSlotId(named.id)?.scheduleKey) || [];
  });
  return keys.length === 0 ? {} : { [SCHEDULE_KEY]: [...new Set(keys)].map((code) => ({ kind: 'token', code })) };
}

function hasRules(schedule: Schedule): boolean {
  return schedule.extension?.some(({ url }) => url === AVAILABILITY_URL) ?? false;
}
