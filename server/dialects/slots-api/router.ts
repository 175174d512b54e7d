import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Router } from 'express';
import type { Asked, Endpoint } from './asked.js';
import { endpointsOf } from './endpoints.js';
import { failureOf, SlotsApiError } from './errors.js';
import { callerIn, keyDoor } from './key-door.js';
import type { SlotsApiParts } from './parts.js';
import { jsonOf } from './read-body.js';

const OURS = /^\/(?:resources|slots|bookings)(?:\/|$)/;
/** What is written to an Appointment that stands against the rules of FHIR clients. */
const OVERRIDE_REASON = 'Booked through the Overbooked API';

/** Answers below `/resources`, `/slots` and `/bookings`, whose case matters, and lets all else through. */
export function slotsApiRouter(parts: SlotsApiParts): Router {
  const api = express.Router({ caseSensitive: true });
  const body = express.raw({ type: () => true, limit: parts.bodyBytesMax });
  for (const { method, path, keys, endpoint } of endpointsOf(parts)) {
    api[method](path, keyDoor(parts, keys), body, answering(parts, endpoint));
  }
  api.use(nowhere, failing(parts));
  const router = express.Router({ caseSensitive: true });
  return router.use((req, res, next) => {
    if (OURS.test(req.path)) api(req, res, next);
    else next();
  });
}

/** An endpoint as Express calls it. */
function answering(parts: SlotsApiParts, endpoint: Endpoint): RequestHandler<{ id?: string }> {
  return async (req, res) => {
    const { data, meta = {} } = await endpoint(askedOf(parts, req));
    res.status(200).json({ data, meta, success: true });
  };
}

function askedOf({ baseOf }: SlotsApiParts, req: Request<{ id?: string }>): Asked {
  const caller = callerIn(req);
  return {
    id: req.params.id ?? '',
    query: req.query,
    body: jsonOf(req.body),
    kind: caller.kind,
    context: {
      base: baseOf(req.headers.host),
      strict: true,
      caller: { ...caller, rights: ['override'] },
      overrideReason: OVERRIDE_REASON,
    },
  };
}

const nowhere: RequestHandler = (req) => {
  throw new SlotsApiError('E002', `There is no ${req.method} ${req.path}.`);
};

/** The one way by which failures of this API leave. */
function failing({ log }: SlotsApiParts): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, req, res, next) => {
    if (res.headersSent) return next(thrown);
    const { status, body } = failureOf(thrown);
    if (status >= 500) log.error({ err: thrown, method: req.method, path: req.path }, 'request failed');
    res.status(status).json(body);
  };
}
