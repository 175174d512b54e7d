/** A server with a key of each kind, and ReserveKit's calls written the short way. */
import { expect } from '@jest/globals';
import type { Server } from 'node:http';
import request from 'supertest';
import { makeApp, type AppDeps } from '../../../server/app.js';
import { documentOfKey, putOf } from '../../../server/auth/key-record.js';
import { checkStore } from '../../../server/booking/check-claims.js';
import type { Store } from '../../../server/store/index.js';
import { BOOKING_SETTINGS } from '../../journeys/server.js';
import type { StoreUnderTest } from '../../store/stores.js';

export const SECRET_KEY = 'sk_rsv_secret';
export const PUBLIC_KEY = 'pk_rsv_public';
/** A key of FHIR clients, which is of no kind. */
export const OTHER_KEY = 'fsk_other';
export const NOW = '2031-02-20T03:10:00Z';
const HOST = '127.0.0.1:8080';

export type Json = Readonly<Record<string, unknown>>;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json & { readonly data?: unknown };
}

export interface ReserveKit {
  readonly store: Store;
  readonly server: Server;
  readonly clock: { ms: number };
  readonly fhir: ReturnType<typeof request.agent>;
  /** `GET /services/1`, as the holder of a key (absent: the secret one; empty: none). */
  call(line: string, body?: unknown, key?: string): Promise<Answer>;
  /** Nothing in the store contradicts anything else. */
  expectSound(): Promise<void>;
  close(): Promise<void>;
}

const nothing = () => undefined;
const SILENT = { isLevelEnabled: () => false, debug: nothing, info: nothing, warn: nothing, error: nothing };

type More = Partial<AppDeps['settings']>;

/** A server over a place of its own, whose week begins on Monday unless the settings say otherwise. */
export async function startReserveKit(under: StoreUnderTest, settings: More = {}): Promise<ReserveKit> {
  const place = await under.newPlace();
  const store = await place.open();
  const clock = { ms: Date.parse(NOW) };
  await keep(store, SECRET_KEY, 'secret', clock.ms);
  await keep(store, PUBLIC_KEY, 'public', clock.ms);
  await keep(store, OTHER_KEY, undefined, clock.ms);
  let ids = 0;
  const { server } = makeApp({
    store,
    clock: { nowMs: () => clock.ms },
    newId: () => `new-${(ids += 1)}`,
    log: SILENT,
    settings: {
      ...{ baseUrl: undefined, defaultTimezone: 'UTC', corsOrigin: '*', bodyBytesMax: 1_048_576, trustProxy: 0 },
      ...{ overbookedApi: 'on', reservekitApi: 'on', booking: BOOKING_SETTINGS },
      reservekit: { weekStart: 'monday' },
      ...settings,
    },
    version: 'test',
  });
  const agent = request.agent(server).set('Host', HOST);
  return {
    ...{ store, server, clock, fhir: agent },
    async call(line, body, key = SECRET_KEY) {
      const [method = '', path = ''] = line.split(' ');
      const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
      const asked = request(server)[verb](`/v1${path}`).set('Host', HOST).set('Content-Type', 'application/json');
      if (key !== '') asked.set('Authorization', key.includes(' ') ? key : `Bearer ${key}`);
      const answer = await (body === undefined ? asked : asked.send(JSON.stringify(body)));
      return { status: answer.status, headers: answer.headers, body: answer.body as Answer['body'] };
    },
    async expectSound() {
      expect(await checkStore(store, clock.ms)).toEqual([]);
    },
    async close() {
      await store.close();
      await place.remove();
    },
  };
}

async function keep(store: Store, key: string, kind: 'public' | 'secret' | undefined, nowMs: number): Promise<void> {
  const record = { name: key, rights: [], createdMs: nowMs, tail: '', ...(kind && { kind }) };
  await store.commit([putOf(documentOfKey(key), record, 0, nowMs)]);
}

/** The data of an answer that has the status. */
export function dataOf(answer: Answer, status = 200): Json {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status });
  return answer.body.data as Json;
}

/** The entries of a list in the data of an answer. */
export function listIn(answer: Answer, name: string): readonly Json[] {
  return dataOf(answer)[name] as readonly Json[];
}

/** What is told of a refusal. */
export function refusalOf({ status, body }: Answer): string {
  return `${status} ${String(body['code'])}`;
}

/** A time slot on Mondays from 13:30 to 14:15, unless the fields say otherwise. */
export function slotInput(fields: Json = {}): Json {
  return {
    day_of_week: 0,
    start_time: '2031-01-01 13:30:00',
    end_time: '2031-01-01 14:15:00',
    max_bookings: 2,
    ...fields,
  };
}

/** A service in Kuala Lumpur with time slots, and the ids that these got, in their order. */
export async function madeService(kit: ReserveKit, slots: readonly Json[] = [slotInput()]) {
  const made = await kit.call('POST /services', { name: 'Blood donation', timezone: 'Asia/Kuala_Lumpur' });
  const service = dataOf(made, 201)['id'] as number;
  const answer = await kit.call('PATCH /time-slots', { service_id: service, time_slots: slots });
  const ids = (dataOf(answer) as unknown as readonly Json[]).map(({ id }) => id as number);
  return { service, ids, slot: ids[0] ?? 0 };
}

let customers = 0;

/** A booking of somebody new. */
export function bookingInput(slot: number, date: string, fields: Json = {}): Json {
  customers += 1;
  return { time_slot_id: slot, date, customer_email: `c${customers}@clinic.test`, ...fields };
}
