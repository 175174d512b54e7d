import { fault } from '../../server/base/fault.js';
import type {
  Bookings,
  Caller,
  Histories,
  Param,
  RequestContext,
  Resources,
  SearchAnswer,
  Searches,
  Target,
  Transactions,
  Validations,
  Written,
} from '../../server/booking/index.js';
import type { ParsedJson } from '../../server/fhir/index.js';
import { fhirApp, makeHttpServer, type HttpSettings } from '../../server/http/index.js';

/** When the fakes say that everything was written: a moment with milliseconds, which HTTP dates do not have. */
export const UPDATED_MS = Date.parse('2027-03-15T13:00:00.250Z');
export const LAST_MODIFIED = 'Mon, 15 Mar 2027 13:00:00 GMT';

/** One call of a service, as it arrived there. */
export interface Call {
  readonly verb: string;
  readonly type: string;
  readonly id?: string;
  readonly body?: ParsedJson;
  readonly context?: RequestContext;
  readonly ifMatch?: string | null | undefined;
  readonly condition?: readonly Param[] | undefined;
  readonly params?: readonly Param[];
}

/** Finds nothing wrong with anything. */
const validations: Validations = { validate: () => Promise.resolve({ faults: [], unknownProfiles: [] }) };

const EMPTY: SearchAnswer = { self: [], matches: [], included: [], remarks: [] };

/**
 * Services that decide nothing: every id is at version 3 but `unknown` (404) and `deleted` (410), `computed` refuses
 * to be written (405), `broken` crashes, `new` is created by an update. They note each call.
 */
export function fakeServices(answer: SearchAnswer = EMPTY) {
  const calls: Call[] = [];

  function version(type: string, id: string, versionId = '3'): Omit<Written, 'outcome'> {
    if (id === 'unknown') throw fault('not-found', `${type}/${id} does not exist.`);
    if (id === 'deleted') throw fault('gone', `${type}/${id} was deleted.`);
    if (id === 'broken') throw new TypeError('a secret of ours');
    const text = `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${versionId}"},"multipleBirth":1.50}`;
    return { type, id, versionId, updatedMs: UPDATED_MS, text };
  }

  function written(call: Call, outcome: Written['outcome']): Promise<Written> {
    calls.push(call);
    return Promise.resolve().then(() => ({ ...version(call.type, call.id ?? '1'), outcome }));
  }

  const resources: Resources = {
    read: (type, id, context) => {
      calls.push({ verb: 'read', type, id, context });
      return Promise.resolve().then(() => version(type, id));
    },
    version: (type, id, versionId) => Promise.resolve().then(() => version(type, id, versionId)),
    create: (type, body, context, condition) =>
      written({ verb: 'create', type, body, context, condition }, condition ? 'found' : 'created'),
    update: (type, target, body, context, ifMatch) => {
      const id = idOf(target);
      if (id === 'computed') return Promise.reject(fault('method', 'Computed slots cannot be written.'));
      return written({ verb: 'update', type, id, body, context, ifMatch }, id === 'new' ? 'created' : 'updated');
    },
    patch: (type, target, { body }, context, ifMatch) =>
      written({ verb: 'patch', type, id: idOf(target), body, context, ifMatch }, 'updated'),
    metaInUse: () => Promise.resolve({}),
    remove: async (type, target, context, ifMatch) => {
      const id = idOf(target);
      const removed = await written({ verb: 'remove', type, id, context, ifMatch }, 'updated');
      return id === 'never' ? undefined : removed;
    },
    load: () => Promise.reject(new Error('load is not for HTTP')),
  };

  function searched(call: Call, params: readonly Param[]): Promise<SearchAnswer> {
    calls.push({ ...call, params });
    return Promise.resolve({ ...answer, self: params });
  }

  const searches: Searches = {
    search: (type, params, context) => searched({ verb: 'search', type, context }, params),
    searchSystem: (params, context) => searched({ verb: 'search-system', type: '', context }, params),
    everything: (id = '', params, context) => searched({ verb: 'everything', type: 'Patient', id, context }, params),
    check: () => undefined,
  };

  const histories: Histories = {
    history: ({ type = '', id = '' }, params, context) => {
      calls.push({ verb: 'history', type, id, params, context });
      const one = { ...version(type || 'Slot', id || '1'), updatedMs: UPDATED_MS };
      return Promise.resolve({ self: params, versions: [{ ...one, change: 'updated' }] });
    },
  };

  const transactions: Transactions = {
    transact: (entries, context) => {
      calls.push({ verb: 'transact', type: 'Bundle', context });
      return Promise.resolve(entries.map(() => null));
    },
  };

  return { calls, resources, searches, histories, transactions, validations };
}

/** A condition finds what is named by the first of its values. */
function idOf(target: Target): string {
  return typeof target === 'string' ? target : (target[0]?.[1] ?? '');
}

/** Errors that were logged. */
export interface Logged {
  readonly fields: object;
  readonly message: string;
}

/** A server over fakes, not listening yet: supertest does that. */
export function fakeServer(
  settings: Partial<HttpSettings> = {},
  services: Pick<ReturnType<typeof fakeServices>, 'resources' | 'searches'> & {
    readonly histories?: Histories;
    readonly transactions?: Transactions;
    readonly validations?: Validations;
    readonly bookings?: Bookings;
  } = fakeServices(),
  { ping = () => Promise.resolve(), debug = false, callers = new Map<string, Caller>() } = {},
) {
  const logged: Logged[] = [];
  const note = (fields: object, message: string) => void logged.push({ fields, message });
  const app = fhirApp({
    ...fakeServices(),
    ...services,
    clock: { nowMs: () => UPDATED_MS },
    log: { isLevelEnabled: () => debug, debug: note, error: note },
    settings: { corsOrigin: '*', bodyBytesMax: 10_000, version: '0.0.0', trustProxy: 0, ...settings },
    ping,
    callerOfKey: (key) => Promise.resolve(callers.get(key)),
  });
  return Object.assign(makeHttpServer(app), { logged, app });
}
