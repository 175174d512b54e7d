import type { Coding } from 'fhir/r4.js';
import type { Concept } from './terminology.js';

/** What `$validate-code` answers: https://hl7.org/fhir/R4/valueset-operation-validate-code.html */
export interface CodeJudgement {
  readonly result: boolean;
  /** Why not. */
  readonly message?: string;
  /** The right word for the code. */
  readonly display?: string;
}

/** The codes that count, by system. */
type Codes = ReadonlyMap<string, ReadonlyMap<string, Concept>>;

/**
 * Whether one of some codings is among the codes, with the right display where it has one, in either case.
 *
 * @param where canonical URL of the value set or code system
 */
export function judgedCode(codings: readonly Coding[], codes: Codes, where: string): CodeJudgement {
  const found = codings.flatMap((coding) => {
    const concept = conceptOf(coding, codes);
    return concept ? [{ coding, concept }] : [];
  });
  const right = found.find(({ coding, concept }) => isSaidSo(coding, concept)) ?? found[0];
  if (!right) {
    const named = codings.map(({ system, code = '' }) => (system === undefined ? code : `${system}|${code}`));
    return { result: false, message: `${named.join(', ')} is not in ${where}.` };
  }
  const { coding, concept } = right;
  const display = concept.display !== undefined && { display: concept.display };
  if (isSaidSo(coding, concept)) return { result: true, ...display };
  const message = `The display of ${concept.code} is "${concept.display ?? ''}", not "${coding.display ?? ''}".`;
  return { result: false, message, ...display };
}

/** A code without a system may be of any. */
function conceptOf({ system, code = '' }: Coding, codes: Codes): Concept | undefined {
  if (system !== undefined) return codes.get(system)?.get(code);
  return [...codes.values()].map((known) => known.get(code)).find((concept) => concept !== undefined);
}

function isSaidSo({ display }: Coding, concept: Concept): boolean {
  return display === undefined || display.toLowerCase() === (concept.display ?? concept.code).toLowerCase();
}
