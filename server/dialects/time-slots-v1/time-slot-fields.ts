import { CAPACITY_MAX } from '../../booking/index.js';
import type { Fields } from './fields.js';
import { dayIn, type TimeSlot, type WeekStart } from './time-slot.js';
import { minuteOf, placedTimeOf, type PlacedTime } from './times.js';

const DAY_LAST = 6;

/** The fields of a time slot that a request names. */
export interface TimeSlotFields {
  /** Present: that slot is changed. */
  readonly number?: number;
  readonly fields: Fields;
  readonly values: Partial<Pick<TimeSlot, 'day' | 'start' | 'end' | 'maxBookings'>>;
}

/**
 * Reads the fields of one time slot.
 *
 * @param zone of its service, in which clock times are
 * @param mayName whether an `id` says which slot is meant; else every entry is a new one
 */
export function timeSlotFieldsOf(fields: Fields, zone: string, weekStart: WeekStart, mayName: boolean): TimeSlotFields {
  const number = mayName ? fields.integer('id', 1, Number.MAX_SAFE_INTEGER) : undefined;
  const isNew = number === undefined;
  const isNeeded = (name: string) => ({ required: isNew || fields.has(name) });
  const day = fields.integer('day_of_week', 0, DAY_LAST, isNeeded('day_of_week'));
  const start = placedField(fields, 'start_time', zone, isNeeded('start_time'));
  const end = placedField(fields, 'end_time', zone, isNeeded('end_time'));
  const maxBookings = fields.integer('max_bookings', 1, CAPACITY_MAX, isNeeded('max_bookings'));
  if (start && end) noteOrder(fields, start, end);
  return {
    ...(number !== undefined && { number }),
    fields,
    values: {
      ...(day !== undefined && { day: dayIn(day, weekStart) }),
      ...(start && { start }),
      ...(end && { end }),
      ...(maxBookings !== undefined && { maxBookings }),
    },
  };
}

function placedField(
  fields: Fields,
  name: string,
  zone: string,
  rule: { readonly required: boolean },
): PlacedTime | undefined {
  const text = fields.text(name, rule);
  const time = text === undefined ? undefined : placedTimeOf(text, zone);
  if (text === undefined) return undefined;
  if (!time) fields.note(name, 'invalid_field_format', 'It must be a time such as 2031-01-01 13:30:00');
  else if (!time.clock.endsWith(':00')) fields.note(name, 'invalid_field_format', 'It must be at a whole minute');
  else return time;
  return undefined;
}

/** Notes an end that does not come after the start. */
export function noteOrder(fields: Fields, start: PlacedTime, end: PlacedTime): void {
  if (minuteOf(start.clock) < minuteOf(end.clock)) return;
  fields.note('end_time', 'invalid_field_format', 'Its clock time must be later than that of start_time');
}
