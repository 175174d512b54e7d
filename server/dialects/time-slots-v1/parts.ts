import type { Clock } from '../../base/clock.js';
import type { Caller, Numbers, PoolPlaces, RequestContext, Searches, Transact } from '../../booking/index.js';
import type { Query } from './query.js';
import type { TimeSlotsChoices, TimeSlotsSettings } from './settings.js';
import type { Tell } from './webhooks.js';

/** What the dialect is put together from. */
export interface TimeSlotsParts {
  readonly searches: Searches;
  readonly transact: Transact;
  readonly numbers: Numbers;
  readonly places: PoolPlaces;
  readonly clock: Clock;
  readonly log: { error(fields: object, message: string): void };
  /** Whom an API key stands for; undefined for one that is unknown or revoked. */
  readonly callerOfKey: (key: string) => Promise<Caller | undefined>;
  /** The base URL of a request by its header `Host`. @throws {Fault} `malformed` */
  readonly baseOf: (host: string | undefined) => string;
  /** Longest request body. */
  readonly bodyBytesMax: number;
  readonly choices: TimeSlotsChoices;
  /** Of this program. */
  readonly version: string;
}

/** The same with what follows from the choices. */
export interface ApiParts extends Omit<TimeSlotsParts, 'choices'> {
  readonly settings: TimeSlotsSettings;
  /** Tells those who listen what became of a booking. */
  readonly tell: Tell;
}

/** One request, read: all that an endpoint sees of HTTP. */
export interface ApiRequest {
  /** The id in the path; empty where the path has none. */
  readonly id: string;
  readonly query: Query;
  readonly body: unknown;
  readonly context: RequestContext;
}

/** What goes back in `data`. */
export interface ApiAnswer {
  readonly status?: 201;
  readonly data: unknown;
}

export type Endpoint = (request: ApiRequest) => Promise<ApiAnswer>;
