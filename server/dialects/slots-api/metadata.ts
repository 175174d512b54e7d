import type { Extension } from 'fhir/r4.js';
import { SlotsApiError } from './errors.js';
import type { Members } from './read-body.js';

/** On a Schedule, Slot or Appointment, `valueString`. See fhir-profiles/StructureDefinition-metadata.json. */
const METADATA_URL = 'https://fhir-slots.dev/fhir/StructureDefinition/metadata';

export const METADATA_KEY_CHARACTERS_MAX = 100;
export const METADATA_VALUE_CHARACTERS_MAX = 5_000;

/** What a client keeps with an object of its own. */
export type Metadata = Readonly<Record<string, unknown>>;

/** Of a body; undefined where it has none. @throws {SlotsApiError} E043 for no object, E042 for what is too long */
export function metadataIn(members: Members): Metadata | undefined {
  const value = members['metadata'];
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SlotsApiError('E043', 'metadata must be an object whose keys are strings.');
  }
  for (const [key, one] of Object.entries(value)) {
    if (key.length > METADATA_KEY_CHARACTERS_MAX) {
      throw new SlotsApiError('E042', `A key of metadata has at most ${METADATA_KEY_CHARACTERS_MAX} characters.`);
    }
    if (isDeep(one, METADATA_VALUE_CHARACTERS_MAX / 2) || lengthOf(one) > METADATA_VALUE_CHARACTERS_MAX) {
      throw new SlotsApiError('E042', `A value of metadata has at most ${METADATA_VALUE_CHARACTERS_MAX} characters.`);
    }
  }
  return value as Metadata;
}

/** Each level takes two brackets: what is deeper is too long, and would be too deep to be written. */
function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels < 1 || Object.values(value).some((one) => isDeep(one, levels - 1));
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}

/** As FHIR keeps it; nothing for an empty object. */
export function metadataExtension(metadata: Metadata | undefined): Extension[] {
  if (!metadata || Object.keys(metadata).length === 0) return [];
  // A string of FHIR has no white space but these three and the space.
  const text = JSON.stringify(metadata).replace(
    /[^\S \r\n\t]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [{ url: METADATA_URL, valueString: text }];
}

/** As it was sent; empty where a resource has none, or one that somebody wrote otherwise. */
export function metadataOf(extensions: readonly Extension[] | undefined): Metadata {
  const text = extensions?.find(({ url }) => url === METADATA_URL)?.valueString;
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Metadata) : {};
  } catch {
    return {};
  }
}

/** The extensions of a resource with other metadata. */
export function withMetadata(
  extensions: readonly Extension[] | undefined,
  metadata: Metadata | undefined,
): Extension[] {
  const before = extensions ?? [];
  if (metadata === undefined) return [...before];
  return [...before.filter(({ url }) => url !== METADATA_URL), ...metadataExtension(metadata)];
}
