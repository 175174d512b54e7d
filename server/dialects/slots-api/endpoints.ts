import type { Endpoint } from './asked.js';
import { getBooking, listBookings } from './bookings-read.js';
import {
  cancelBooking,
  createBooking,
  deleteBooking,
  enableBooking,
  rescheduleBooking,
  updateBooking,
} from './bookings-write.js';
import { lockSlot, unlockSlot } from './locks.js';
import type { SlotsApiParts } from './parts.js';
import { deleteResource } from './resources-delete.js';
import { getResource, listResources } from './resources-read.js';
import { createResource, publishResource, updateResource } from './resources-write.js';
import { getSlot, listSlots } from './slots-read.js';
import { createSlots, deleteSlot, enableSlot, updateSlot } from './slots-write.js';

/** One endpoint, where it is and which keys it takes. */
export interface EndpointRow {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  readonly path: string;
  readonly keys: 'any' | 'secret';
  readonly endpoint: Endpoint;
}

/** Every endpoint there is: https://docs.overbooked.io */
export function endpointsOf(parts: SlotsApiParts): readonly EndpointRow[] {
  const any = (method: EndpointRow['method'], path: string, endpoint: Endpoint) =>
    ({ method, path, keys: 'any', endpoint }) as const;
  const secret = (method: EndpointRow['method'], path: string, endpoint: Endpoint) =>
    ({ method, path, keys: 'secret', endpoint }) as const;
  return [
    secret('post', '/resources', createResource(parts)),
    any('get', '/resources', listResources(parts)),
    any('get', '/resources/:id', getResource(parts)),
    secret('patch', '/resources/:id', updateResource(parts)),
    secret('post', '/resources/:id/publish', publishResource(parts, true)),
    secret('post', '/resources/:id/convert-draft', publishResource(parts, false)),
    secret('delete', '/resources/:id', deleteResource(parts)),
    secret('post', '/slots', createSlots(parts)),
    any('get', '/slots', listSlots(parts)),
    any('get', '/slots/:id', getSlot(parts)),
    secret('patch', '/slots/:id', updateSlot(parts)),
    secret('post', '/slots/:id/enable', enableSlot(parts, true)),
    secret('post', '/slots/:id/disable', enableSlot(parts, false)),
    any('post', '/slots/:id/lock', lockSlot(parts)),
    any('post', '/slots/:id/unlock', unlockSlot(parts)),
    secret('delete', '/slots/:id', deleteSlot(parts)),
    any('post', '/bookings', createBooking(parts)),
    any('get', '/bookings', listBookings(parts)),
    any('get', '/bookings/:id', getBooking(parts)),
    any('patch', '/bookings/:id', updateBooking(parts)),
    any('post', '/bookings/:id/cancel', cancelBooking(parts)),
    any('post', '/bookings/:id/enable', enableBooking(parts)),
    any('post', '/bookings/:id/reschedule', rescheduleBooking(parts)),
    secret('delete', '/bookings/:id', deleteBooking(parts)),
  ];
}
