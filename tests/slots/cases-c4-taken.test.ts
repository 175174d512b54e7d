/**
 * Group C4 of docs/scheduling-cases.md, second part: what takes time out of the grid, from bookings to limits.
 */
import { describe, expect, test } from '@jest/globals';
import { MS_PER_MINUTE } from '../../server/base/clock.js';
import { listCandidates, onGrid, refusalsOf, type AvailabilityRule } from '../../server/slots/index.js';
import { booked, dayHours, every, faces, FREE, hours, NEW_YORK, office, onDays, rule } from './rules.js';
import { startsLocal, stretch } from './rules.js';

const MONDAY = '2027-03-15';
const monday = onDays(NEW_YORK, MONDAY);
const morning = (parts: Partial<AvailabilityRule>) => rule({ hours: [hours('09:00-12:00')], ...parts });

describe('bookings and stored Slots', () => {
  const quarter = office({ durationMinutes: 30, intervalMinutes: 15 });
  const withAfter = { ...FREE, claims: [booked(`${MONDAY}T10:00`, '10:45')] };

  test('G17 the buffer after a booking is taken too', () => {
    const starts = faces(quarter, monday, withAfter).split(' ');
    expect(starts.filter((face) => face > '09:15' && face < '11:15')).toEqual(['09:30', '10:45', '11:00']);
  });

  test('G18 also when the question begins after the booking', () => {
    const { startMs, endMs } = stretch(`${MONDAY}T10:30`, '12:00');
    const question = { startFromMs: startMs, startBeforeMs: endMs, endByMs: endMs, nowMs: 0 };
    expect(faces(quarter, question, withAfter)).toBe('10:45 11:00 11:15 11:30');
  });

  test('G19 a buffer may lie outside the hours: 09:00 is offered with 15 minutes before it', () => {
    const buffered = office({ bufferBeforeMinutes: 15, bufferAfterMinutes: 15 });
    expect(faces(buffered, monday)).toBe(every(30, '09:00', '16:30'));
    expect(refusalsOf([buffered], stretch(`${MONDAY}T09:00`, '09:30'), FREE, 0)).toEqual([]);
    // But somebody who is there already is met.
    const early = { ...FREE, claims: [booked(`${MONDAY}T08:00`, '08:46')] };
    expect(faces(buffered, monday, early)).toBe(every(30, '09:30', '16:30'));
  });

  test.each([
    ['touches its buffers', 0, '10:00 10:30'],
    ['meets its buffers', 5, '10:30'],
  ])('two buffers do not overlap: a slot that %s', (_, bufferBeforeMinutes, expected) => {
    const claims = [booked(`${MONDAY}T09:00`, '10:00')];
    const given = rule({ hours: [hours('10:00-11:00')], durationMinutes: 30, bufferBeforeMinutes });
    expect(faces(given, monday, { ...FREE, claims })).toBe(expected);
  });

  test.each([
    ['in the own pool it counts against the capacity', 2, [{ name: 'a' }], every(60, '09:00', '11:00')],
    ['and fills it', 2, [{ name: 'a' }, { name: 'a' }], '09:00 11:00'],
    ['in another pool it does not count', 1, [{ name: 'b' }, { name: undefined }], every(60, '09:00', '11:00')],
    ['of another Schedule it leaves no room at all', 9, ['every' as const], '09:00 11:00'],
  ])('a claim at 10:00: %s', (_, capacity, pools, expected) => {
    const claims = pools.map((pool) => ({ ...stretch(`${MONDAY}T10:00`, '10:30'), pool }));
    expect(faces(morning({ durationMinutes: 60, pool: 'a', capacity }), monday, { ...FREE, claims })).toBe(expected);
  });

  test('the capacity of a slot is the least within it; of hours that overlap the largest counts', () => {
    const given = rule({
      hours: [hours('09:00-11:00', 2), hours('10:00-12:00', 3)],
      durationMinutes: 60,
      intervalMinutes: 30,
    });
    const capacities = listCandidates([given], monday, FREE).map((one) => one.capacity);
    expect(capacities).toEqual([2, 2, 3, 3, 3]);
  });

  test('claims one after the other are not two at a time', () => {
    const claims = [booked(`${MONDAY}T09:00`, '09:30'), booked(`${MONDAY}T09:30`, '10:00')];
    expect(faces(morning({ durationMinutes: 60, capacity: 2 }), monday, { ...FREE, claims })).toBe('09:00 10:00 11:00');
    expect(faces(morning({ durationMinutes: 60, capacity: 1 }), monday, { ...FREE, claims })).toBe('10:00 11:00');
  });

  test('G28, G29 a stored Slot takes its time from every pool, and buffers keep off it', () => {
    const blocked = [stretch(`${MONDAY}T10:00`, '10:30')];
    const given = morning({ durationMinutes: 30, capacity: 5, pool: 'a' });
    expect(faces(given, monday, { ...FREE, blocked })).toBe('09:00 09:30 10:30 11:00 11:30');
    expect(faces({ ...given, bufferAfterMinutes: 5 }, monday, { ...FREE, blocked })).toBe('09:00 10:30 11:00 11:30');
    expect(refusalsOf([given], stretch(`${MONDAY}T10:00`, '10:30'), { ...FREE, blocked }, 0)).toEqual(['blocked']);
  });

  test('G35 more than a thousand stored Slots leave what they leave', () => {
    const first = stretch(`${MONDAY}T00:00`, '00:01');
    const blocked = Array.from({ length: 1_440 }, (_, minute) => ({
      startMs: first.startMs + minute * MS_PER_MINUTE,
      endMs: first.endMs + minute * MS_PER_MINUTE,
    })).filter((_, minute) => minute < 13 * 60 || minute >= 14 * 60);
    expect(faces(office(), monday, { ...FREE, blocked })).toBe('13:00 13:30');
  });

  test('G27 a limit of two a day counts local days', () => {
    const always = rule({ hours: [hours('00:00-00:00')], durationMinutes: 240, limits: [{ count: 2, per: 'day' }] });
    const bookedStartsMs = ['T23:00', 'T23:30'].map((time) => stretch(`${MONDAY}${time}`, '23:59').startMs);
    const occupied = { ...FREE, bookedStartsMs };
    expect(startsLocal(always, onDays(NEW_YORK, MONDAY, '2027-03-16'), occupied)).toEqual(
      every(240, '00:00', '20:00')
        .split(' ')
        .map((face) => `2027-03-16T${face}`),
    );
    expect(refusalsOf([always], stretch(`${MONDAY}T04:00`, '08:00'), occupied, 0)).toEqual(['limit']);
  });

  test.each([
    ['week', 'begins on Monday', '2027-03-15', '2027-03-21', '2027-03-14', '2027-03-22'],
    ['month', 'is that of the calendar', '2027-04-01', '2027-04-30', '2027-03-31', '2027-05-01'],
  ] as const)('G27 a %s %s', (per, _, first, last, before, after) => {
    const given = rule({ hours: [hours('09:00-10:00')], durationMinutes: 60, limits: [{ count: 1, per }] });
    const occupied = { ...FREE, bookedStartsMs: [stretch(`${last}T23:00`, '23:30').startMs] };
    const open = [before, first, last, after].filter((date) => faces(given, onDays(NEW_YORK, date), occupied) !== '');
    expect(open).toEqual([before, after]);
  });
});

describe('notice, booking window, closures, overrides', () => {
  const at = (local: string) => stretch(local, '23:59').startMs;

  test('G20 two hours of notice at 10:07', () => {
    const given = office({ noticeMinutes: 120 });
    const nowMs = at(`${MONDAY}T10:07`);
    expect(faces(given, { ...monday, nowMs })).toBe(every(30, '12:30', '16:30'));
    expect(refusalsOf([given], stretch(`${MONDAY}T11:00`, '11:30'), FREE, nowMs)).toEqual(['notice']);
    expect(faces(given, { ...monday, nowMs: at(`${MONDAY}T10:00`) })).toBe(every(30, '12:00', '16:30'));
  });

  test('the past is listed unless notice is asked for, be it none', () => {
    const nowMs = at('2027-04-01T12:00');
    expect(faces(morning({ durationMinutes: 60 }), { ...monday, nowMs })).toBe('09:00 10:00 11:00');
    expect(faces(morning({ durationMinutes: 60, noticeMinutes: 0 }), { ...monday, nowMs })).toBe('');
  });

  test('G21 a booking window of 14 days is counted on the calendar of the rule', () => {
    const given = rule({ hours: [hours('22:00-00:00')], durationMinutes: 60, bookingWindow: { days: 14 } });
    const days = onDays(NEW_YORK, MONDAY, '2027-04-04', { nowMs: at(`${MONDAY}T23:59`) });
    expect(startsLocal(given, days).at(-1)).toBe('2027-03-29T23:00');
    expect(refusalsOf([given], stretch('2027-03-30T22:00', '23:00'), FREE, at(`${MONDAY}T23:59`))).toEqual(['window']);
  });

  test('G21 one of hours in elapsed time', () => {
    const given = office({ bookingWindow: { minutes: 180 } });
    expect(faces(given, { ...monday, nowMs: at(`${MONDAY}T09:00`) })).toBe(every(30, '09:00', '12:00'));
  });

  test('G24 a closure of one local day takes that day only', () => {
    const given = office({ closures: [stretch('2027-07-06T00:00', '2027-07-07T00:00')] });
    const days = [
      ...new Set(startsLocal(given, onDays(NEW_YORK, '2027-07-05', '2027-07-09')).map((text) => text.slice(0, 10))),
    ];
    expect(days).toEqual(['2027-07-05', '2027-07-07', '2027-07-08', '2027-07-09']);
  });

  test('G24 a closure wins over overrides, leaves the grid, and may be met by buffers', () => {
    const given = office({
      overrides: [{ date: MONDAY, hours: [dayHours('09:00-12:00')] }],
      closures: [stretch(`${MONDAY}T09:45`, '10:10'), { startMs: at(`${MONDAY}T11:00`), endMs: Infinity }],
      bufferAfterMinutes: 30,
    });
    expect(faces(given, monday)).toBe('09:00 10:30');
    expect(refusalsOf([given], stretch(`${MONDAY}T09:30`, '10:00'), FREE, 0)).toEqual(['closure']);
  });

  test('G25 overrides open a closed day and replace an open one', () => {
    const given = office({
      overrides: [
        { date: '2027-07-10', hours: [dayHours('10:00-12:00')] },
        { date: '2027-07-12', hours: [dayHours('10:00-11:00')] },
        { date: '2027-07-13', hours: [] },
      ],
    });
    const of = (date: string) => faces(given, onDays(NEW_YORK, date));
    expect(['2027-07-10', '2027-07-11', '2027-07-12', '2027-07-13'].map(of)).toEqual([
      every(30, '10:00', '11:30'),
      '',
      '10:00 10:30',
      '',
    ]);
  });

  test('nothing reaches out of the planning horizon', () => {
    const horizon = stretch(`${MONDAY}T09:15`, '10:30');
    expect(faces(office(), monday, { ...FREE, horizon })).toBe('09:30 10:00');
    expect(refusalsOf([office()], stretch(`${MONDAY}T09:00`, '09:30'), { ...FREE, horizon }, 0)).toEqual(['horizon']);
  });
});

describe('whether a computed slot exists', () => {
  const given = office({ closures: [stretch(`${MONDAY}T12:00`, '13:00')], noticeMinutes: 60, intervalMinutes: 30 });
  test.each([
    ['on the grid', '09:30', '10:00', true],
    ['of another length on the same grid', '09:30', '10:25', true],
    ['between two starts', '09:15', '09:45', false],
    ['before the hours', '08:30', '09:00', false],
    ['over the end of the hours', '16:30', '17:15', false],
    ['in a closure', '12:30', '13:00', false],
    ['without a length', '09:30', '09:30', false],
    ['ending before it starts', '09:30', '09:00', false],
  ])('%s %s–%s', (_, from, to, expected) => {
    expect(onGrid([rule(), given], stretch(`${MONDAY}T${from}`, to))).toBe(expected);
  });

  test('not of another length than a fixed one, nor longer than a question may span', () => {
    const fixed = office({ fixedDuration: true });
    expect(onGrid([fixed], stretch(`${MONDAY}T09:00`, '10:00'))).toBe(false);
    expect(refusalsOf([fixed], stretch(`${MONDAY}T09:00`, '10:00'), FREE, 0)).toEqual(['length']);
    const always = rule({ hours: [hours('00:00-00:00')] });
    expect(onGrid([always], stretch(`${MONDAY}T00:00`, '2027-06-15T00:00'))).toBe(true);
    expect(onGrid([always], stretch('0001-01-02T00:00', '9999-12-30T00:00'))).toBe(false);
  });

  test('of several rules that refuse, one whose hours and grid fit says why; without rules all is closed', () => {
    const interval = stretch(`${MONDAY}T09:30`, '10:00');
    const closed = office({ closures: [interval] });
    const limited = office({ noticeMinutes: 60, limits: [{ count: 1, per: 'day' }] });
    const occupied = { ...FREE, claims: [booked(`${MONDAY}T09:00`, '10:00')], bookedStartsMs: [interval.startMs] };
    const refusals = refusalsOf([closed, limited, closed], interval, occupied, interval.startMs);
    expect(refusals).toEqual(['taken', 'notice', 'limit']);
    expect(refusalsOf([], interval, FREE, 0)).toEqual(['closed']);
  });
});
