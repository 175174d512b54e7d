import type { Schedule } from 'fhir/r4.js';
import { fault } from '../base/fault.js';
import type { Filter } from '../search/index.js';
import type { DocumentKey, Store } from '../store/index.js';
import { RECORD, type Draft } from './draft.js';
import { newestIn, newestText } from './newest.js';
import { resourceOf } from './schedule-reader.js';
import { roleKeysOf } from './timelines.js';

/** A PractitionerRole that is the actor of more Schedules than this stays with its Practitioner. */
export const SCHEDULES_OF_ROLE_MAX = 100;

/**
 * The document that names the Schedules which came to a role last. Who writes such a Schedule changes it, and whoever
 * leads the role to another Practitioner checks it, so that neither misses the other: a search alone would not see
 * what is written at the same moment.
 */
function newestKey({ id }: DocumentKey): DocumentKey {
  return { type: 'RoleSchedules', id: `PractitionerRole/${id}` };
}

/** Records, in the commit that writes a Schedule, that it has a role as an actor. */
export async function stageRoleSchedule(
  draft: Draft,
  role: DocumentKey,
  scheduleId: string,
  nowMs: number,
): Promise<void> {
  const key = newestKey(role);
  await draft.prepare([key]);
  const newest = newestIn(await draft.get(key));
  if (newest.includes(scheduleId)) {
    draft.check(key);
    return;
  }
  const text = newestText([scheduleId, ...newest].slice(0, SCHEDULES_OF_ROLE_MAX));
  draft.put({ ...key, updatedMs: nowMs, ...RECORD, text });
}

/**
 * The Schedules that have a role as an actor, as the draft leaves them. The commit stands only while they are the same.
 *
 * @throws {Fault} `too-costly` beyond {@link SCHEDULES_OF_ROLE_MAX}
 */
export async function schedulesOfRole(
  draft: Draft,
  store: Store,
  role: DocumentKey,
  base: string,
): Promise<readonly { readonly id: string; readonly schedule: Schedule }[]> {
  const key = newestKey(role);
  // Read before searching: what is written after the search changes it.
  await draft.prepare([key]);
  draft.check(key);
  const filter: Filter = { kind: 'reference', param: 'actor', target: `PractitionerRole/${role.id}` };
  const found = await store.search({ type: 'Schedule', filter, sort: [], limit: SCHEDULES_OF_ROLE_MAX + 1 });
  const ids = new Set([...found.map(({ document }) => document.id), ...newestIn(await draft.get(key))]);
  const keys = [...ids].map((id) => ({ type: 'Schedule', id }));
  await draft.prepare(keys);
  for (const one of keys) draft.check(one);
  const documents = await Promise.all(keys.map((one) => draft.get(one)));
  const schedules = documents.flatMap((document, at) => {
    const [schedule] = resourceOf(document);
    if (schedule?.resourceType !== 'Schedule') return [];
    const isOfRole = roleKeysOf(schedule, base).some(({ id }) => id === role.id);
    return isOfRole ? [{ id: keys[at]?.id ?? '', schedule }] : [];
  });
  if (schedules.length <= SCHEDULES_OF_ROLE_MAX) return schedules;
  const message = `PractitionerRole/${role.id} is an actor of more than ${SCHEDULES_OF_ROLE_MAX} Schedules`;
  throw fault('too-costly', `${message}: write another role, and name it in them.`, 'PractitionerRole.practitioner');
}
