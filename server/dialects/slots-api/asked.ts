import type { KeyKind, RequestContext } from '../../booking/index.js';
import type { Members } from './read-body.js';

/** One request, read as far as every endpoint needs it. */
export interface Asked {
  /** Of the path, empty where it names none. */
  readonly id: string;
  readonly query: Members;
  /** The JSON of the body, unread. */
  readonly body: unknown;
  readonly kind: KeyKind;
  /** The caller may go against the rules: this API knows fewer of them (issue 8, point 6). */
  readonly context: RequestContext;
}

/** What goes out besides `success`: `meta` is empty but for lists. */
export interface Answer {
  readonly data: object;
  readonly meta?: Paging;
}

/** The page of a list, as it was applied. */
export interface Paging {
  readonly limit: number;
  readonly page: number;
  /** How many there are on all pages. */
  readonly total: number;
}

/** @throws {SlotsApiError} for what it refuses */
export type Endpoint = (asked: Asked) => Promise<Answer>;

/** What is left of what was deleted. */
export const DELETED: Answer = { data: {} };
