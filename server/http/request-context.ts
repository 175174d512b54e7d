import type { Request } from 'express';
import type { RequestContext } from '../booking/index.js';
import { baseUrlOf } from './base-url.js';
import { callerOf } from './caller-door.js';
import { idempotencyOf } from './idempotency-key.js';
import { overrideReasonOf } from './override-reason.js';
import { slotKeyOf } from './slot-key.js';

/** The methods whose second try could do a thing twice. */
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

interface Read {
  readonly baseUrl: string | undefined;
  readonly strict: boolean;
  /** As it was sent, decompressed; undefined where none was, and for forms, which ask and change nothing. */
  readonly body: string | undefined;
  readonly isForm: boolean;
}

/** What the headers of a request say to the services. @throws {Fault} `malformed`, `invalid` */
export function requestContextOf(
  req: Pick<Request, 'headers' | 'method' | 'originalUrl'> & Parameters<typeof callerOf>[0],
  { baseUrl, strict, body, isForm }: Read,
): RequestContext {
  const { headers, method, originalUrl: url } = req;
  const { caller } = callerOf(req);
  const mayChange = CHANGING.has(method) && !isForm;
  return {
    base: baseUrlOf(headers.host, baseUrl),
    strict,
    ...(caller && { caller }),
    ...slotKeyOf(headers['x-slot-key']),
    ...overrideReasonOf(headers['x-override-reason']),
    ...(mayChange && idempotencyOf(headers['idempotency-key'], caller, { method, url, body })),
  };
}
