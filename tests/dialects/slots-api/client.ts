/** A client of the Overbooked API beside clients of FHIR: one server, one store, one clock. */
import type request from 'supertest';
import { makeApiKeys } from '../../../server/auth/index.js';
import { newSecret } from '../../../server/base/secret.js';
import { startServer, type TestServer } from '../../journeys/server.js';
import type { StoreUnderTest } from '../../store/stores.js';

/** Where the clock stands at first: the day before the slots of most tests. */
export const NOW = '2031-06-09T12:00:00Z';
export const TEN_MINUTES_MS = 600_000;

/** A slot, a resource or a booking, as it came. */
export type Thing = Readonly<Record<string, unknown>> & { readonly id: string };

export interface Reply {
  readonly status: number;
  readonly body: {
    readonly data?: Thing & readonly Thing[];
    readonly meta?: { readonly limit: number; readonly page: number; readonly total: number };
    readonly success: boolean;
    readonly error?: { readonly code: string; readonly message: string; readonly status: number };
  };
}

/** Calls with one key. */
export interface Caller {
  get(path: string): Promise<Reply>;
  post(path: string, body?: object): Promise<Reply>;
  patch(path: string, body: object): Promise<Reply>;
  delete(path: string): Promise<Reply>;
}

/** A server with a caller of each kind of key. */
export interface OverbookedServer extends TestServer {
  readonly secret: Caller;
  readonly open: Caller;
  readonly secretKey: string;
  /** What cannot be had is a failure of the test. */
  resource(fields?: object): Promise<Thing>;
  slot(resource: Thing, fields?: object): Promise<Thing>;
  booking(slot: Thing, fields?: object): Promise<Thing>;
  /** The slot as it is now. */
  now(thing: Thing): Promise<Thing>;
}

/** Starts a server on an empty store. */
export async function startOverbooked(store: StoreUnderTest, now = NOW): Promise<OverbookedServer> {
  const server = await startServer(store, now);
  const keys = makeApiKeys({ store: server.store, clock: { nowMs: () => server.clock.ms }, newSecret });
  const { key: secretKey } = await keys.create('a server', [], 'secret');
  const { key: publicKey } = await keys.create('a browser', [], 'public');
  const secret = callerWith(server.http, secretKey);
  return {
    ...server,
    secret,
    secretKey,
    open: callerWith(server.http, publicKey),
    async resource(fields = {}) {
      const made = thingIn(await secret.post('/resources', { name: 'Room 2', timezone: 'Europe/Lisbon', ...fields }));
      return thingIn(await secret.post(`/resources/${made.id}/publish`));
    },
    slot: async (resource, fields = {}) =>
      thingIn(await secret.post('/slots', { ...FIRST_SLOT, resource_id: resource.id, ...fields })),
    booking: async (slot, fields = {}) => thingIn(await secret.post('/bookings', { slot_id: slot.id, ...fields })),
    now: async ({ _object, id }) => thingIn(await secret.get(`/${String(_object)}s/${id}`)),
  };
}

/** Times and capacity of a slot on the day after now. */
export const FIRST_SLOT = {
  start_date: '2031-06-10T13:00:00.000Z',
  end_date: '2031-06-10T13:40:00.000Z',
  capacity: 1,
};
export const SECOND_SLOT = { ...FIRST_SLOT, start_date: '2031-06-10T13:40:00Z', end_date: '2031-06-10T14:20:00Z' };

/** As the official client calls: with a Content-Type always, be there a body or not. */
export function callerWith(http: ReturnType<typeof request.agent>, key: string | undefined): Caller {
  const send = async (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object): Promise<Reply> => {
    const asked = http[method](path).set('Content-Type', 'application/json');
    if (key !== undefined) void asked.set('Authorization', `Bearer ${key}`);
    const answer = await (body === undefined ? asked : asked.send(body));
    return { status: answer.status, body: answer.body as Reply['body'] };
  };
  return {
    get: (path) => send('get', path),
    post: (path, body) => send('post', path, body),
    patch: (path, body) => send('patch', path, body),
    delete: (path) => send('delete', path),
  };
}

/** The one thing of a successful answer. @throws {Error} for a refusal */
export function thingIn({ status, body }: Reply): Thing {
  if (status !== 200 || !body.data) throw new Error(JSON.stringify(body));
  return body.data;
}

/** Status and code of a refusal, `200` of a success. */
export function refusalIn({ status, body }: Reply): string {
  return body.success ? String(status) : `${status} ${body.error?.code ?? ''}`;
}

/** An instant, some time from one that is written. */
export function later(text: string, ms: number): string {
  return new Date(Date.parse(text) + ms).toISOString();
}
