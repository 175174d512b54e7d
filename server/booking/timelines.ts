import type { FhirResource, Schedule } from 'fhir/r4.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey, StoredDocument } from '../store/index.js';
import type { ExclusiveActor } from './types.js';
import { actorKeysOf } from './schedule-reader.js';

/** The type of the documents that record the timelines of a Schedule; one without lies on its own. */
export const TIMELINES_TYPE = 'Timelines';

/** The document that records the timelines of a Schedule, or that Slots of it were loaded before it. */
export function timelinesKey(scheduleId: string): DocumentKey {
  return { type: TIMELINES_TYPE, id: `Schedule/${scheduleId}` };
}

/** The timelines of a Schedule as they were recorded, the first one counting for limits. */
export function timelinesOf(scheduleId: string, record: Pick<StoredDocument, 'text'> | undefined): readonly string[] {
  return record && record.text !== '' ? (JSON.parse(record.text) as Recorded).timelines : [ownTimeline(scheduleId)];
}

interface Recorded {
  readonly timelines: readonly string[];
}

/** The text of the record. */
export function timelinesText(timelines: readonly string[]): string {
  return JSON.stringify({ timelines } satisfies Recorded);
}

/** The timeline of a Schedule that shares none with others. */
export function ownTimeline(scheduleId: string): string {
  return `Schedule/${scheduleId}`;
}

/** The roles among the actors of a Schedule: whose time it is stands in them. */
export function roleKeysOf(schedule: Schedule, base: string): readonly DocumentKey[] {
  return actorKeysOf(schedule, base).filter(({ type }) => type === 'PractitionerRole');
}

/**
 * On which timelines a Schedule lies (design §4): of each exclusive actor, a Practitioner being met through a
 * PractitionerRole too; its own, where it has none.
 *
 * @param roles the PractitionerRoles among its actors
 */
export function resolveTimelines(
  schedule: Schedule,
  id: string,
  roles: readonly FhirResource[],
  base: string,
  exclusive: readonly ExclusiveActor[],
): readonly string[] {
  const actors = actorKeysOf(schedule, base);
  const practitioners = roles.flatMap((role) =>
    role.resourceType === 'PractitionerRole' ? (localReference(role.practitioner?.reference, [base]) ?? []) : [],
  );
  const found = [...actors, ...practitioners].filter(({ type }) => (exclusive as readonly string[]).includes(type));
  const names = [...new Set(found.map((key) => `${key.type}/${key.id}`))];
  return names.length > 0 ? names : [ownTimeline(id)];
}
