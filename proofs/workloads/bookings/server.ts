/** A whole server in this process, and a client that speaks to it over a socket. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type * as AppModule from '../../../server/app.js';
import type * as AuthModule from '../../../server/auth/index.js';
import type { Clock } from '../../../server/base/clock.js';
import type { NewId } from '../../../server/base/ids.js';
import type * as BookingModule from '../../../server/booking/index.js';
import type { Store } from '../../../server/store/index.js';

/** What a server is made of. The programs load it from the build, the tests from the source. */
export interface Parts {
  readonly makeApp: typeof AppModule.makeApp;
  /** What `fhir-slots check` is, as a second checker beside those of this workload. */
  readonly checkStore: typeof BookingModule.checkStore;
  readonly makeApiKeys: typeof AuthModule.makeApiKeys;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where there is none. */
  readonly body: unknown;
}

export interface Asking {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ServerInProcess {
  /** Without a slash at the end. */
  readonly base: string;
  /** @throws {Error} `kind: 'unavailable'` where no answer comes */
  ask(asking: Asking): Promise<Reply>;
  /** What the server has said of failures of its own since this was asked last. */
  takeErrors(): readonly string[];
  close(): Promise<void>;
}

/** Short, so that holds and locks end while others want their time. In minutes. */
const HOLD_DEFAULT = 0.05;
const LOCK_DEFAULT = 0.03;
export const LOCK_DEFAULT_MS = LOCK_DEFAULT * 60_000;
const HOLDS_MAX = 1_000_000;
/** Who can be in one place at a time, for the server and for who checks it. */
export const EXCLUSIVE_ACTORS: readonly BookingModule.ExclusiveActor[] = ['Practitioner', 'Device'];

/** Starts a server over a store, at any free port of this machine. */
export async function serve(
  store: Store,
  { makeApp, clock, newId }: Pick<Parts, 'makeApp' | 'clock' | 'newId'>,
): Promise<ServerInProcess> {
  const errors: string[] = [];
  const nothing = () => undefined;
  const told = (fields: object, message: string) => void errors.push(`${message} ${textOfFields(fields)}`);
  const { server } = makeApp({
    ...{ store, clock, newId, version: 'proof' },
    log: { isLevelEnabled: () => false, debug: nothing, error: told },
    settings: {
      ...{ baseUrl: undefined, defaultTimezone: 'UTC', corsOrigin: '*', bodyBytesMax: 1_048_576, trustProxy: 0 },
      ...{ overbookedApi: 'on', reservekitApi: 'on' },
      booking: {
        ...{ holdMinutesDefault: HOLD_DEFAULT, holdMinutesMax: 60, lockHoursMax: 24, lockMinutesDefault: LOCK_DEFAULT },
        ...{ holdsPerCallerMax: HOLDS_MAX, exclusiveActors: EXCLUSIVE_ACTORS },
      },
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${String(port)}`;
  return {
    base,
    ask: (asking) => ask(base, asking),
    takeErrors: () => errors.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function ask(base: string, { method, path, body, headers }: Asking): Promise<Reply> {
  const type = method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json';
  const init = {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': type }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  try {
    const response = await fetch(`${base}/${path}`, init);
    const text = await response.text();
    return {
      ...{ status: response.status, headers: response.headers },
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  } catch (thrown) {
    throw Object.assign(new Error('No answer came.', { cause: thrown }), { kind: 'unavailable' });
  }
}

function textOfFields(fields: object): string {
  return Object.values(fields)
    .map((value: unknown) => (value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value)))
    .join(' ');
}
