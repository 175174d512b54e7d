import { fault } from '../base/fault.js';

/** A name, an IPv4 address or an IPv6 address in brackets, with or without a port. */
const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;

/**
 * The URL under which the caller reached us, without a slash at the end. Where none is configured it is the `Host`
 * of the request, which the caller chooses, so only what can be a host is let into our links. `X-Forwarded-Host`
 * and `-Proto` are never read: behind a proxy, configure the base URL.
 * @throws {Fault} `malformed`
 */
export function baseUrlOf(host: string | undefined, configured: string | undefined): string {
  if (configured !== undefined) return configured.replace(/\/+$/, '');
  if (host === undefined || !HOST.test(host)) {
    throw fault('malformed', 'The Host header names no host, so no links can be made. Send one, or set BASE_URL.');
  }
  return `http://${host}`;
}
