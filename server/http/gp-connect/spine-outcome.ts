import type { OperationOutcomeIssue } from 'fhir/r4.js';
import { Fault, type FaultKind, type Reason } from '../../base/fault.js';
import { outcomeOf } from '../../fhir/index.js';
import type { Telling } from '../error-door.js';

/** https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1, which the R4 guide of GP Connect uses too. */
const SYSTEM = 'https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1';

/** How GP Connect tells a failure. */
interface SpineError {
  /** Absent: the status that FHIR's REST has for the kind. */
  readonly status?: number;
  /** Absent: the issue type that we tell anyhow. */
  readonly issue?: OperationOutcomeIssue['code'];
  readonly code: string;
  readonly display: string;
}

const BAD_REQUEST: SpineError = { issue: 'invalid', code: 'BAD_REQUEST', display: 'Bad request' };
const INVALID_RESOURCE: SpineError = {
  ...{ status: 422, issue: 'invalid', code: 'INVALID_RESOURCE', display: 'Invalid validation of resource' },
};
const INVALID_PARAMETER: SpineError = {
  ...{ status: 422, issue: 'invalid', code: 'INVALID_PARAMETER', display: 'Invalid parameter' },
};
const REFERENCE_NOT_FOUND: SpineError = {
  ...{ status: 422, issue: 'invalid', code: 'REFERENCE_NOT_FOUND', display: 'Reference not found' },
};
const DENIED: SpineError = { code: 'ACCESS_DENIED', display: 'Access has been denied to process this request' };
const NO_RECORD: SpineError = { issue: 'not-found', code: 'NO_RECORD_FOUND', display: 'No record found' };
const MEDIA_TYPE: SpineError = { code: 'UNSUPPORTED_MEDIA_TYPE', display: 'Unsupported media type' };
const DUPLICATE: SpineError = {
  ...{
    issue: 'duplicate',
    code: 'DUPLICATE_REJECTED',
    display: 'Create would lead to creation of a duplicate resource',
  },
};
const VERSION: SpineError = { status: 409, code: 'FHIR_CONSTRAINT_VIOLATION', display: 'FHIR constraint violated' };
const INTERNAL: SpineError = { code: 'INTERNAL_SERVER_ERROR', display: 'Unexpected internal server error' };

/** The one table from our words to GP Connect's, for what was sent in a body. */
const OF_BODIES = {
  malformed: BAD_REQUEST,
  invalid: INVALID_RESOURCE,
  required: INVALID_RESOURCE,
  'code-invalid': INVALID_RESOURCE,
  'not-supported': BAD_REQUEST,
  unauthenticated: DENIED,
  forbidden: DENIED,
  'not-found': NO_RECORD,
  method: BAD_REQUEST,
  'not-acceptable': MEDIA_TYPE,
  conflict: DUPLICATE,
  gone: NO_RECORD,
  stale: VERSION,
  ambiguous: BAD_REQUEST,
  'too-large': BAD_REQUEST,
  'media-type': MEDIA_TYPE,
  rule: INVALID_RESOURCE,
  'too-costly': INVALID_RESOURCE,
  'too-many': BAD_REQUEST,
  unavailable: INTERNAL,
  bug: INTERNAL,
} as const satisfies Record<FaultKind, SpineError>;

/** And for what was asked in parameters, where it differs: one that is missing makes the request a bad one. */
const OF_QUESTIONS: Partial<Record<FaultKind, SpineError>> = {
  invalid: INVALID_PARAMETER,
  required: BAD_REQUEST,
  'code-invalid': INVALID_PARAMETER,
  rule: INVALID_PARAMETER,
  'too-costly': INVALID_PARAMETER,
};

/** What a rule says of it: whom the participant refers to is not there. */
const ACTOR = /^Appointment\.participant\[\d+\]\.actor$/;

/**
 * The answer to a failure as GP Connect tells it: each issue with a Spine error code, 422 for what is not valid and 409
 * for another version. https://developer.nhs.uk/apis/gpconnect-1-2-7/development_fhir_error_handling_guidance.html
 *
 * @param thrown what ended the request
 * @param req which tells whether it asked by parameters, or sent a resource
 */
export const tellSpine: Telling = (thrown, { method, path }) => {
  const isQuestion = method === 'GET' || method === 'HEAD' || path.endsWith('/_search');
  const { status, body } = outcomeOf(thrown);
  const spineOf = ({ kind, expression = '' }: Pick<Reason, 'kind' | 'expression'>): SpineError => {
    if (kind === 'rule' && ACTOR.test(expression)) return REFERENCE_NOT_FOUND;
    // An element that there is not: all else could be read.
    if (kind === 'malformed' && expression !== '' && !isQuestion) return INVALID_RESOURCE;
    return (isQuestion ? OF_QUESTIONS[kind] : undefined) ?? OF_BODIES[kind];
  };
  const { kind, reasons } = thrown instanceof Fault ? thrown : { kind: 'bug' as const, reasons: [] };
  const issue = body.issue.map((one, at) => {
    const { issue: code = one.code, ...spine } = spineOf(reasons[at] ?? { kind });
    const coding = [{ system: SYSTEM, code: spine.code, display: spine.display }];
    return { ...one, code, details: { ...one.details, coding } };
  });
  const deciding = reasons.find((reason) => reason.kind === kind) ?? { kind };
  return { status: spineOf(deciding).status ?? status, body: { ...body, issue } };
};
