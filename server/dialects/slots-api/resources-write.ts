import type { Extension, HealthcareService, Reference, Schedule } from 'fhir/r4.js';
import { TIMEZONE_URL, type SlotTransaction } from '../../booking/index.js';
import type { Endpoint } from './asked.js';
import { refusing } from './errors.js';
import {
  createdExtension,
  CUT_OFF_URL,
  isId,
  PUBLIC_SCHEDULING_URL,
  withExtension,
  type Stored,
} from './fhir-elements.js';
import { metadataIn, withMetadata, type Metadata } from './metadata.js';
import { isOwnActor, ownActorIn } from './own-actor.js';
import type { SlotsApiParts } from './parts.js';
import { booleanIn, ifThere, integerIn, membersOf, nameIn, zoneIn } from './read-body.js';
import { resourceNow, unknownResource } from './resources-read.js';
import { resourceIn } from './shown.js';

/** What a body says of a resource. */
interface ResourceFields {
  readonly name?: string | undefined;
  readonly timezone?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly isPublicScheduling?: boolean | undefined;
  readonly cutOffSeconds?: number | undefined;
}

/** `POST /resources`: a Schedule that is not active yet, and a HealthcareService to be its actor. */
export function createResource(deps: SlotsApiParts): Endpoint {
  return async ({ body, context }) => {
    const members = membersOf(body);
    const fields = { name: nameIn(members), timezone: zoneIn(members), ...optionalFields(members) };
    const id = deps.newId();
    const created = createdExtension(deps.clock.nowMs());
    const service: Stored<HealthcareService> = {
      resourceType: 'HealthcareService',
      id,
      active: true,
      name: fields.name,
      extension: [created],
    };
    const schedule: Stored<Schedule> = {
      resourceType: 'Schedule',
      id,
      active: false,
      comment: fields.name,
      actor: [{ reference: `HealthcareService/${id}`, display: fields.name }],
      extension: [created, ...extensionsWith([], fields)],
    };
    await deps.transact(context, async (transaction) => {
      await transaction.put(service);
      await transaction.put(schedule);
    });
    return { data: await resourceNow(deps, id, context) };
  };
}

/** `PATCH /resources/:resource_id`. */
export function updateResource(deps: SlotsApiParts): Endpoint {
  return async ({ id, body, context }) => {
    const members = membersOf(body);
    const fields: ResourceFields = {
      name: ifThere(members, 'name', nameIn),
      timezone: ifThere(members, 'timezone', zoneIn),
      cutOffSeconds: ifThere(members, 'booking_disabled_before', (all, name) => integerIn(all, name, 0, 'E058')),
      ...optionalFields(members),
    };
    await deps.transact(context, async (transaction) => {
      const schedule = await scheduleIn(transaction, id);
      const extension = extensionsWith(schedule.extension, fields);
      const elements = {
        ...(fields.name !== undefined && (await renamed(transaction, schedule, fields.name, context.base))),
        extension: extension.length > 0 ? extension : undefined,
      };
      await transaction.amend('Schedule', id, elements);
    });
    return { data: await resourceNow(deps, id, context) };
  };
}

/** `POST /resources/:resource_id/publish` and `…/convert-draft`. Bookings and locks stay. */
export function publishResource(deps: SlotsApiParts, isPublished: boolean): Endpoint {
  return async ({ id, context }) => {
    await refusing({}, () =>
      deps.transact(context, async (transaction) => {
        const { active = true } = await scheduleIn(transaction, id);
        if (active !== isPublished) await transaction.amend('Schedule', id, { active: isPublished });
      }),
    );
    return { data: await resourceNow(deps, id, context) };
  };
}

/** The Schedule of an id. @throws {SlotsApiError} E052 */
export async function scheduleIn(transaction: SlotTransaction, id: string): Promise<Stored<Schedule>> {
  const version = isId(id) ? await transaction.read('Schedule', id) : undefined;
  if (!version) throw unknownResource();
  return resourceIn<Schedule>(version);
}

function optionalFields(members: Parameters<typeof metadataIn>[0]): ResourceFields {
  const isPublicScheduling = ifThere(members, 'public_scheduling_enabled', (all, name) => booleanIn(all, name, 'E066'));
  return { metadata: metadataIn(members), isPublicScheduling };
}

function extensionsWith(before: readonly Extension[] | undefined, fields: ResourceFields): Extension[] {
  const { timezone, metadata, isPublicScheduling, cutOffSeconds } = fields;
  let extensions = withMetadata(before, metadata);
  if (timezone !== undefined) extensions = withExtension(extensions, TIMEZONE_URL, { valueCode: timezone });
  if (isPublicScheduling !== undefined) {
    extensions = withExtension(extensions, PUBLIC_SCHEDULING_URL, { valueBoolean: isPublicScheduling });
  }
  if (cutOffSeconds === undefined) return extensions;
  const cutOff = cutOffSeconds > 0 ? { valueInteger: cutOffSeconds } : undefined;
  return withExtension(extensions, CUT_OFF_URL, cutOff);
}

/**
 * Gives the HealthcareService that was made with a resource another name, and answers the elements of its Schedule
 * that tell it. One of ReserveKit's has no comment, and gets none: its actor tells the name.
 */
async function renamed(
  transaction: SlotTransaction,
  schedule: Stored<Schedule>,
  name: string,
  base: string,
): Promise<Pick<Schedule, 'actor' | 'comment'>> {
  const { id, comment } = schedule;
  const own = await ownActorIn(transaction, schedule, base);
  if (own) await transaction.amend('HealthcareService', id, { name });
  const isOwn = (one: Reference) => own !== undefined && isOwnActor(one, id, base);
  const actor = schedule.actor.map((one) => (isOwn(one) ? { ...one, display: name } : one));
  const isToldByActor = comment === undefined && actor.slice(0, 1).some(isOwn);
  return { actor, ...(!isToldByActor && { comment: name }) };
}
