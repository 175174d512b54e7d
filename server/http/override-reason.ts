import { fault } from '../base/fault.js';
import type { RequestContext } from '../booking/index.js';

/** Longest reason for going against the rules: a few sentences, kept in the Appointment and in an AuditEvent. */
export const OVERRIDE_REASON_CHARACTERS_MAX = 1_000;

/** Other characters have no settled meaning in a header (RFC 9110 §5.5). */
const HEADER_TEXT = /^[\x20-\x7e]*$/;

/**
 * The header `X-Override-Reason`, by which a plain write says why it goes against the rules. Whether the caller may is
 * judged where the rules are.
 * @throws {Fault} `invalid`
 */
export function overrideReasonOf(
  header: string | readonly string[] | undefined,
): Pick<RequestContext, 'overrideReason'> {
  if (header === undefined) return {};
  const overrideReason = String(header);
  if (!HEADER_TEXT.test(overrideReason)) {
    const advice = 'send other reasons as the parameter override-reason of an operation';
    throw fault('invalid', `X-Override-Reason is ASCII; ${advice}.`, 'X-Override-Reason');
  }
  refuseReasonLength(overrideReason, 'X-Override-Reason');
  return { overrideReason };
}

/** @param place where the reason stood @throws {Fault} `invalid` */
export function refuseReasonLength(reason: string, place: string): void {
  if (reason.trim() !== '' && reason.length <= OVERRIDE_REASON_CHARACTERS_MAX) return;
  throw fault('invalid', `A reason has 1 to ${OVERRIDE_REASON_CHARACTERS_MAX} characters.`, place);
}
