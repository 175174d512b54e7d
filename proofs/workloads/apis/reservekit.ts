/** Requests of ReserveKit, on the time slots of the service of the run, this week and the next. */
import type { Place } from '../bookings/agendas.js';
import type { Client, Request } from '../bookings/client.js';
import type { Reply } from '../bookings/server.js';
import { markIn, resourcesIn, type Said, type ToldBooking } from '../bookings/told.js';
import { headersOf } from './key.js';

type Act = (client: Client) => Promise<void>;

export const RESERVEKIT_ACTS: readonly (readonly [number, Act])[] = [
  [14, book],
  [5, cancel],
  [4, update('cancelled')],
  [4, update('confirmed')],
  [6, move],
  [1, remove],
];

/** Codes of refusals; that something has another's key is told by the status. */
const REFUSALS: readonly unknown[] = ['time_slot_full', 'booking_not_found', 'invalid_status_transition', 'forbidden'];
/** How many bookings a client knows, the newest; and how seldom it asks which others there are. */
const KNOWN_MAX = 20;
const LISTED_ONE_IN = 40;
const EMAILS_ONE_IN = 4;
const EMAILS = 3;

/** A booking as it is answered. */
export interface Booking {
  readonly id: number;
  readonly time_slot_id: number;
  readonly date: string;
  readonly status: string;
  readonly message: string | null;
  readonly version: number;
}

const knownTo = new WeakMap<Client, Booking[]>();

/** One in some books for a person who books often, and must not have a time twice. */
async function book(client: Client): Promise<void> {
  const place = servicePlace(client);
  const request = requestOf(client, 'book', 'POST', 'v1/bookings');
  const { random } = client.worker;
  const who = random(EMAILS_ONE_IN) === 0 ? `often-${String(random(EMAILS))}` : request.id;
  const body = {
    ...{ time_slot_id: timeSlotOf(client, place), date: client.agendas.dateOf(place) },
    ...{ customer_email: `${who}@clinic.test`, message: `${client.agendas.marks}|${request.id}` },
  };
  const isRefusalOfNew = (reply: Reply) => isRefusal(reply) || codeIn(reply) === 'duplicate_booking';
  const api = { ...request.api, isRefusal: isRefusalOfNew };
  await client.ask({ ...request, body, api, touches: { makes: [request.id] } });
}

async function cancel(client: Client): Promise<void> {
  const one = await anyBooking(client);
  if (!one) return;
  const request = requestOf(client, 'cancel', 'POST', `v1/bookings/${String(one.number)}/cancel`);
  await client.ask({ ...request, touches: { changes: one.appointment } });
}

function update(status: 'cancelled' | 'confirmed'): Act {
  const reason = status === 'cancelled' ? { cancel_reason: 'moved house' } : {};
  return (client) => patch(client, status, { status, ...reason });
}

async function move(client: Client): Promise<void> {
  await patch(client, 'move', { date: client.agendas.dateOf(servicePlace(client)) });
}

async function patch(client: Client, kind: string, body: object): Promise<void> {
  const one = await anyBooking(client);
  if (!one) return;
  const request = requestOf(client, kind, 'PATCH', `v1/bookings/${String(one.number)}`);
  await client.ask({ ...request, body, touches: { changes: one.appointment } });
}

async function remove(client: Client): Promise<void> {
  const one = await anyBooking(client);
  if (!one) return;
  const request = requestOf(client, 'delete', 'DELETE', `v1/bookings/${String(one.number)}`);
  await client.ask({ ...request, touches: { changes: one.appointment } });
}

function requestOf(client: Client, kind: string, method: Request['method'], path: string) {
  const id = client.worker.newId();
  const headers = headersOf(client.agendas.run);
  const saidBy = (reply: Reply, answeredMs: number) => saidTo(client, reply, answeredMs);
  return { kind: `reservekit: ${kind}`, id, method, path, headers, api: { isRefusal, saidBy } };
}

function servicePlace({ agendas, worker }: Client): Place {
  const places = agendas.places.filter(({ agenda }) => agenda === 'service' || agenda === 'nextWeek');
  return places[worker.random(places.length)] as Place;
}

function timeSlotOf({ agendas }: Client, { at }: Place): number {
  return agendas.service?.timeSlots[at] ?? 0;
}

/** A booking that this client was told of, whoever made it. */
async function anyBooking(client: Client): Promise<{ number: number; appointment: string } | undefined> {
  const { random } = client.worker;
  if (random(LISTED_ONE_IN) === 0) await list(client);
  const known = knownTo.get(client) ?? [];
  const one = known[random(known.length)];
  return one && { number: one.id, appointment: await appointmentOf(client, one) };
}

/** Learns of bookings that others have made, by FHIR too. */
async function list(client: Client): Promise<void> {
  const { run, service } = client.agendas;
  const { body } = await client.read(`v1/services/${String(service?.number)}/bookings`, headersOf(run));
  const { data } = body as { readonly data: { readonly bookings: readonly Booking[] } };
  // What Overbooked made has its mark where this API shows none.
  const marked = data.bookings.filter(({ message }) => message?.startsWith(client.agendas.marks));
  for (let count = 0; count < KNOWN_MAX / 2 && marked.length > 0; count += 1) {
    remember(client, marked[client.worker.random(marked.length)] as Booking);
  }
}

/** A booking that FHIR has made is found by its mark; what is not found so was made here, and its number is its id. */
async function appointmentOf(client: Client, { id, message }: Booking): Promise<string> {
  const identifier = encodeURIComponent(`${client.agendas.marks}|${markIn(message ?? '')}`);
  const { body } = await client.read(`Appointment?identifier=${identifier}`);
  return resourcesIn(body)[0]?.id ?? `rk-booking-${String(id)}`;
}

function remember(client: Client, booking: Booking): void {
  const known = (knownTo.get(client) ?? []).filter(({ id }) => id !== booking.id);
  knownTo.set(client, [...known, booking].slice(-KNOWN_MAX));
}

function codeIn({ body }: Reply): unknown {
  return (body as { readonly code?: string }).code;
}

function isRefusal(reply: Reply): boolean {
  return REFUSALS.includes(codeIn(reply));
}

function saidTo(client: Client, { status, body }: Reply, answeredMs: number): Said {
  const { data } = body as { readonly data: Booking | 'ok' };
  if (data === 'ok') return { status, answeredMs, appointments: [] };
  remember(client, data);
  return { status, answeredMs, appointments: [], bookings: [toldOf(client, data)] };
}

function toldOf({ agendas }: Client, { message, version, status, time_slot_id: number, date }: Booking): ToldBooking {
  const at = agendas.service?.timeSlots.indexOf(number) ?? -1;
  const places = [agendas.at('service', at), agendas.at('nextWeek', at)];
  const slot = places.find((place) => agendas.dateOf(place) === date)?.slot ?? 'none of the service';
  return { api: 'reservekit', mark: markIn(message ?? ''), version, status, slot };
}
