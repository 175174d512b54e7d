import type { RequestHandler } from 'express';
import { fault } from '../base/fault.js';
import { isId } from '../fhir/index.js';
import type { ExchangePath } from './exchange.js';
import { MOUNTED, type OperationRoute, type Route } from './mounted.js';

/**
 * Stands before the handlers of one path: lets served types, well-formed ids and mounted methods through.
 * @param routes all that share the path
 */
export function routeDoor(routes: readonly Route[]): RequestHandler<Partial<ExchangePath>> {
  return (req, res, next) => {
    const { type = '', id, versionId } = req.params;
    const interactions = MOUNTED.get(type);
    const open = routes.filter((route) => interactions?.includes(route.interaction));
    if (!interactions || open.length === 0 || id?.startsWith('$') || id?.startsWith('_')) throw nothingAt(req.path);
    refuseMalformedId(id);
    if (versionId !== undefined && !isId(versionId)) {
      throw fault('invalid', 'A version has 1 to 64 characters of A-Z, a-z, 0-9, - and dot.', 'vid');
    }
    const asked = req.method === 'HEAD' ? 'get' : req.method.toLowerCase();
    if (!open.some((route) => route.method === asked)) {
      const methods = open.map((route) => route.method.toUpperCase());
      throwMethod(req.method, methods, res);
    }
    next();
  };
}

/** Stands before the handlers of an operation or a search: lets well-formed ids and its methods through. */
export function operationDoor({ methods }: Pick<OperationRoute, 'methods'>): RequestHandler<Partial<ExchangePath>> {
  return (req, res, next) => {
    refuseMalformedId(req.params.id);
    const asked = req.method === 'HEAD' ? 'get' : req.method.toLowerCase();
    const allowed = methods.map((method) => method.toUpperCase());
    if (!methods.some((method) => method === asked)) throwMethod(req.method, allowed, res);
    next();
  };
}

function refuseMalformedId(id: string | undefined): void {
  if (id === undefined || isId(id)) return;
  throw fault('invalid', 'An id has 1 to 64 characters of A-Z, a-z, 0-9, - and dot.', 'id');
}

/** The fixed paths (`/metadata`, `/health`): GET and HEAD only. */
export const getOnlyDoor: RequestHandler = (req, res, next) => {
  if (req.method !== 'GET' && req.method !== 'HEAD') throwMethod(req.method, ['GET'], res);
  next();
};

/** The last stop of every path that nothing is mounted at. */
export const nowhere: RequestHandler = (req) => {
  throw nothingAt(req.path);
};

/** @throws {Fault} `method`, always, with `Allow` set */
function throwMethod(
  asked: string,
  methods: readonly string[],
  res: { setHeader(name: string, value: string): void },
): never {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  res.setHeader('Allow', `${allowed}, OPTIONS`);
  throw fault('method', `${asked} is not possible here; possible are ${allowed}.`);
}

function nothingAt(path: string): Error {
  return fault(
    'not-found',
    `There is nothing at ${path}. Paths are case-sensitive; GET /metadata lists what there is.`,
  );
}
