import { Fault, type FaultKind, type Reason } from '../../base/fault.js';

/** The codes of the API with their statuses, as far as something here can be wrong in such a way. */
const STATUSES = {
  E001: 500, // anything unexpected
  E002: 404, // no such route or method
  E013: 400, // malformed request
  E022: 422, // not an IANA time zone
  E023: 422, // a slot that does not start before it ends
  E024: 422, // a slot over another
  E025: 404, // slot unknown
  E042: 422, // metadata too long
  E043: 422, // metadata that is no object
  E044: 422, // slot may not be locked
  E045: 422, // slot is locked already
  E046: 422, // capacity below the active bookings
  E047: 400, // capacity is no usable number
  E048: 404, // booking unknown
  E049: 422, // no seat left
  E050: 422, // slot is locked
  E051: 422, // slot is disabled, or closed to bookings
  E052: 404, // resource unknown
  E055: 401, // key unknown
  E056: 401, // no key
  E057: 401, // the key may not do this
  E058: 422, // booking_disabled_before out of range
  E059: 403, // wrong lock key on unlock
  E060: 422, // bookings that cannot be cancelled, or enabled, any more
  E061: 422, // resource is not published
  E062: 429, // too many requests
  E066: 422, // public_scheduling_enabled is not a boolean
} as const;

export type Code = keyof typeof STATUSES;

/** A failure in the words of the API. */
export class SlotsApiError extends Error {
  override readonly name = 'SlotsApiError';

  constructor(
    readonly code: Code,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** What the engine refuses, first what the API asks about first: several reasons come to the code of the first. */
const OF_REFUSALS: readonly (readonly [refusal: string, code: Code])[] = [
  ['inactive', 'E061'],
  ['busy', 'E051'],
  ['not-lockable', 'E044'],
  ['locked', 'E050'],
  ['wrong-key', 'E050'],
  ['past', 'E051'],
  ['horizon', 'E051'],
  ['held', 'E049'],
  ['full', 'E049'],
  ['taken', 'E049'],
];

/** What the engine names where a booking is held with a key that nobody can send here. */
const KEY_MISSING = 'key';

const OF_KINDS = {
  malformed: 'E013',
  invalid: 'E013',
  required: 'E013',
  'code-invalid': 'E013',
  'not-supported': 'E013',
  unauthenticated: 'E055',
  forbidden: 'E050',
  'not-found': 'E002',
  method: 'E002',
  'not-acceptable': 'E013',
  conflict: 'E049',
  gone: 'E002',
  stale: 'E049',
  ambiguous: 'E049',
  'too-large': 'E013',
  'media-type': 'E013',
  rule: 'E051',
  'too-costly': 'E013',
  'too-many': 'E062',
  unavailable: 'E001',
  bug: 'E001',
} as const satisfies Record<FaultKind, Code>;

/** What a refusal, or a kind of them, comes to at one endpoint instead. */
export type Special = Readonly<Record<string, Code>>;

/** Runs an endpoint whose refusals have codes of their own. @throws {SlotsApiError} for each Fault */
export async function refusing<T>(special: Special, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw thrown instanceof Fault ? errorOf(thrown, special) : thrown;
  }
}

/** The wire form of whatever was thrown. */
export function failureOf(thrown: unknown): { readonly status: number; readonly body: object } {
  const error = apiErrorOf(thrown);
  const status = STATUSES[error.code];
  const message = error.code === 'E001' ? 'Something went wrong here; it is no fault of the request.' : error.message;
  return { status, body: { error: { code: error.code, message, status }, success: false } };
}

function apiErrorOf(thrown: unknown): SlotsApiError {
  if (thrown instanceof SlotsApiError) return thrown;
  if (thrown instanceof Fault) return errorOf(thrown, {});
  // What Express and its body reader throw over a request tells so by its status.
  const { status, message } = thrown as { status?: unknown; message?: unknown };
  const isOfRequest = typeof status === 'number' && status >= 400 && status < 500;
  return new SlotsApiError(isOfRequest ? 'E013' : 'E001', String(message), { cause: thrown });
}

function errorOf(fault: Fault, special: Special): SlotsApiError {
  const ranks = fault.reasons.map(rankOf);
  const at = ranks.indexOf(Math.min(...ranks));
  const reason = fault.reasons[at];
  return new SlotsApiError(reason ? codeOf(reason, special) : 'E001', reason?.message ?? fault.message, {
    cause: fault,
  });
}

function rankOf({ refusal }: Reason): number {
  const rank = OF_REFUSALS.findIndex(([name]) => name === refusal);
  return rank < 0 ? OF_REFUSALS.length : rank;
}

function codeOf({ kind, refusal = '', expression }: Reason, special: Special): Code {
  const ofRefusal = OF_REFUSALS.find(([name]) => name === refusal)?.[1];
  const isOfOwnKey = refusal === 'held' && expression === KEY_MISSING;
  const general = isOfOwnKey ? 'E050' : (ofRefusal ?? OF_KINDS[kind]);
  return special[refusal] ?? (refusal === '' ? special[kind] : undefined) ?? general;
}
