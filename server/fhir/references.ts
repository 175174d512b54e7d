/** https://hl7.org/fhir/R4/datatypes.html#id */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/;
const VERSION = /\/_history\/[A-Za-z0-9\-.]{1,64}$/;

/** Whether a text has the characters and length that FHIR allows in an id. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** A resource on this server. */
export interface LocalReference {
  readonly type: string;
  readonly id: string;
}

/**
 * A reference as searches compare it: `Type/id` for a resource of this server, else as written, either without its
 * version. Undefined for what no search can find: nothing, or a contained resource (`#x`).
 *
 * @param ownBases base URLs of this server, without a slash at the end
 */
export function normalReference(reference: string, ownBases: readonly string[]): string | undefined {
  if (reference === '' || reference.startsWith('#')) return undefined;
  const versionless = reference.includes('/_history/') ? reference.replace(VERSION, '') : reference;
  for (const base of ownBases) {
    if (!versionless.startsWith(`${base}/`)) continue;
    const relative = versionless.slice(base.length + 1);
    if (RELATIVE.test(relative)) return relative;
  }
  return versionless;
}

/** The resource of this server that a reference names; undefined where it names none or one elsewhere. */
export function localReference(reference: string | undefined, ownBases: readonly string[]): LocalReference | undefined {
  const match = RELATIVE.exec(normalReference(reference ?? '', ownBases) ?? '');
  return match ? { type: match[1] as string, id: match[2] as string } : undefined;
}

/** The type that a normalised reference leads to, as far as its text says it: `urn:uuid:…` does not. */
export function typeOfReference(target: string): string | undefined {
  return /(?:^|\/)([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}$/.exec(target)?.[1];
}
