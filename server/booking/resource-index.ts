import type { FhirResource, Schedule } from 'fhir/r4.js';
import { indexValuesOf, type IndexValues } from '../fhir/index.js';
import type { Filter } from '../search/index.js';
import { AVAILABILITY_URL } from './read-rules.js';
import { scheduleKeyOf } from './slot-id.js';
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

/**
 * All index values of a resource.
 *
 * @param zone in which its bare dates are days
 * @param base URL of this server, without a slash at the end; undefined where no reference names it
 */
export function resourceIndex(resource: FhirResource, id: string, zone: string, base: string | undefined): IndexValues {
  const values = indexValuesOf(resource, { zone, ownBases: base === undefined ? [] : [base] });
  if (resource.resourceType !== 'Schedule') return { ...values, ...steppedIndex(resource) };
  const ours: IndexValues = { [SCHEDULE_KEY]: [{ kind: 'token', code: scheduleKeyOf(id) }] };
  return { ...values, ...ours, ...(hasRules(resource) && { [HAS_RULES]: [{ kind: 'token', code: 'true' }] }) };
}

function hasRules(schedule: Schedule): boolean {
  return schedule.extension?.some(({ url }) => url === AVAILABILITY_URL) ?? false;
}
