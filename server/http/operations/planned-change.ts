import type { Schedule, Slot } from 'fhir/r4.js';
import { fault } from '../../base/fault.js';
import { localReference, resourceOf, type Parameter } from '../../fhir/index.js';

/**
 * The Schedule as it is planned, or a Slot that is planned on it.
 *
 * @param scheduleId whose change is asked about
 * @param base of this server, without a slash at the end
 * @throws {Fault} `invalid` for what is of another Schedule
 */
export function plannedChange(parameter: Parameter, scheduleId: string, base: string): Schedule | Slot {
  const planned = resourceOf(parameter, ['Schedule', 'Slot'], base).plain as Schedule | Slot;
  const ofSchedule =
    planned.resourceType === 'Slot'
      ? localReference(planned.schedule.reference, [base])?.id
      : (planned.id ?? scheduleId);
  if (ofSchedule === scheduleId) return planned;
  throw fault('invalid', `The resource must be of Schedule/${scheduleId}.`, `${parameter.place}.resource`);
}
