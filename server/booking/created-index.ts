import type { Extension, FhirResource } from 'fhir/r4.js';
import type { IndexValues } from '../fhir/index.js';

/** On a Schedule or Slot, `valueInstant`: when it was created. See fhir-profiles/StructureDefinition-created.json. */
export const CREATED_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/created';

/** The hidden parameter by which resources are listed in the order in which they were created. */
export const CREATED_PARAM = ':created';

/** When a resource says that it was created: R4 has an element for it on Appointments alone. */
export function createdIndex(resource: FhirResource): IndexValues {
  const ms = Date.parse(createdText(resource) ?? '');
  return Number.isNaN(ms) ? {} : { [CREATED_PARAM]: [{ kind: 'date', startMs: ms, endMs: ms + 1 }] };
}

function createdText(resource: FhirResource): string | undefined {
  if (resource.resourceType === 'Appointment') return resource.created;
  if (resource.resourceType !== 'Schedule') return undefined;
  return resource.extension?.find(({ url }: Extension) => url === CREATED_URL)?.valueInstant;
}
