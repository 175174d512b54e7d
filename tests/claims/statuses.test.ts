/** The closed table of design §4, 'Status changes of an Appointment', all of it. */
import { describe, expect, test } from '@jest/globals';
import { occupies, statusChange, timeChange, type AppointmentStatus } from '../../server/claims/index.js';

const STATUSES: readonly AppointmentStatus[] = [
  ...(['proposed', 'waitlist', 'pending', 'booked', 'arrived'] as const),
  ...(['checked-in', 'fulfilled', 'noshow', 'cancelled', 'entered-in-error'] as const),
];

/** `=` to itself, `+` allowed and wins the time, `o` allowed and keeps it, `-` frees it, `.` has none, `x` refused. */
const TABLE = `
                  pr wa pe bo ar ch fu no ca en
proposed          =  .  +  +  x  x  x  x  .  .
waitlist          x  =  +  +  x  x  x  x  .  .
pending           x  x  =  o  x  x  x  x  -  -
booked            x  x  x  =  o  o  o  -  -  -
arrived           x  x  x  o  =  o  o  -  -  -
checked-in        x  x  x  x  o  =  o  x  -  -
fulfilled         x  x  x  x  x  x  =  x  x  -
noshow            x  x  x  +  +  x  x  =  x  .
cancelled         x  x  +  +  x  x  x  x  =  .
entered-in-error  x  x  x  x  x  x  x  x  x  =`;

const SIGNS = { wins: '+', keeps: 'o', frees: '-', none: '.' };

function sign(from: AppointmentStatus, to: AppointmentStatus): string {
  const change = statusChange(from, to);
  if (change === 'same') return '=';
  return change === 'refused' ? 'x' : SIGNS[timeChange(from, to)];
}

describe('a status change of an Appointment', () => {
  test('is that of the table', () => {
    const head = ' '.repeat(18) + STATUSES.map((status) => status.slice(0, 2)).join(' ');
    const rows = STATUSES.map((from) => from.padEnd(18) + STATUSES.map((to) => sign(from, to)).join('  '));
    expect(`\n${[head, ...rows].join('\n')}`).toBe(TABLE);
  });

  test('five statuses have a time', () => {
    expect(STATUSES.filter(occupies)).toEqual(['pending', 'booked', 'arrived', 'checked-in', 'fulfilled']);
  });

  test('a new Appointment wins its time, if its status has one', () => {
    expect(timeChange(undefined, 'booked')).toBe('wins');
    expect(timeChange(undefined, 'proposed')).toBe('none');
  });
});
