/**
 * Group C4 of docs/scheduling-cases.md, as far as it is about which slots a rule gives: hours, grid, question.
 * What the server stores, books or answers about them (G31, G33, the 400s of G37, the 422s of G36) is tested where
 * it is done.
 */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../server/base/fault.js';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../server/base/clock.js';
import { LENGTH_MINUTES_MAX } from '../../server/slots/grid.js';
import {
  listCandidates,
  onGrid,
  refusalsOf,
  type AvailabilityRule,
  type SlotQuestion,
} from '../../server/slots/index.js';
import { CANDIDATES_MAX, SPAN_DAYS_MAX } from '../../server/slots/list-candidates.js';
import { localText } from '../../server/zones/index.js';
import { dayHours, every, faces, FREE, hours, NEW_YORK, office, onDays, rule } from './rules.js';
import { startsLocal, startsUtc, stretch } from './rules.js';

const MONDAY = '2027-03-15';
const monday = onDays(NEW_YORK, MONDAY);
const nine = (parts: Partial<AvailabilityRule>) => rule({ hours: [hours('09:00-17:00')], ...parts });
const morning = (parts: Partial<AvailabilityRule>) => rule({ hours: [hours('09:00-12:00')], ...parts });

describe('clocks that change', () => {
  test('G01 a Monday has 16 starts', () => {
    const starts = startsUtc(office(), monday);
    expect([starts.length, starts[0], starts.at(-1)]).toEqual([16, '2027-03-15T13:00Z', '2027-03-15T20:30Z']);
  });

  test.each([
    ['G02 before the clocks go forward', '2027-03-12', '2027-03-12T14:00Z'],
    ['G02 after', '2027-03-15', '2027-03-15T13:00Z'],
    ['G03 before the clocks go back', '2027-11-05', '2027-11-05T13:00Z'],
    ['G03 after', '2027-11-08', '2027-11-08T14:00Z'],
  ])('%s the first slot is at 09:00 local time', (_, date, first) => {
    expect(startsUtc(office(), onDays(NEW_YORK, date))[0]).toBe(first);
    expect(startsLocal(office(), onDays(NEW_YORK, date))[0]).toBe(`${date}T09:00`);
  });

  const night = rule({ hours: [hours('sun 00:00-06:00')], durationMinutes: 60, intervalMinutes: 60 });
  test('G04 five slots in the night clocks go forward, none at 02:xx', () => {
    expect(faces(night, onDays(NEW_YORK, '2027-03-14'))).toBe('00:00 01:00 03:00 04:00 05:00');
  });

  test('G05 seven in the night they go back, 01:00 twice, told apart by the offset', () => {
    const texts = listCandidates([night], onDays(NEW_YORK, '2027-11-07'), FREE).map(({ startMs }) =>
      localText(NEW_YORK, startMs).slice(11),
    );
    expect(texts.slice(0, 4)).toEqual(['00:00:00-04:00', '01:00:00-04:00', '01:00:00-05:00', '02:00:00-05:00']);
    expect(texts).toHaveLength(7);
  });

  test('G06 a window that the gap swallows has no slots', () => {
    expect(faces(rule({ hours: [hours('02:00-03:00')], durationMinutes: 30 }), onDays(NEW_YORK, '2027-03-14'))).toBe(
      '',
    );
  });

  test('G07 a start in the gap moves forward', () => {
    const question = onDays(NEW_YORK, '2027-03-14');
    expect(faces(rule({ hours: [hours('02:30-04:00')], durationMinutes: 30 }), question)).toBe('03:30');
    // Faces decide about midnight: 02:30–03:00 becomes 03:30–03:00, nothing, not 23 hours.
    expect(faces(rule({ hours: [hours('02:30-03:00')], durationMinutes: 30 }), question)).toBe('');
  });

  test('G10 Kolkata', () => {
    const kolkata = rule({ zone: 'Asia/Kolkata', hours: [hours('09:00-12:00')], durationMinutes: 60 });
    expect(startsUtc(kolkata, onDays('Asia/Kolkata', MONDAY)).map((text) => text.slice(11))).toEqual([
      '03:30Z',
      '04:30Z',
      '05:30Z',
    ]);
  });

  test('G11 Lord Howe Island, where clocks go back by half an hour', () => {
    const lordHowe = rule({ zone: 'Australia/Lord_Howe', hours: [hours('00:00-04:00')], durationMinutes: 30 });
    expect(startsUtc(lordHowe, onDays('Australia/Lord_Howe', '2027-04-04'))).toHaveLength(9);
  });

  describe('where a zone skips a date, as Apia did with Friday 2011-12-30', () => {
    const apia = rule({
      zone: 'Pacific/Apia',
      hours: [hours('thu 22:00-02:00'), hours('fri 10:00-12:00')],
      durationMinutes: 60,
    });
    const around = onDays('Pacific/Apia', '2011-12-29', '2012-01-01');

    test('the date has no windows, and the evening before it reaches into the day after it', () => {
      const spilled = ['2011-12-31T00:00', '2011-12-31T01:00'];
      expect(startsLocal(apia, around)).toEqual(['2011-12-29T22:00', '2011-12-29T23:00', ...spilled]);
      expect(startsLocal(apia, onDays('Pacific/Apia', '2011-12-31'))).toEqual(spilled);
    });

    test('an override of the day after cuts that evening off', () => {
      expect(faces({ ...apia, overrides: [{ date: '2011-12-31', hours: [] }] }, around)).toBe('22:00 23:00');
    });
  });

  test('where clocks go back over midnight, the new day goes on while they show the old date again', () => {
    // St. John's put its clocks back from Sunday 00:01 (02:31Z) to Saturday 23:01.
    const sunday = rule({ zone: 'America/St_Johns', hours: [hours('sun 00:00-04:00')], durationMinutes: 10 });
    const [startFromMs, endByMs] = [Date.parse('2010-11-07T02:00Z'), Date.parse('2010-11-07T03:00Z')];
    const starts = startsUtc(sunday, { startFromMs, startBeforeMs: endByMs, endByMs, nowMs: 0 });
    expect(starts).toEqual(['2010-11-07T02:30Z', '2010-11-07T02:40Z', '2010-11-07T02:50Z']);
  });
});

describe('over midnight', () => {
  test('G08 Tue 22:00–06:00 goes on into Wednesday', () => {
    const late = rule({ hours: [hours('tue 22:00-06:00')], durationMinutes: 60 });
    expect(faces(late, onDays(NEW_YORK, '2027-03-16'))).toBe('22:00 23:00');
    expect(faces(late, onDays(NEW_YORK, '2027-03-17'))).toBe(every(60, '00:00', '05:00'));
    expect(faces(late, onDays(NEW_YORK, '2027-03-16', '2027-03-17'))).toBe(
      `22:00 23:00 ${every(60, '00:00', '05:00')}`,
    );
  });

  test.each(['00:00-00:00', '07:00-07:00'])('G09 %s all week is continuous', (times) => {
    const always = rule({ hours: [hours(times)], durationMinutes: 60, offsetMinutes: 30 });
    const half = every(60, '00:30', '23:30');
    expect(faces(always, onDays(NEW_YORK, MONDAY, '2027-03-17'))).toBe(`${half} ${half} ${half}`.slice(0, -6));
    expect(refusalsOf([always], stretch(`${MONDAY}T23:30`, '2027-03-16T00:30'), FREE, 0)).toEqual([]);
  });

  test('G26 an override takes away what spills in from the evening before, and only that', () => {
    const late = rule({
      hours: [hours('tue 21:00-03:00')],
      durationMinutes: 60,
      overrides: [{ date: '2027-03-17', hours: [dayHours('10:00-12:00')] }],
    });
    expect(faces(late, onDays(NEW_YORK, '2027-03-17'))).toBe('10:00 11:00');
    expect(faces(late, onDays(NEW_YORK, '2027-03-24'))).toBe('00:00 01:00 02:00');
    const overnight = rule({
      durationMinutes: 60,
      overrides: [{ date: '2027-03-16', hours: [dayHours('22:00-02:00')] }],
    });
    expect(faces(overnight, onDays(NEW_YORK, '2027-03-16', '2027-03-17'))).toBe('22:00 23:00 00:00 01:00');
  });
});

describe('the grid', () => {
  const overlapping = [hours('09:00-12:00'), hours('11:00-14:00')];
  const touching = [hours('11:00-12:00'), hours('10:00-11:00')];
  test.each([
    [
      'G12 the last slot ends when the hours do',
      morning({ durationMinutes: 45, intervalMinutes: 45 }),
      '09:00 09:45 10:30 11:15',
    ],
    ['G13 none reaches over the end', nine({ durationMinutes: 90 }), '09:00 10:30 12:00 13:30 15:00'],
    ['G14 slots may overlap', nine({ durationMinutes: 60, intervalMinutes: 30 }), every(30, '09:00', '16:00')],
    ['G15 the interval is the duration unless told', nine({ durationMinutes: 30 }), every(30, '09:00', '16:30')],
    ['G15 and 20 minutes unless told', morning({}), every(20, '09:00', '11:40')],
    ['G16 an offset moves it', nine({ durationMinutes: 15, offsetMinutes: 5 }), every(15, '09:05', '16:35')],
    ['an offset past the end leaves nothing', morning({ offsetMinutes: 180 }), ''],
    [
      'G32 windows that overlap are one',
      rule({ hours: overlapping, durationMinutes: 45 }),
      every(45, '09:00', '13:15'),
    ],
    ['G32 windows that touch are one', rule({ hours: touching, durationMinutes: 40 }), '10:00 10:40 11:20'],
  ])('%s', (_, given, expected) => {
    expect(faces(given, monday)).toBe(expected);
  });

  test('the interval is the length asked for, unless the rule has one', () => {
    const question = onDays(NEW_YORK, MONDAY, MONDAY, { durationMinutes: 40 });
    expect(faces(morning({ durationMinutes: 30 }), question)).toBe('09:00 09:40 10:20 11:00');
    expect(faces(morning({ durationMinutes: 30, intervalMinutes: 60 }), question)).toBe('09:00 10:00 11:00');
    expect(faces(morning({ durationMinutes: 30, fixedDuration: true }), question)).toBe('');
    expect(faces(morning({ durationMinutes: 40, fixedDuration: true }), question)).toBe('09:00 09:40 10:20 11:00');
  });

  test('G30 a rule asked twice, or for days that overlap, gives the same slots', () => {
    const days = (first: string, last: string) => startsUtc(office(), onDays(NEW_YORK, first, last));
    const all = days(MONDAY, '2027-03-19');
    expect(days(MONDAY, '2027-03-19')).toEqual(all);
    expect([...new Set([...days(MONDAY, '2027-03-17'), ...days('2027-03-16', '2027-03-19')])]).toEqual(all);
  });

  test('what two rules offer alike is offered once, from the first of them', () => {
    const rules = [morning({ durationMinutes: 60 }), nine({ durationMinutes: 60, capacity: 3 })];
    const found = listCandidates(rules, onDays(NEW_YORK, MONDAY), FREE).map((one) => [one.rule, one.capacity]);
    expect(found).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 3],
      [1, 3],
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  test('slots that start together are ordered by their end', () => {
    const rules = [
      morning({ durationMinutes: 60 }),
      morning({ durationMinutes: 90 }),
      morning({ durationMinutes: 45 }),
    ];
    const found = listCandidates(rules, onDays(NEW_YORK, MONDAY), FREE);
    expect(found.slice(0, 3).map((one) => (one.endMs - one.startMs) / MS_PER_MINUTE)).toEqual([45, 60, 90]);
  });

  test('slots that only end together are all offered', () => {
    const rules = [60, 30].map((durationMinutes) => rule({ hours: [hours('09:00-10:00')], durationMinutes }));
    expect(faces(rules, monday)).toBe('09:00 09:00 09:30');
  });
});

describe('the question', () => {
  test('G22 the grid stays where it is, and slots lie whole within', () => {
    const { startMs, endMs } = stretch(`${MONDAY}T09:10`, '10:00');
    expect(faces(office(), { startFromMs: startMs, startBeforeMs: endMs, endByMs: endMs, nowMs: 0 })).toBe('09:30');
  });

  test('a bound on the starts alone lets the last one end later', () => {
    const { startMs, endMs } = stretch(`${MONDAY}T09:00`, '10:00');
    const question = { startFromMs: startMs, startBeforeMs: endMs, endByMs: Infinity, nowMs: 0 };
    expect(faces(office({ durationMinutes: 45 }), question)).toBe('09:00 09:45');
  });

  test('G23 the same instants, written in three zones, give the same slots', () => {
    const [utc, tokyo, honolulu] = [
      ['2027-03-15T13:00:00Z', '2027-03-15T15:00:00Z'],
      ['2027-03-15T22:00:00+09:00', '2027-03-16T00:00:00+09:00'],
      ['2027-03-15T03:00:00-10:00', '2027-03-15T05:00:00-10:00'],
    ].map(([start = '', end = '']) => {
      const endByMs = Date.parse(end);
      const question: SlotQuestion = { startFromMs: Date.parse(start), startBeforeMs: endByMs, endByMs, nowMs: 0 };
      return faces(office(), question);
    });
    expect([utc, tokyo, honolulu]).toEqual(Array(3).fill('09:00 09:30 10:00 10:30'));
  });

  test('a slot that ends at the midnight after the last day is in it', () => {
    const evening = rule({ hours: [hours('22:00-00:00')], durationMinutes: 60 });
    expect(faces(evening, monday)).toBe('22:00 23:00');
  });

  test('G37 nothing lies between an end and a later start', () => {
    const { startMs, endMs } = stretch(`${MONDAY}T09:00`, '17:00');
    const backwards = { startFromMs: endMs, startBeforeMs: startMs, endByMs: startMs, nowMs: 0 };
    expect(listCandidates([office()], backwards, FREE)).toEqual([]);
  });

  test.each<[string, Partial<SlotQuestion>]>([
    ['without a start', { startFromMs: -Infinity }],
    ['without an end', { startBeforeMs: Infinity, endByMs: Infinity }],
    ['from no time at all', { startFromMs: NaN }],
  ])('G36 %s it is refused, not answered for ever', (_, parts) => {
    expect(() => listCandidates([office()], { ...monday, ...parts }, FREE)).toThrow(Fault);
  });

  test.each([0, -30, 1.5, NaN, Infinity])('G36 a length of %s minutes is not offered', (durationMinutes) => {
    expect(listCandidates([office()], { ...monday, durationMinutes }, FREE)).toEqual([]);
  });

  test('G36 a length of more than LENGTH_MINUTES_MAX is not offered', () => {
    const always = rule({ hours: [hours('00:00-00:00')], intervalMinutes: 60 });
    const offered = (durationMinutes: number) => {
      const endByMs = monday.startFromMs + durationMinutes * MS_PER_MINUTE;
      return listCandidates([always], { ...monday, startBeforeMs: Infinity, endByMs, durationMinutes }, FREE);
    };
    expect(offered(LENGTH_MINUTES_MAX)).toHaveLength(1);
    expect(offered(LENGTH_MINUTES_MAX + 1)).toEqual([]);
  });

  test('G36 starts over SPAN_DAYS_MAX days are listed, over more they are refused', () => {
    const startBeforeMs = monday.startFromMs + SPAN_DAYS_MAX * MS_PER_DAY;
    const list = (beforeMs: number) =>
      listCandidates([office()], { ...monday, startBeforeMs: beforeMs, endByMs: Infinity }, FREE);
    expect(list(startBeforeMs)).not.toEqual([]);
    expect(() => list(startBeforeMs + 1)).toThrow(Fault);
  });

  test('starts between two minutes of UTC are not offered, since the id of a slot names minutes', () => {
    const zone = 'Africa/Monrovia';
    const given = rule({ zone, hours: [hours('09:00-10:00')], durationMinutes: 30 });
    // Liberia kept 44 minutes and 30 seconds behind UTC until 1972-01-07.
    expect(startsUtc(given, onDays(zone, '1971-06-01'))).toEqual([]);
    expect(refusalsOf([given], stretch('1971-06-01T09:00', '09:30', zone), FREE, 0)).toEqual(['off-grid']);
    expect(onGrid([given], stretch('1971-06-01T09:00', '09:30', zone))).toBe(false);
    expect(startsUtc(given, onDays(zone, '1972-06-01'))).toEqual(['1972-06-01T09:00Z', '1972-06-01T09:30Z']);
  });

  test('more slots than CANDIDATES_MAX are refused, not cut off', () => {
    const rules = Array.from({ length: 5 }, () => rule({ hours: [hours('00:00-00:00')], intervalMinutes: 1 }));
    const list = (starts: number) => {
      const startBeforeMs = monday.startFromMs + starts * MS_PER_MINUTE;
      return listCandidates(rules, { ...monday, startBeforeMs, endByMs: Infinity }, FREE);
    };
    expect(list(CANDIDATES_MAX / rules.length)).toHaveLength(CANDIDATES_MAX / rules.length);
    expect(() => list(CANDIDATES_MAX / rules.length + 1)).toThrow(Fault);
    // Never more than so many are held, even for a moment: nothing after the one too many is looked at.
    const unread = rule({ zone: 'No/Zone', hours: [hours('00:00-00:00')] });
    const endMs = monday.startFromMs + (CANDIDATES_MAX / rules.length + 1) * MS_PER_MINUTE;
    const tooMany = () =>
      listCandidates([...rules, unread], { ...monday, startBeforeMs: endMs, endByMs: Infinity }, FREE);
    expect(tooMany).toThrow('too many slots');
  });
});
