import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import type { Caller } from '../../booking/index.js';
import { callerIn, contextOf, refuseCall } from './door.js';
import { cancelBooking } from './endpoints/cancel-booking.js';
import { createBooking } from './endpoints/create-booking.js';
import { createService } from './endpoints/create-service.js';
import { deleteBooking } from './endpoints/delete-booking.js';
import { deleteService } from './endpoints/delete-service.js';
import { deleteTimeSlot } from './endpoints/delete-time-slot.js';
import { deleteTimeSlotsOfDay } from './endpoints/delete-time-slots-of-day.js';
import { getBooking } from './endpoints/get-booking.js';
import { getCustomer } from './endpoints/get-customer.js';
import { getService } from './endpoints/get-service.js';
import { listBookings, listServiceBookings } from './endpoints/list-bookings.js';
import { listServiceTimeSlots } from './endpoints/list-service-time-slots.js';
import { listServices } from './endpoints/list-services.js';
import { listTimeSlots } from './endpoints/list-time-slots.js';
import { updateBooking } from './endpoints/update-booking.js';
import { updateCustomer } from './endpoints/update-customer.js';
import { updateService } from './endpoints/update-service.js';
import { updateTimeSlots } from './endpoints/update-time-slots.js';
import { ApiError, errorAnswer, isOurs } from './errors.js';
import type { ApiParts, Endpoint, TimeSlotsParts } from './parts.js';
import { settingsOf, tellOf } from './settings.js';
import { Query } from './query.js';
import { RateLimit } from './rate-limit.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Route = readonly [method: Method, path: string, endpoint: (parts: ApiParts) => Endpoint];

/** Every call there is, below `/v1`. */
const ROUTES: readonly Route[] = [
  ['post', '/services', createService],
  ['get', '/services', listServices],
  ['get', '/services/:id', getService],
  ['patch', '/services/:id', updateService],
  ['delete', '/services/:id', deleteService],
  ['get', '/services/:id/time-slots', listServiceTimeSlots],
  ['get', '/services/:id/bookings', listServiceBookings],
  ['get', '/time-slots', listTimeSlots],
  ['patch', '/time-slots', updateTimeSlots],
  ['put', '/time-slots', updateTimeSlots],
  ['delete', '/time-slots', deleteTimeSlotsOfDay],
  ['delete', '/time-slots/:id', deleteTimeSlot],
  ['post', '/bookings', createBooking],
  ['get', '/bookings', listBookings],
  ['get', '/bookings/:id', getBooking],
  ['patch', '/bookings/:id', updateBooking],
  ['delete', '/bookings/:id', deleteBooking],
  ['post', '/bookings/:id/cancel', cancelBooking],
  ['get', '/bookings/:id/customer', getCustomer],
  ['patch', '/bookings/:id/customer', updateCustomer],
];

/** The SDKs put a slash before the path whether or not their host ends in one. */
const PREFIXES = ['/v1', '//v1'];

/** Answers below /v1, whose case matters, and lets all else through. */
export function timeSlotsRouter({ choices, ...given }: TimeSlotsParts): Router {
  const parts: ApiParts = { ...given, settings: settingsOf(choices), tell: tellOf(choices, given) };
  const callers = new WeakMap<object, Caller>();
  const api = express.Router({ caseSensitive: true });
  api.get('/health', (_req, res) => {
    res.json({ status: 'ok', env: 'production', version: parts.version });
  });
  api.use(keyDoor(parts, callers));
  const readBody = express.json({ type: () => true, limit: parts.bodyBytesMax, strict: false });
  for (const [method, path, endpoint] of ROUTES) {
    const readers = method === 'get' || method === 'delete' ? [] : [readBody];
    api[method](path, ...readers, served(endpoint(parts), parts, callers));
  }
  api.use((req) => {
    throw new ApiError('resource_not_found', `There is no ${req.method} ${req.baseUrl}${req.path}`);
  });
  api.use(errorDoor(parts));
  const router = express.Router({ caseSensitive: true });
  router.use(PREFIXES, api);
  return router;
}

/** Finds out who calls, and whether that one may now. */
function keyDoor(parts: ApiParts, callers: WeakMap<object, Caller>): RequestHandler {
  const limit = parts.settings.plan && new RateLimit(parts.settings.plan, parts.clock);
  return async (req, res, next) => {
    const caller = await callerIn(req.headers, parts);
    const { headers = {}, refusal } = limit?.take(caller.name) ?? {};
    res.set(headers);
    if (refusal) throw refusal;
    refuseCall(caller, req.method, req.path);
    callers.set(req, caller);
    next();
  };
}

/** An endpoint as Express calls it. What it throws, Express carries to the error door. */
function served(
  endpoint: Endpoint,
  parts: ApiParts,
  callers: WeakMap<object, Caller>,
): RequestHandler<{ id?: string }> {
  return async (req, res) => {
    const caller = callers.get(req);
    if (!caller) throw new ApiError('authentication_required', 'Authorization header is missing');
    const context = contextOf(caller, parts.baseOf(req.headers.host));
    const query = new Query(req.originalUrl);
    const { status = 200, data } = await endpoint({
      id: req.params.id ?? '',
      query,
      body: req.body as unknown,
      context,
    });
    res.status(status).json({ data });
  };
}

/** The one way by which failures leave. */
function errorDoor({ settings, log }: ApiParts): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, req, res, next) => {
    if (res.headersSent) return next(thrown);
    const answer = errorAnswer(thrown, settings.errorStyle);
    if (isOurs(answer)) log.error({ err: thrown, method: req.method, path: req.path }, 'request failed');
    res.status(answer.status).json(answer.body);
  };
}
