/** How the codes of a value set are written that no list can hold. */
export interface CodeRule {
  readonly pattern: RegExp;
  /** What a code looks like, for whoever wrote another. */
  readonly form: string;
}

/**
 * Of a media type: https://datatracker.ietf.org/doc/html/rfc6838#section-4.2, the parameters as in HTTP; `image/*` is
 * any of a kind, as an Endpoint takes them.
 */
const MIME_TYPE = /^[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+)(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&'*.^`|~+-]+|"[^"\\]*"))*$/;

/** Of a language: https://datatracker.ietf.org/doc/html/rfc5646#section-2.1, which only a registry tells closer. */
const LANGUAGE = /^(?:[A-Za-z]{2,8}|[ixIX](?=-))(?:-[A-Za-z0-9]{1,8})*$/;

/** By the canonical URL of the value set. All else of theirs that a code could lack is unchecked. */
export const CODE_RULES: ReadonlyMap<string, CodeRule> = new Map([
  ['http://hl7.org/fhir/ValueSet/mimetypes', { pattern: MIME_TYPE, form: 'a media type such as image/png' }],
  ['http://hl7.org/fhir/ValueSet/all-languages', { pattern: LANGUAGE, form: 'a language tag such as de-CH' }],
  ['http://hl7.org/fhir/ValueSet/currencies', { pattern: /^[A-Z]{3}$/, form: 'a currency of ISO 4217 such as EUR' }],
]);
