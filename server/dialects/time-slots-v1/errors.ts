import { Fault, type FaultKind } from '../../base/fault.js';

/** What a failure is called, and the status it goes out with: the reference's section 5.2, and nowhere else. */
const CODES = {
  invalid_request: 400,
  missing_required_field: 400,
  invalid_field_format: 400,
  validation_failed: 400,
  time_slot_full: 400,
  duplicate_booking: 400,
  authentication_required: 401,
  authorization_header_malformed: 401,
  invalid_api_key: 401,
  forbidden: 403,
  resource_not_found: 404,
  service_not_found: 404,
  time_slot_not_found: 404,
  booking_not_found: 404,
  invalid_status_transition: 422,
  rate_limit_exceeded: 429,
  api_limit_exceeded: 429,
  internal_error: 500,
  service_unavailable: 503,
} as const;

/** A code of ReserveKit. */
export type ErrorCode = keyof typeof CODES;

/** What a Fault of the services is called here. Whoever knows more (a full time slot) says so itself. */
const OF_FAULTS = {
  malformed: 'invalid_request',
  invalid: 'invalid_request',
  required: 'invalid_request',
  'code-invalid': 'invalid_request',
  'not-supported': 'invalid_request',
  unauthenticated: 'invalid_api_key',
  forbidden: 'forbidden',
  'not-found': 'resource_not_found',
  method: 'invalid_request',
  'not-acceptable': 'invalid_request',
  conflict: 'invalid_request',
  gone: 'resource_not_found',
  stale: 'invalid_request',
  ambiguous: 'invalid_request',
  'too-large': 'invalid_request',
  'media-type': 'invalid_request',
  rule: 'invalid_request',
  'too-costly': 'invalid_request',
  'too-many': 'rate_limit_exceeded',
  unavailable: 'service_unavailable',
  bug: 'internal_error',
} as const satisfies Record<FaultKind, ErrorCode>;

/** Fields and what is wrong with each. */
export type Details = Readonly<Record<string, string>>;

/** A failure in the words of this API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /** @param more `details`: what is wrong with which field; `retryAfterSeconds`: when to try again */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly more: { readonly details?: Details; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
  }
}

/** `flat` serves both SDKs; `object` is what the documentation shows, and neither SDK reads. */
export type ErrorStyle = 'flat' | 'object';

/** A failure as it goes out. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: object;
}

/** Renders whatever was thrown. Only an ApiError or a Fault may speak to the client; anything else is our bug. */
export function errorAnswer(thrown: unknown, style: ErrorStyle): ErrorAnswer {
  const { code, message, more } = apiErrorOf(thrown);
  const status = CODES[code];
  const rest = {
    ...(more.details && { details: more.details }),
    ...(more.retryAfterSeconds !== undefined && { retry_after: more.retryAfterSeconds }),
  };
  if (style === 'object') return { status, body: { error: { code, message, ...rest } } };
  return { status, body: { data: null, error: message, code, message, status, ...rest } };
}

/** The failure behind what was thrown. */
function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof Fault) {
    const message = thrown.kind === 'bug' ? 'Internal error' : thrown.message;
    return new ApiError(OF_FAULTS[thrown.kind], message);
  }
  // What Express and its body reader throw about a request that cannot be read.
  const { status, message } = thrown as { readonly status?: unknown; readonly message?: unknown };
  if (thrown instanceof URIError) return new ApiError('invalid_request', 'The path has an escape that is none');
  const isReaders = typeof status === 'number' && status >= 400 && status < 500;
  return isReaders
    ? new ApiError('invalid_request', String(message))
    : new ApiError('internal_error', 'Internal error');
}

/** Whether a failure is ours, and belongs in the log. */
export function isOurs({ status }: ErrorAnswer): boolean {
  return status >= 500;
}
