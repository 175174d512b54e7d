import { weekdayOf } from '../../zones/index.js';
import { ApiError } from './errors.js';
import type { Fields } from './fields.js';
import type { TimeSlotsSettings } from './settings.js';
import type { TimeSlot } from './time-slot.js';
import { bookingDateOf, type BookingDate } from './times.js';

/** Reads `date`, which lies in the zone of a service; before that is known, UTC tells whether it can be read. */
export function dateField(fields: Fields, zone: string, required: boolean): BookingDate | undefined {
  const text = fields.text('date', { required });
  const date = text === undefined ? undefined : bookingDateOf(text, zone);
  if (text !== undefined && !date) {
    fields.note('date', 'invalid_field_format', 'It must be a date such as 2031-03-05, or a timestamp of RFC 3339');
  }
  return date;
}

/** @throws {ApiError} `invalid_request` for a date off the weekday, where the server is set so */
export function refuseWeekday({ strictWeekday }: TimeSlotsSettings, slot: TimeSlot, date: string): void {
  if (!strictWeekday || weekdayOf(date) - 1 === slot.day) return;
  throw new ApiError('invalid_request', `${date} is not of the weekday of time slot ${slot.number}`);
}
