import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, RequestContext } from '../../booking/index.js';
import { ApiError } from './errors.js';
import type { ApiParts } from './parts.js';

const BEARER = /^Bearer +(\S+) *$/i;

/** Why what this API lets through stands against the rules of a Schedule: kept where a rule had to give way. */
const OVERRIDE_REASON = 'Booked through /v1, which takes any date';

/** What a public key may do: it stands in a browser. */
const PUBLIC_CALLS: readonly RegExp[] = [
  /^GET \/services(?:\/[^/]+(?:\/time-slots)?)?$/,
  /^GET \/time-slots$/,
  /^POST \/bookings$/,
];

/**
 * Who calls. The header is all that counts; an address is nobody here.
 *
 * @throws {ApiError} `authentication_required`, `authorization_header_malformed`, `invalid_api_key`
 */
export async function callerIn(
  { authorization }: IncomingHttpHeaders,
  { callerOfKey }: Pick<ApiParts, 'callerOfKey'>,
): Promise<Caller> {
  if (authorization === undefined) {
    throw new ApiError('authentication_required', 'Authorization header is missing');
  }
  const [, key] = BEARER.exec(authorization) ?? [];
  if (key === undefined) {
    throw new ApiError('authorization_header_malformed', 'Authorization header is malformed');
  }
  const caller = await callerOfKey(key);
  if (caller?.kind === undefined) throw new ApiError('invalid_api_key', 'API key unknown, revoked or not of this API');
  return caller;
}

/** @param path without `/v1` @throws {ApiError} `forbidden` */
export function refuseCall({ kind }: Caller, method: string, path: string): void {
  const call = `${method === 'HEAD' ? 'GET' : method} ${path.replace(/\/$/, '')}`;
  if (kind === 'secret' || PUBLIC_CALLS.some((allowed) => allowed.test(call))) return;
  throw new ApiError('forbidden', 'A public key reads services and time slots, and books; use a secret key');
}

/** A request as the services take it: a key of this API may go against the rules, never against what is taken. */
export function contextOf(caller: Caller, base: string): RequestContext {
  const rights = [...new Set([...caller.rights, 'override' as const])];
  return { base, strict: false, caller: { ...caller, rights }, overrideReason: OVERRIDE_REASON };
}

/** The same for a booking, which may lie in the past and outside the hours, and not in what is closed by date. */
export function bookingContext(context: RequestContext): RequestContext {
  return { ...context, overridesHoursOnly: true };
}
