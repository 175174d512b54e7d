/** Requests of Overbooked, on stored Slots and on whatever Appointments lie there. */
import type { Place } from '../bookings/agendas.js';
import type { Client, Request } from '../bookings/client.js';
import { remember, soon } from '../bookings/requests.js';
import type { Reply } from '../bookings/server.js';
import type { Said, ToldBooking } from '../bookings/told.js';
import { headersOf } from './key.js';

type Act = (client: Client) => Promise<void>;

export const OVERBOOKED_ACTS: readonly (readonly [number, Act])[] = [
  [7, book],
  [4, bookWithKey],
  [4, lock],
  [3, unlock],
  [4, changeOf('cancel')],
  [4, reschedule],
  [3, changeOf('enable')],
  [1, remove],
  [1, disableAndEnable],
];

/** Locked, unknown, full, locked to others, disabled, a wrong key. */
const REFUSALS: readonly unknown[] = ['E045', 'E048', 'E049', 'E050', 'E051', 'E059'];

interface Thing {
  readonly _object: 'booking' | 'slot';
  readonly id: string;
  readonly status: string;
  readonly slot_id: string;
  readonly updated_at: string;
  readonly locked_until?: string | null;
}

async function book(client: Client): Promise<void> {
  await client.ask(newBooking(client, storedPlace(client).slot, {}));
}

/** The key may be that of a lock or hold of FHIR. */
async function bookWithKey(client: Client): Promise<void> {
  const at = client.keys.findLastIndex(({ slots: [slot = ''] }) => client.agendas.ofSlot(slot).stored);
  const [{ key, slots: [slot] = [], held } = {}] = at < 0 ? [] : client.keys.splice(at, 1);
  if (key === undefined || slot === undefined) return;
  const request = newBooking(client, slot, { lock_key: key });
  const touches = { ...request.touches, key, ...(held !== undefined && { gives: held }) };
  await client.ask({ ...request, kind: 'overbooked: book with key', touches });
}

async function lock(client: Client): Promise<void> {
  const { slot } = storedPlace(client);
  const { id, ...request } = requestOf(client, 'lock', 'POST', `slots/${slot}/lock`);
  const key = `key-${id}`;
  const until = soon(client);
  const said = await client.ask({
    ...{ ...request, id, body: { lock_until: until, lock_key: key }, touches: { slot, key } },
    api: { isRefusal, saidBy: (reply, answeredMs) => saidOfLock(reply, answeredMs, until) },
  });
  if (said) remember(client, key, [slot]);
}

async function unlock(client: Client): Promise<void> {
  const { key, slots: [slot = ''] = [] } = client.keys.at(-1) ?? {};
  if (key === undefined || !client.agendas.ofSlot(slot).stored) return;
  const request = requestOf(client, 'unlock', 'POST', `slots/${slot}/unlock`);
  await client.ask({ ...request, body: { lock_key: key }, touches: { slot, key } });
}

/** A request without a body that changes a booking. */
function changeOf(name: 'cancel' | 'enable'): Act {
  return async (client) => {
    const id = await anyBooking(client);
    if (id === undefined) return;
    const request = requestOf(client, name, 'POST', `bookings/${id}/${name}`);
    await client.ask({ ...request, touches: { changes: id } });
  };
}

async function reschedule(client: Client): Promise<void> {
  const id = await anyBooking(client);
  if (id === undefined) return;
  const request = requestOf(client, 'reschedule', 'POST', `bookings/${id}/reschedule`);
  await client.ask({ ...request, body: { target_slot_id: storedPlace(client).slot }, touches: { changes: id } });
}

async function remove(client: Client): Promise<void> {
  const id = await anyBooking(client);
  if (id === undefined) return;
  await client.ask({ ...requestOf(client, 'delete', 'DELETE', `bookings/${id}`), touches: { changes: id } });
}

async function disableAndEnable(client: Client): Promise<void> {
  const { slot } = storedPlace(client);
  for (const name of ['disable', 'enable']) {
    await client.ask({ ...requestOf(client, name, 'POST', `slots/${slot}/${name}`), touches: { slot } });
  }
}

function newBooking(client: Client, slot: string, fields: object): Request {
  const request = requestOf(client, 'book', 'POST', 'bookings');
  const metadata = { mark: `${client.agendas.marks}|${request.id}` };
  return { ...request, body: { slot_id: slot, metadata, ...fields }, touches: { makes: [request.id] } };
}

function requestOf(client: Client, kind: string, method: Request['method'], path: string): Request {
  const id = client.worker.newId();
  const headers = headersOf(client.agendas.run);
  return { kind: `overbooked: ${kind}`, id, method, path, headers, api: { isRefusal, saidBy } };
}

function storedPlace({ agendas, worker }: Client): Place {
  const stored = agendas.places.filter((place) => place.stored);
  return stored[worker.random(stored.length)] as Place;
}

/** A booking of this run, whoever made it. */
async function anyBooking(client: Client): Promise<string | undefined> {
  const { slot } = storedPlace(client);
  // Most of what is listed was cancelled long ago.
  const status = client.worker.random(3) === 0 ? 'cancelled' : 'active';
  const { body } = await client.read(`bookings?slot_id=${slot}&status=${status}`, headersOf(client.agendas.run));
  const { data } = body as { readonly data: readonly Thing[] };
  return data[client.worker.random(data.length)]?.id;
}

function isRefusal({ body }: Reply): boolean {
  return REFUSALS.includes((body as { readonly error?: { readonly code: string } }).error?.code);
}

function saidBy({ status, body }: Reply, answeredMs: number): Said {
  const { data } = body as { readonly data?: Partial<Thing> };
  const bookings = data?._object === 'booking' ? [toldOf(data as Thing)] : [];
  return { status, answeredMs, appointments: [], bookings };
}

/** A lock that is not there any more when the answer is made had been opened or was over. */
function saidOfLock(reply: Reply, answeredMs: number, until: string): Said {
  const { data } = reply.body as { readonly data: Thing };
  const isThere = Date.parse(data.locked_until ?? '') === Date.parse(until);
  return { ...saidBy(reply, answeredMs), ...(isThere && { expiresMs: Date.parse(until) }) };
}

function toldOf({ id, status, slot_id: slot, updated_at: updated }: Thing): ToldBooking {
  return { api: 'overbooked', id, status, slot, updatedMs: Date.parse(updated) };
}
