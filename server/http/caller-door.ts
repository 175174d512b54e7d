import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import { fault } from '../base/fault.js';
import type { Caller } from '../booking/index.js';

/** Whom an API key stands for; undefined for one that is unknown or revoked. */
export type CallerOfKey = (key: string) => Promise<Caller | undefined>;

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const CHALLENGE = 'Bearer realm="fhir-slots"';
const SEND = 'Send Authorization: Bearer and an API key, or no Authorization';

const callers = new WeakMap<IncomingMessage, Caller>();

/**
 * Finds out who calls: by the API key in `Authorization`, and without one by the address. A key that is not good is
 * never taken for none, since its owner would go on without its rights and wonder.
 */
export function callerDoor(callerOfKey: CallerOfKey): RequestHandler {
  return async (req, res, next) => {
    const { authorization } = req.headers;
    callers.set(req, authorization === undefined ? callerByAddress(req) : await byKey(authorization, callerOfKey, res));
    next();
  };
}

/** Who sent a request that has passed the door. */
export function callerOf(req: IncomingMessage): { readonly caller?: Caller } {
  const caller = callers.get(req);
  return caller ? { caller } : {};
}

async function byKey(authorization: string, callerOfKey: CallerOfKey, res: Response): Promise<Caller> {
  const [, key] = BEARER.exec(authorization) ?? [];
  if (key === undefined) {
    res.setHeader('WWW-Authenticate', CHALLENGE);
    throw fault('unauthenticated', `${SEND}; nothing else is understood there.`, 'Authorization');
  }
  const caller = await callerOfKey(key);
  if (!caller) {
    res.setHeader('WWW-Authenticate', `${CHALLENGE}, error="invalid_token"`);
    throw fault('unauthenticated', `This API key is unknown or was revoked. ${SEND}.`, 'Authorization');
  }
  return caller;
}

function callerByAddress(req: Request): Caller {
  // What a proxy that we were told to trust says, as far as it is an address; some write a port to it.
  const told = addressIn(req.ip) ?? addressIn(req.socket.remoteAddress) ?? 'unknown';
  return { name: `address ${told}`, rights: [], byAddress: true };
}

function addressIn(text: string | undefined): string | undefined {
  const address = text?.replace(/^\[(.+)\](?::\d+)?$|^([\d.]+):\d+$/, '$1$2').replace(/^::ffff:(?=[\d.]+$)/i, '');
  return address !== undefined && isIP(address) > 0 ? address : undefined;
}
