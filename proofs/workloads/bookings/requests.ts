/** The mixed requests: each kind with how often it comes. */
import type { Appointment } from 'fhir/r4.js';
import { parameters, timeOf, type Client, type Request } from './client.js';
import type { Seen } from './told.js';

type Act = (client: Client) => Promise<void>;

/** How long holds and locks last: some end while others want their time. */
const HOLD_MS_MAX = 4_000;
const HOLD_MS_MIN = 500;
const ONE_IN = 3;
const KEYS_MAX = 6;

const ACTS: readonly (readonly [number, Act])[] = [
  [14, post],
  [8, bookBare],
  [4, bookTwo],
  [14, hold],
  [8, bookOrConfirmHeld],
  [10, cancel],
  [4, cancelByWriting],
  [10, reschedule],
  [6, moveByWriting],
  [3, exchangeForAnother],
  [3, advance],
  [1, remove],
  [6, lock],
  [2, lockByPatch],
  [4, unlock],
  [4, postWithKey],
  [1, disableAndEnable],
];
const WEIGHTS = ACTS.reduce((sum, [weight]) => sum + weight, 0);

/** Makes one request, or a few that belong together. */
export async function anyRequest(client: Client): Promise<void> {
  let left = client.worker.random(WEIGHTS);
  for (const [weight, act] of ACTS) {
    left -= weight;
    if (left < 0) return act(client);
  }
}

function newBooking(client: Client, kind: string, path: string, status: Appointment['status']): Request {
  const { worker, agendas } = client;
  const id = worker.newId();
  const places = client.anyPlaces();
  const isConditional = path === 'Appointment' && worker.random(ONE_IN) === 0;
  return {
    ...{ kind, id, method: 'POST', path, touches: { makes: [id] } },
    body: client.resource(id, places, status, client.poolFor(places)),
    headers: isConditional
      ? { 'If-None-Exist': `identifier=${encodeURIComponent(`${agendas.marks}|${id}`)}` }
      : { 'Idempotency-Key': `${agendas.run.id}-${id}` },
  };
}

async function post(client: Client): Promise<void> {
  await client.ask(newBooking(client, 'post', 'Appointment', 'booked'));
}

async function bookBare(client: Client): Promise<void> {
  await client.ask(newBooking(client, '$book', 'Appointment/$book', 'proposed'));
}

/** Two Appointments, all or none. */
async function bookTwo(client: Client): Promise<void> {
  const request = newBooking(client, '$book of two', 'Appointment/$book', 'proposed');
  const places = client.anyPlaces();
  const second = client.resource(`${request.id}.2`, places, 'proposed', client.poolFor(places));
  const both = [request.body as Appointment, second].map((resource) => ({ name: 'appointment', resource }));
  await client.ask({
    ...request,
    body: { resourceType: 'Parameters', parameter: both },
    touches: { makes: [request.id, `${request.id}.2`] },
  });
}

async function hold(client: Client): Promise<void> {
  const { random } = client.worker;
  const request = newBooking(client, '$hold', 'Appointment/$hold', 'proposed');
  const key = random(ONE_IN) === 0 ? `key-${request.id}` : undefined;
  const body = parameters({
    'appt-resource': { resource: request.body as Appointment },
    until: random(ONE_IN) > 0 ? { valueDateTime: soon(client) } : undefined,
    key: key === undefined ? undefined : { valueString: key },
  });
  const said = await client.ask({ ...request, body });
  const [held] = said?.appointments ?? [];
  if (held && key !== undefined) remember(client, key, held.slots, held.id);
}

async function bookOrConfirmHeld(client: Client): Promise<void> {
  const { random } = client.worker;
  const one = client.known.findLast(({ status }) => status === 'pending') ?? (await client.anyAppointment());
  if (!one) return;
  const key = client.keys.find(({ held }) => held === one.id)?.key;
  const name = random(2) === 0 ? '$book' : '$confirm';
  await operation(client, one, name, { key: key === undefined ? undefined : { valueString: key } });
}

async function cancel(client: Client): Promise<void> {
  const one = await client.anyAppointment();
  if (one) await operation(client, one, '$cancel', {});
}

async function reschedule(client: Client): Promise<void> {
  const one = await client.anyAppointment();
  const { start } = timeOf([client.anyPlace()]);
  if (one) await operation(client, one, '$reschedule', { start: { valueDateTime: start } });
}

/** One in three asks again with one key until it is answered; of the others, some answers are lost. */
async function operation(
  client: Client,
  { id }: Seen,
  name: string,
  values: Parameters<typeof parameters>[0],
): Promise<void> {
  const attempt = client.worker.newId();
  const isRepeatable = client.worker.random(ONE_IN) === 0;
  await client.ask({
    ...{ kind: name, id: attempt, method: 'POST', path: `Appointment/${id}/${name}`, body: parameters(values) },
    touches: { changes: id },
    ...(isRepeatable && { headers: { 'Idempotency-Key': `${client.agendas.run.id}-${attempt}` } }),
  });
}

async function cancelByWriting(client: Client): Promise<void> {
  await patchStatus(client, 'cancelled');
}

/** Statuses that keep the time, and one that gives it up. */
async function advance(client: Client): Promise<void> {
  await patchStatus(client, client.worker.random(2) === 0 ? 'arrived' : 'noshow');
}

async function patchStatus(client: Client, status: Appointment['status']): Promise<void> {
  const one = await client.anyAppointment();
  if (!one) return;
  const isConditional = client.worker.random(2) === 0;
  await client.ask({
    ...{ kind: `patch: ${status}`, id: client.worker.newId(), method: 'PATCH', path: `Appointment/${one.id}` },
    body: [{ op: 'replace', path: '/status', value: status }],
    touches: { changes: one.id },
    ...(isConditional && { headers: { 'If-Match': `W/"${String(one.version)}"` } }),
  });
}

/** By PUT: another time, and often booked again where it was cancelled. */
async function moveByWriting(client: Client): Promise<void> {
  const one = await client.anyAppointment();
  if (!one) return;
  const { status, headers, body } = await client.read(`Appointment/${one.id}`);
  if (status !== 200) return;
  const places = client.anyPlaces();
  const isOfPools = places[0]?.agenda === 'pools';
  if (isOfPools !== (one.pool !== undefined)) return;
  const moved: Appointment = {
    ...(body as Appointment),
    slot: places.map(({ slot }) => ({ reference: `Slot/${slot}` })),
    ...timeOf(places),
    ...(client.worker.random(2) === 0 && { status: 'booked' }),
  };
  delete moved.supportingInformation;
  delete moved.cancelationReason;
  await client.ask({
    ...{ kind: 'put', id: client.worker.newId(), method: 'PUT', path: `Appointment/${one.id}`, body: moved },
    headers: { 'If-Match': headers.get('etag') ?? '' },
    touches: { changes: one.id },
  });
}

/** A new time, for which an older Appointment is given up, or neither. */
async function exchangeForAnother(client: Client): Promise<void> {
  const one = await client.anyAppointment();
  if (!one) return;
  const request = newBooking(client, '$book for another', 'Appointment/$book', 'proposed');
  const body = parameters({
    'appt-resource': { resource: request.body as Appointment },
    'cancelled-appt-id': { valueUri: `Appointment/${one.id}` },
  });
  await client.ask({ ...request, body, touches: { makes: [request.id], gives: one.id } });
}

async function remove(client: Client): Promise<void> {
  const one = await client.anyAppointment();
  if (!one) return;
  const request = {
    kind: 'delete',
    id: client.worker.newId(),
    method: 'DELETE',
    path: `Appointment/${one.id}`,
  } as const;
  await client.ask({ ...request, touches: { changes: one.id } });
}

async function lock(client: Client): Promise<void> {
  const id = client.worker.newId();
  const { slot } = client.anyPlace();
  const key = `key-${id}`;
  const said = await client.ask({
    ...{ kind: '$lock', id, method: 'POST', path: `Slot/${slot}/$lock`, touches: { slot, key } },
    body: parameters({ until: { valueDateTime: soon(client) }, key: { valueString: key } }),
  });
  if (said) remember(client, key, [slot]);
}

async function unlock(client: Client): Promise<void> {
  const { key, slots } = client.keys.at(-1) ?? {};
  const [slot] = slots ?? [client.anyPlace().slot];
  if (slot === undefined || key === undefined) return;
  await client.ask({
    ...{ kind: '$unlock', id: client.worker.newId(), method: 'POST', path: `Slot/${slot}/$unlock` },
    ...{ body: parameters({ key: { valueString: key } }), touches: { slot, key } },
  });
}

/** Such a lock has no key, and opens to the same caller. */
async function lockByPatch(client: Client): Promise<void> {
  const { slot } = client.anyPlace();
  const { headers } = await client.read(`Slot/${slot}`);
  await client.ask({
    ...{ kind: 'patch: lock', id: client.worker.newId(), method: 'PATCH', path: `Slot/${slot}`, touches: { slot } },
    body: [{ op: 'replace', path: '/status', value: 'busy-tentative' }],
    headers: { 'If-Match': headers.get('etag') ?? '' },
  });
}

/** The key of a lock or hold of its own books the time; a hold is given up for it. */
async function postWithKey(client: Client): Promise<void> {
  const { key, slots = [], held } = client.keys.pop() ?? {};
  if (key === undefined) return;
  const id = client.worker.newId();
  const places = slots.map((slot) => client.agendas.ofSlot(slot));
  await client.ask({
    ...{ kind: 'post with key', id, method: 'POST', path: 'Appointment' },
    body: client.resource(id, places, 'booked', client.poolFor(places)),
    headers: { 'X-Slot-Key': key, 'Idempotency-Key': `${client.agendas.run.id}-${id}` },
    touches: { makes: [id], key, ...(held !== undefined && { gives: held }) },
  });
}

async function disableAndEnable(client: Client): Promise<void> {
  const { slot } = client.anyPlace();
  for (const name of ['$disable', '$enable']) {
    await client.ask({
      ...{ kind: name, id: client.worker.newId(), method: 'POST', path: `Slot/${slot}/${name}`, body: parameters({}) },
      touches: { slot },
    });
  }
}

export function remember(client: Client, key: string, slots: readonly string[], held?: string): void {
  client.keys.push({ key, slots, ...(held !== undefined && { held }) });
  client.keys.splice(0, client.keys.length - KEYS_MAX);
}

export function soon({ worker }: Client): string {
  return new Date(Date.now() + HOLD_MS_MIN + worker.random(HOLD_MS_MAX)).toISOString();
}
