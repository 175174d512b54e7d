import type { Appointment, FhirResource, Slot } from 'fhir/r4.js';
import type { Reason } from '../base/fault.js';
import { localReference } from '../fhir/index.js';
import type { DocumentKey } from '../store/index.js';

/** A reference that must lead somewhere, and the element that it stands in. */
export interface NeededReference {
  readonly key: DocumentKey;
  readonly path: string;
}

/**
 * The references of a resource that must name something on this server: a Slot's Schedule, an Appointment's slots
 * and participants (design §6). Others are checked for their type alone, those to other servers not at all.
 */
export function neededReferences(resource: FhirResource, base: string): readonly NeededReference[] {
  const found = (reference: string | undefined, path: string): NeededReference[] => {
    const key = localReference(reference, [base]);
    return key ? [{ key, path }] : [];
  };
  switch (resource.resourceType) {
    case 'Slot':
      return found((resource as Partial<Slot>).schedule?.reference, 'Slot.schedule');
    case 'Appointment': {
      const { slot = [], participant = [] } = resource as Partial<Appointment>;
      return [
        ...slot.flatMap(({ reference }, at) => found(reference, `Appointment.slot[${at}]`)),
        ...participant.flatMap(({ actor }, at) => found(actor?.reference, `Appointment.participant[${at}].actor`)),
      ];
    }
    default:
      return [];
  }
}

/** The refusal of a reference that leads nowhere. */
export function danglingReference({ key, path }: NeededReference): Reason {
  return { kind: 'rule', expression: path, message: `${key.type}/${key.id} does not exist on this server.` };
}
