import type { Clock } from '../../base/clock.js';
import type { NewId } from '../../base/ids.js';
import type { Caller, Listing, TransactSlots } from '../../booking/index.js';

/** What the dialect is put together from. */
export interface SlotsApiParts {
  readonly transact: TransactSlots;
  readonly listing: Listing;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: { error(fields: object, message: string): void };
  /** Whom an API key stands for; undefined for one that is unknown or revoked. */
  readonly callerOfKey: (key: string) => Promise<Caller | undefined>;
  /** The base URL of a request by its header `Host`. @throws {Fault} `malformed` */
  readonly baseOf: (host: string | undefined) => string;
  /** Longest request body. */
  readonly bodyBytesMax: number;
}
