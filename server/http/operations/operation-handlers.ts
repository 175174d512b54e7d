import type { Bookings } from '../../booking/index.js';
import type { Handler } from '../exchange.js';
import type { BookingOperationCode } from '../mounted.js';
import { book } from './book.js';
import { cancel } from './cancel.js';
import { confirm } from './confirm.js';
import { conflicts } from './conflicts.js';
import { disable } from './disable.js';
import { enable } from './enable.js';
import { find } from './find.js';
import { hold } from './hold.js';
import { lock } from './lock.js';
import { reschedule } from './reschedule.js';
import { unlock } from './unlock.js';

/** The handler of each operation of booking. */
export function bookingOperationHandlers(bookings: Bookings): Record<BookingOperationCode, Handler> {
  return {
    find: find(bookings),
    hold: hold(bookings),
    book: book(bookings),
    confirm: confirm(bookings),
    cancel: cancel(bookings),
    reschedule: reschedule(bookings),
    lock: lock(bookings),
    unlock: unlock(bookings),
    disable: disable(bookings),
    enable: enable(bookings),
    conflicts: conflicts(bookings),
  };
}
