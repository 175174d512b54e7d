import cors from 'cors';
import express, { type Express, type RequestHandler } from 'express';
import type { Clock } from '../base/clock.js';
import type { Bookings, Histories, Resources, Searches, Transactions, Validations } from '../booking/index.js';
import { isServedType, PATIENT_COMPARTMENT } from '../fhir/index.js';
import { accessLog } from './access-log.js';
import { bundle } from './bundle.js';
import { callerDoor, type CallerOfKey } from './caller-door.js';
import { conformanceServices } from './conformance.js';
import { create } from './create.js';
import { remove } from './delete.js';
import type { ReadPlace } from './entry-route.js';
import { errorDoor } from './error-door.js';
import { wholeText, type ExchangePath, type Handler } from './exchange.js';
import { PUTS_OF_EXISTING, strictHandlers } from './gp-connect/strict-handlers.js';
import { tellSpine } from './gp-connect/spine-outcome.js';
import { health } from './health.js';
import { history } from './history.js';
import { hostDoor } from './host-door.js';
import type { Log } from './log.js';
import { metadata } from './metadata.js';
import {
  BOOKING_OPERATIONS,
  openOperations,
  ROUTES,
  STANDARD_OPERATIONS,
  SYSTEM_ROUTES,
  type Interaction,
  type OpenOperation,
  type OperationRoute,
  type SystemInteraction,
} from './mounted.js';
import { openApi } from './openapi.js';
import { bookingOperationHandlers } from './operations/operation-handlers.js';
import { standardOperationHandlers } from './operations/standard-operation-handlers.js';
import { patch } from './patch.js';
import { readExchange } from './read-exchange.js';
import { read } from './read.js';
import { bodyReaders, type BodyKind } from './request-body.js';
import { getOnlyDoor, nowhere, operationDoor, routeDoor } from './route-door.js';
import { searchCompartment } from './search-compartment.js';
import { searchSystem } from './search-system.js';
import { search } from './search.js';
import { sendAnswer } from './send-answer.js';
import { prettyJson } from './pretty.js';
import { update } from './update.js';
import { vread } from './vread.js';

export interface HttpSettings {
  /** What links say, without a slash at the end; absent: the host that the request was sent to. */
  readonly baseUrl?: string | undefined;
  /** The origins whose pages may call us; `*` is any. */
  readonly corsOrigin: '*' | readonly string[];
  /** Longest request body, after decompression. */
  readonly bodyBytesMax: number;
  /** How many proxies stand before us, each of which appends to `X-Forwarded-For` who sent it the request. */
  readonly trustProxy: number;
  /** Whether GP Connect's checks and error codes hold. */
  readonly gpconnectStrict?: boolean;
  /** Of this program, for the CapabilityStatement. */
  readonly version: string;
}

export interface FhirAppParts {
  readonly resources: Resources;
  readonly searches: Searches;
  readonly histories: Histories;
  readonly transactions: Transactions;
  readonly validations: Validations;
  /** Without it no operation is mounted, nor listed. */
  readonly bookings?: Bookings;
  /** Other APIs over the same services, each of which answers below its own paths and lets all else through. */
  readonly dialects?: readonly RequestHandler[];
  readonly callerOfKey: CallerOfKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: HttpSettings;
  /** Resolves when the store can be read. @throws {Fault} `unavailable` */
  readonly ping: () => Promise<void>;
}

/** What pages of other origins may read of an answer besides its body. */
const EXPOSED_HEADERS = [
  ...['ETag', 'Location', 'Last-Modified', 'Content-Location', 'Expires', 'Retry-After'],
  // What dialects tell of their limits.
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 3_600;

/** FHIR REST as an Express app, not listening: see `makeHttpServer`. */
export function fhirApp(parts: FhirAppParts): Express {
  const { bookings, clock, log, settings } = parts;
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('trust proxy', settings.trustProxy);
  app.use(accessLog(log, clock), corsDoor(settings.corsOrigin), hostDoor);
  app.route('/health').all(getOnlyDoor).get(health(parts.ping));

  const startMs = clock.nowMs();
  const operations = [
    ...(bookings ? openOperations(BOOKING_OPERATIONS, bookingOperationHandlers(bookings)) : []),
    ...openOperations(STANDARD_OPERATIONS, standardOperationHandlers(parts)),
  ];
  const putsOfExisting = settings.gpconnectStrict ? PUTS_OF_EXISTING : [];
  const statement = metadata(settings.version, startMs, operations, putsOfExisting);
  app.route('/metadata').all(getOnlyDoor).get(served(statement, settings.baseUrl));
  app
    .route('/openapi.json')
    .all(getOnlyDoor)
    .get(openApi(settings.version, operations, settings.baseUrl));
  for (const dialect of parts.dialects ?? []) app.use(dialect);
  app.use(callerDoor(parts.callerOfKey));
  mountOperations(app, operations, settings);
  const lenient = interactionHandlers(parts, startMs);
  const handlers = settings.gpconnectStrict ? strictHandlers(lenient, parts) : lenient;
  mountSystem(app, systemHandlers(parts, handlers, operations, statement), settings);
  mountCompartment(app, parts.searches, settings);
  mountInteractions(app, handlers, settings);
  app.use(nowhere, errorDoor(log, settings.gpconnectStrict ? tellSpine : undefined));
  return app;
}

/** Opens the paths of `SYSTEM_ROUTES`, each with one handler: of interactions that share one, the body tells which. */
function mountSystem(app: Express, handlers: Record<SystemInteraction, Handler>, settings: HttpSettings): void {
  for (const { path, method, interactions, body } of SYSTEM_ROUTES) {
    const readers = body ? bodyReaders(body, settings.bodyBytesMax) : [];
    const methods = SYSTEM_ROUTES.filter((route) => route.path === path).map((route) => route.method);
    const place = app.route(path).all(operationDoor({ methods }));
    const [interaction] = interactions;
    if (interaction) place[method](...readers, served(handlers[interaction], settings.baseUrl, body));
  }
}

function systemHandlers(
  { histories, searches, transactions, log }: FhirAppParts,
  handlers: Record<Interaction, Handler>,
  operations: readonly OpenOperation[],
  statement: Handler,
): Record<SystemInteraction, Handler> {
  const logFailure = (thrown: unknown) => log.error({ err: thrown }, 'an entry of a Bundle failed');
  const reads = { 'history-system': history(histories), 'search-system': searchSystem(searches) };
  const ofAll = Object.entries(reads).flatMap(([interaction, handler]): ReadPlace[] =>
    SYSTEM_ROUTES.filter(({ method, interactions: [own] }) => method === 'get' && own === interaction).map(
      ({ path }) => ({ path, handler }),
    ),
  );
  const readPlaces = [{ path: '/metadata', handler: statement }, ...ofAll, ...compartmentPlaces(searches)];
  const ofBundle = bundle({ handlers, operations, readPlaces, searches, transactions, log: logFailure });
  return { ...reads, batch: ofBundle, transaction: ofBundle };
}

/** Opens the paths of `ROUTES`, each behind its door. */
function mountInteractions(app: Express, handlers: Record<Interaction, Handler>, settings: HttpSettings): void {
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const routes = ROUTES.filter((route) => route.path === path);
    const place = app.route(path).all(routeDoor(routes));
    for (const { method, interaction, body } of routes) {
      const readers = body ? bodyReaders(body, settings.bodyBytesMax) : [];
      place[method](...readers, served(handlers[interaction], settings.baseUrl, body));
    }
  }
}

/** Opens the paths of operations, before those of `ROUTES`, to which `$find` would pass for an id. */
function mountOperations(app: Express, operations: readonly OpenOperation[], settings: HttpSettings): void {
  for (const operation of operations) {
    const { methods, handler } = operation;
    const place = app.route(pathsOf(operation)).all(operationDoor(operation));
    for (const method of methods) {
      const body = method === 'post' ? 'parameters' : undefined;
      const readers = body ? bodyReaders(body, settings.bodyBytesMax) : [];
      place[method](...readers, served(handler, settings.baseUrl, body));
    }
  }
}

/** Opens the searches in the compartment of a Patient. */
function mountCompartment(app: Express, searches: Searches, { baseUrl, bodyBytesMax }: HttpSettings): void {
  for (const { path, handler } of compartmentPlaces(searches)) {
    app
      .route(path)
      .all(operationDoor({ methods: ['get'] }))
      .get(served(handler, baseUrl));
    const form = app.route(`${path}/_search`).all(operationDoor({ methods: ['post'] }));
    form.post(...bodyReaders('form', bodyBytesMax), served(handler, baseUrl, 'form'));
  }
}

function compartmentPlaces(searches: Searches): ReadPlace[] {
  return [...PATIENT_COMPARTMENT.keys()].map((type) => ({
    path: `/Patient/:id/${type}`,
    handler: searchCompartment(searches, type),
  }));
}

/** Some clients escape the `$`, and Express compares paths as they were sent. */
function pathsOf({ type = '', code, levels }: OperationRoute): string[] {
  const [ofType, ofOne] = [`/${type}`, `/${type}/:id`];
  const starts = { system: '', type: ofType, instance: ofOne, version: `${ofOne}/_history/:versionId` };
  return levels.flatMap((level) => [`${starts[level]}/$${code}`, `${starts[level]}/%24${code}`]);
}

/** Stored types go to the services, definitions to what stands in `fhir-profiles/`. */
function interactionHandlers(parts: FhirAppParts, startMs: number): Record<Interaction, Handler> {
  const { resources, searches, histories } = parts;
  const definitions = conformanceServices(startMs);
  const readable = (type: string) => (isServedType(type) ? resources : definitions);
  const searchable = (type: string) => (isServedType(type) ? searches : definitions);
  return {
    read: read({ read: (type, id, context) => readable(type).read(type, id, context) }),
    vread: vread(resources),
    create: create(resources),
    update: update(resources),
    patch: patch(resources),
    delete: remove(resources),
    'history-instance': history(histories),
    'history-type': history(histories),
    'search-type': search({ search: (type, params, context) => searchable(type).search(type, params, context) }),
  };
}

/** A handler as Express calls it. What it throws, Express carries to the error door. */
function served(
  handler: Handler,
  baseUrl: string | undefined,
  bodyKind?: BodyKind,
): RequestHandler<Partial<ExchangePath>> {
  return async (req, res) => {
    const exchange = readExchange(req, baseUrl, bodyKind);
    const answer = await handler(exchange);
    const { mediaType, pretty } = exchange.presentation;
    const shown =
      pretty && answer.text !== undefined ? { ...answer, text: prettyJson(wholeText(answer.text)) } : answer;
    sendAnswer(res, shown, mediaType);
  };
}

/** Names the caller's origin only where some are allowed and others not. Request headers are all allowed. */
function corsDoor(allowed: HttpSettings['corsOrigin']): RequestHandler {
  const origin = allowed === '*' ? '*' : [...allowed];
  return cors({ origin, methods: METHODS, exposedHeaders: EXPOSED_HEADERS, maxAge: PREFLIGHT_SECONDS });
}
