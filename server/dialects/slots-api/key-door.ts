import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Caller } from '../../booking/index.js';
import { SlotsApiError } from './errors.js';
import type { SlotsApiParts } from './parts.js';

/** A caller whose key is of this API. */
export type KeyedCaller = Caller & Required<Pick<Caller, 'kind'>>;

const callers = new WeakMap<IncomingMessage, KeyedCaller>();

/** Lets callers with a key through; those with a public one where such are taken. */
export function keyDoor(parts: Pick<SlotsApiParts, 'callerOfKey'>, keys: 'any' | 'secret'): RequestHandler {
  return async (req, _res, next) => {
    const { authorization = '' } = req.headers;
    if (authorization.trim() === '') throw new SlotsApiError('E056', 'Send Authorization: Bearer and a key.');
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    const caller = key === undefined ? undefined : await parts.callerOfKey(key);
    if (caller?.kind === undefined) throw new SlotsApiError('E055', 'The key is unknown, revoked, or of another API.');
    if (keys === 'secret' && caller.kind === 'public') throw new SlotsApiError('E057', 'This takes a secret key.');
    callers.set(req, { ...caller, kind: caller.kind });
    next();
  };
}

/** Who sent a request that has passed the door. */
export function callerIn(req: IncomingMessage): KeyedCaller {
  const caller = callers.get(req);
  if (!caller) throw new SlotsApiError('E056', 'Nobody has shown a key.');
  return caller;
}
