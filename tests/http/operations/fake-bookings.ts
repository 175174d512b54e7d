import { expect } from '@jest/globals';
import { fault } from '../../../server/base/fault.js';
import type { BookingAnswer, Bookings, SlotAnswer } from '../../../server/booking/index.js';
import { fakeServer, fakeServices, UPDATED_MS } from '../fake-services.js';
import type { HttpSettings } from '../../../server/http/index.js';

/** When holds and locks of the fake end. */
export const EXPIRES_MS = Date.parse('2027-03-15T12:00:00Z');

/** What every service is told of a request to these servers; who calls and what else came along is tried elsewhere. */
export const CONTEXT: unknown = expect.objectContaining({ base: 'http://x', strict: false });

/** A call of the service: its name and what it was given. */
export type BookingCall = readonly [verb: keyof Bookings, ...given: unknown[]];

/** An Appointment as a service answers it. */
export function appointment(id: string, outcome: 'created' | 'updated' | 'unchanged' = 'created', status = 'booked') {
  const text = `{"resourceType":"Appointment","id":"${id}","status":"${status}"}`;
  return { type: 'Appointment', id, versionId: '2', updatedMs: UPDATED_MS, text, outcome };
}

export const SLOT = {
  type: 'Slot',
  id: 'k3f9-hwtyi-u',
  text: '{"resourceType":"Slot","id":"k3f9-hwtyi-u","status":"busy-tentative"}',
};

const slotAnswer: SlotAnswer = { slot: { ...SLOT, versionId: '5', updatedMs: UPDATED_MS } };

/**
 * A service that decides nothing: it notes each call and gives the answers it was made with. The id `taken` is taken,
 * and `crowded` has too many holds.
 */
export function fakeBookings(answer: Partial<BookingAnswer> = {}) {
  const calls: BookingCall[] = [];
  const booked: BookingAnswer = { appointments: [appointment('a1')], slots: [SLOT], notices: [], ...answer };

  function note<T>(result: T): (verb: keyof Bookings) => (...given: unknown[]) => Promise<T> {
    return (verb) =>
      (first, ...rest) => {
        calls.push([verb, first, ...rest]);
        const said = JSON.stringify(first);
        if (said.includes('taken')) {
          return Promise.reject(fault('conflict', 'Slot/k3f9-hwtxo-u is busy'));
        }
        if (said.includes('crowded')) return Promise.reject(fault('too-many', 'You hold 500 times already.'));
        return Promise.resolve(result);
      };
  }

  const bookings: Bookings = {
    lock: note({ ...slotAnswer, expiresMs: EXPIRES_MS })('lock'),
    unlock: note(slotAnswer)('unlock'),
    disable: note(slotAnswer)('disable'),
    enable: note(slotAnswer)('enable'),
    find: note({
      total: 6,
      proposals: [
        { resourceType: 'Appointment' as const, id: 'k3f9-hwtxo-u', status: 'proposed' as const, participant: [] },
      ],
      self: [['_count', '1'] as const],
      next: [['_count', '1'] as const, ['_cursor', 'b1'] as const],
      notices: [],
    })('find'),
    hold: note({ expiresMs: EXPIRES_MS, ...booked })('hold'),
    book: note(booked)('book'),
    confirm: note(booked)('confirm'),
    cancel: note(booked)('cancel'),
    reschedule: note(booked)('reschedule'),
    conflicts: note([
      { appointment: appointment('a1'), diagnostics: 'Slot/x' },
      { appointment: appointment('a1'), diagnostics: 'Schedule.extension[0]' },
    ])('conflicts'),
  };
  return { calls, bookings };
}

/** A server with operations, and what its booking service saw. */
export function startWith(answer: Partial<BookingAnswer> = {}, settings: Partial<HttpSettings> = {}) {
  const { calls, bookings } = fakeBookings(answer);
  const services = fakeServices();
  const server = fakeServer({ baseUrl: 'http://x', bodyBytesMax: 1_000_000, ...settings }, { ...services, bookings });
  return { server, calls, services };
}

/** A parameter: its name, and what stands beside it. */
export type Pair = readonly [name: string, rest: object];

/** A Parameters resource. */
export function parameters(...pairs: readonly Pair[]): object {
  return { resourceType: 'Parameters', parameter: pairs.map(([name, rest]) => ({ name, ...rest })) };
}
