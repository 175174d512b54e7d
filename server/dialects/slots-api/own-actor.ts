import type { HealthcareService, Reference, Schedule } from 'fhir/r4.js';
import { CREATED_URL, type RequestContext, type SlotTransaction } from '../../booking/index.js';
import { extensionOf, idIn, type Stored } from './fhir-elements.js';
import type { SlotsApiParts } from './parts.js';
import { resourceIn } from './shown.js';

/** Where the systems of the identifiers lie that an API of this server gives: ReserveKit's has no other mark. */
const OUR_SYSTEMS = 'https://fhir-slots.dev/fhir/NamingSystem/';

/**
 * The HealthcareService that was made with a resource, here or by ReserveKit, as its actor; undefined where there is
 * none, or where it is of somebody who likes equal ids.
 */
export async function ownActorIn(
  transaction: SlotTransaction,
  { id, actor }: Stored<Schedule>,
  base: string,
): Promise<Stored<HealthcareService> | undefined> {
  if (!actor.some((one) => isOwnActor(one, id, base))) return undefined;
  const version = await transaction.read('HealthcareService', id);
  const service = version && resourceIn<HealthcareService>(version);
  return service && isOurs(service) ? service : undefined;
}

/** Whether an actor of the resource of this id is the HealthcareService of the same id. */
export function isOwnActor({ reference }: Reference, id: string, base: string): boolean {
  return idIn(reference, 'HealthcareService', base) === id;
}

/** Whether no other Schedule, and no PractitionerRole, names the HealthcareService of this id. */
export async function isActorAlone({ listing }: SlotsApiParts, id: string, context: RequestContext): Promise<boolean> {
  const reference = `HealthcareService/${id}`;
  const [schedules, roles] = await Promise.all([
    listing.count({ type: 'Schedule', order: 'created', params: [['actor', reference]] }, context),
    listing.count({ type: 'PractitionerRole', order: 'created', params: [['service', reference]] }, context),
  ]);
  return schedules === 1 && roles === 0;
}

function isOurs({ extension, identifier = [] }: HealthcareService): boolean {
  const isNumbered = identifier.some(({ system }) => system?.startsWith(OUR_SYSTEMS));
  return isNumbered || extensionOf(extension, CREATED_URL) !== undefined;
}
