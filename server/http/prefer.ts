/** What a write answers with: https://hl7.org/fhir/R4/http.html#ops */
export type Returns = 'minimal' | 'representation' | 'OperationOutcome';

const RETURNS: ReadonlySet<string> = new Set<Returns>(['minimal', 'representation', 'OperationOutcome']);

export interface Preferences {
  readonly returns: Returns;
  readonly strict: boolean;
}

/** What an absent header means. Whoever names nothing gets the resource back. */
const DEFAULTS: Preferences = { returns: 'representation', strict: false };

/**
 * Reads `Prefer` (RFC 7240). Of repeated preferences the first counts; what is unknown is ignored, as the RFC asks,
 * so fhirclient's `return=presentation` does no harm.
 */
export function preferencesOf(header: string | string[] | undefined): Preferences {
  if (header === undefined) return DEFAULTS;
  const terms = String(header)
    .split(/[,;]/)
    .map((term) => term.trim().replace(/"/g, ''));
  const returns = terms.filter((term) => term.startsWith('return=')).map((term) => term.slice('return='.length));
  const handling = terms.find((term) => /^handling=(?:strict|lenient)$/.test(term));
  return {
    returns: returns.find((value): value is Returns => RETURNS.has(value)) ?? DEFAULTS.returns,
    strict: handling === 'handling=strict',
  };
}
