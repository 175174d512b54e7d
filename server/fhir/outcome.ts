import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';
import { Fault, type FaultKind, type Reason } from '../base/fault.js';

interface Rendering {
  readonly status: number;
  /** https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly code: OperationOutcomeIssue['code'];
  readonly title: string;
}

/** How each kind of fault looks in FHIR's REST. */
const RENDERINGS = {
  malformed: { status: 400, code: 'structure', title: 'This cannot be read.' },
  invalid: { status: 400, code: 'value', title: 'A value is not allowed.' },
  required: { status: 400, code: 'required', title: 'Something needed is missing.' },
  'code-invalid': { status: 400, code: 'code-invalid', title: 'A code is not one of those allowed.' },
  'not-supported': { status: 400, code: 'not-supported', title: 'This server does not do that.' },
  unauthenticated: { status: 401, code: 'login', title: 'Please say who you are.' },
  forbidden: { status: 403, code: 'forbidden', title: 'You may not do this.' },
  'not-found': { status: 404, code: 'not-found', title: 'There is no such thing.' },
  method: { status: 405, code: 'not-supported', title: 'This method is not offered here.' },
  'not-acceptable': { status: 406, code: 'not-supported', title: 'No format that you accept is offered.' },
  conflict: { status: 409, code: 'conflict', title: 'Something else stands in the way.' },
  gone: { status: 410, code: 'deleted', title: 'This was deleted.' },
  stale: { status: 412, code: 'conflict', title: 'This has changed since you read it.' },
  ambiguous: { status: 412, code: 'multiple-matches', title: 'Several resources meet the condition.' },
  'too-large': { status: 413, code: 'too-long', title: 'This is too large.' },
  'media-type': { status: 415, code: 'not-supported', title: 'This media type cannot be read.' },
  rule: { status: 422, code: 'business-rule', title: 'A rule forbids this.' },
  'too-costly': { status: 422, code: 'too-costly', title: 'This asks for too much at once.' },
  'too-many': { status: 429, code: 'throttled', title: 'Too many requests.' },
  unavailable: { status: 503, code: 'transient', title: 'The server cannot do this just now.' },
  bug: { status: 500, code: 'exception', title: 'The server made a mistake.' },
} as const satisfies Record<FaultKind, Rendering>;

/** What a caller learns of a mistake of ours: nothing that could tell of data or code. */
const BUG: Reason = { kind: 'bug', message: 'The request was not at fault. The server has logged what happened.' };

/**
 * FHIRPath of an element as our validation writes it, or the name of a parameter with its modifier or chain. What a
 * caller made up otherwise stays out of `expression`, which must be FHIRPath.
 */
const EXPRESSION = /^[A-Za-z_][\w-]*(\[\d+\])?([.:]([\w-]+|`[^`]+`)(\[\d+\])?)*$/;

/** The answer to a failure: what was thrown, as an OperationOutcome and its HTTP status. */
export function outcomeOf(thrown: unknown): { status: number; body: OperationOutcome } {
  const known = thrown instanceof Fault && thrown.reasons.length > 0;
  const reasons = known ? thrown.reasons : [BUG];
  const { status } = RENDERINGS[known ? thrown.kind : 'bug'];
  return { status, body: { resourceType: 'OperationOutcome', issue: reasons.map(issueOf) } };
}

/** The status that a kind of fault is answered with. */
export function statusOf(kind: FaultKind): number {
  return RENDERINGS[kind].status;
}

/** Each status of failure, and what it says of a request. */
export function failureTitles(): ReadonlyMap<number, string> {
  const titles = new Map<number, string>();
  for (const { status, title } of Object.values(RENDERINGS)) {
    titles.set(status, [titles.get(status), title].filter((one) => one !== undefined).join(' '));
  }
  return titles;
}

function issueOf({ kind, message, expression }: Reason): OperationOutcomeIssue {
  const { code, title } = RENDERINGS[kind];
  return {
    severity: kind === 'bug' ? 'fatal' : 'error',
    code,
    details: { text: title },
    diagnostics: kind === 'bug' ? BUG.message : message,
    ...(expression !== undefined && EXPRESSION.test(expression) && { expression: [expression] }),
  };
}
