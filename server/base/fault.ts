/**
 * What went wrong, in words that belong to no protocol. `fhir/outcome.ts` and each dialect render it;
 * the number beside each kind is what FHIR's REST answers with, said here only to tell the kinds apart.
 */
export type FaultKind =
  /** 400: not readable at all (JSON, a header, a form). */
  | 'malformed'
  /** 400: readable, but a value is not allowed there. */
  | 'invalid'
  /** 400: something needed is missing. */
  | 'required'
  /** 400: a code that its value set lacks. */
  | 'code-invalid'
  /** 400: understood, but not offered by this server. */
  | 'not-supported'
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not-found' // 404
  | 'method' // 405
  | 'not-acceptable' // 406
  | 'conflict' // 409
  | 'gone' // 410
  | 'stale' // 412: another version than the one named
  | 'ambiguous' // 412: a condition that several resources meet
  | 'too-large' // 413
  | 'media-type' // 415
  | 'rule' // 422: well-formed, refused by a rule
  | 'too-costly' // 422
  | 'too-many' // 429
  | 'unavailable' // 503
  | 'bug'; // 500

/** One reason of a refusal: one issue of an OperationOutcome. */
export interface Reason {
  readonly kind: FaultKind;
  /** A sentence for the caller that says what to do. */
  readonly message: string;
  /** FHIRPath of the offending element, or the name of the offending parameter. */
  readonly expression?: string;
  /** Which of the refusals of its kind it is, for APIs that tell them apart: a reason of the claims, as `full`. */
  readonly refusal?: string;
}

/** The error that code below the protocols throws: one reason or several. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly reasons: readonly Reason[];

  constructor(reasons: Reason | readonly Reason[], options: { cause?: unknown } = {}) {
    const list = Array.isArray(reasons) ? (reasons as readonly Reason[]) : [reasons as Reason];
    super(list.map((reason) => reason.message).join(' '), options);
    this.reasons = list;
  }

  /** The kind that decides the status: a conflict among several reasons wins, else the first (design §6). */
  get kind(): FaultKind {
    if (this.reasons.some((reason) => reason.kind === 'conflict')) return 'conflict';
    return this.reasons[0]?.kind ?? 'bug';
  }
}

/** A Fault with a single reason. */
export function fault(kind: FaultKind, message: string, expression?: string, cause?: unknown): Fault {
  return new Fault({ kind, message, ...(expression !== undefined && { expression }) }, { cause });
}
