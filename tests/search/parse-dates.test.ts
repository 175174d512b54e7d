/** Each prefix with each precision, in zones and with offsets: https://hl7.org/fhir/R4/search.html#date */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSearch, type DateLeaf } from '../../server/search/index.js';
import { CONTEXT, refusal } from './search-context.js';

const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'] as const;
const leaf = (value: string, zone = 'UTC', param = 'start') =>
  parseSearch('Slot', [[param, value]], { ...CONTEXT, zone }).filter as DateLeaf;
const texts = ({ range }: DateLeaf) => [range.startMs, range.endMs].map((ms) => new Date(ms).toISOString());

describe.each<[precision: string, value: string, start: string, end: string]>([
  ['year', '2027', '2027-01-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z'],
  ['month', '2027-03', '2027-03-01T00:00:00.000Z', '2027-04-01T00:00:00.000Z'],
  ['February of a leap year', '2028-02', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ['December', '2027-12', '2027-12-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z'],
  ['day', '2027-03-15', '2027-03-15T00:00:00.000Z', '2027-03-16T00:00:00.000Z'],
  ['minute', '2027-03-15T14:30', '2027-03-15T14:30:00.000Z', '2027-03-15T14:31:00.000Z'],
  ['minute with offset', '2027-03-15T14:30-04:00', '2027-03-15T18:30:00.000Z', '2027-03-15T18:31:00.000Z'],
  ['second', '2027-03-15T14:30:05', '2027-03-15T14:30:05.000Z', '2027-03-15T14:30:06.000Z'],
  ['second, UTC', '2027-03-15T14:30:05Z', '2027-03-15T14:30:05.000Z', '2027-03-15T14:30:06.000Z'],
  ['second with offset', '2027-03-15T14:30:05+05:45', '2027-03-15T08:45:05.000Z', '2027-03-15T08:45:06.000Z'],
  ['a + that became a space', '2027-03-15T14:30:05 05:45', '2027-03-15T08:45:05.000Z', '2027-03-15T08:45:06.000Z'],
  ['millisecond', '2027-03-15T14:30:05.250Z', '2027-03-15T14:30:05.250Z', '2027-03-15T14:30:05.251Z'],
  ['tenth of a second', '2027-03-15T14:30:05.2Z', '2027-03-15T14:30:05.200Z', '2027-03-15T14:30:05.201Z'],
  ['nanosecond', '2027-03-15T14:30:05.123456789Z', '2027-03-15T14:30:05.123Z', '2027-03-15T14:30:05.124Z'],
  ['leap second', '2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z', '2017-01-01T00:00:00.000Z'],
])('%s: %s', (_precision, value, start, end) => {
  test('without prefix it is eq', () => {
    expect(leaf(value)).toMatchObject({ prefix: 'eq' });
    expect(texts(leaf(value))).toEqual([start, end]);
  });

  test.each(PREFIXES)('%s keeps the range', (prefix) => {
    expect(leaf(prefix + value)).toMatchObject({ prefix });
    expect(texts(leaf(prefix + value))).toEqual([start, end]);
  });

  test('ap widens each side by a tenth of its distance to now', () => {
    const { prefix, range } = leaf(`ap${value}`);
    const plain = leaf(value).range;
    expect(prefix).toBe('ap');
    expect(range.startMs).toBe(plain.startMs - Math.round(Math.abs(CONTEXT.nowMs - plain.startMs) / 10));
    expect(range.endMs).toBe(plain.endMs + Math.round(Math.abs(CONTEXT.nowMs - plain.endMs) / 10));
  });
});

describe('zones', () => {
  test.each([
    ['2027-03-14', 'America/New_York', '2027-03-14T05:00:00.000Z', '2027-03-15T04:00:00.000Z'],
    ['2027-11-07', 'America/New_York', '2027-11-07T04:00:00.000Z', '2027-11-08T05:00:00.000Z'],
    ['2027-03', 'America/New_York', '2027-03-01T05:00:00.000Z', '2027-04-01T04:00:00.000Z'],
    ['2027', 'Asia/Kolkata', '2026-12-31T18:30:00.000Z', '2027-12-31T18:30:00.000Z'],
    ['2027-03-15T09:00', 'Asia/Kolkata', '2027-03-15T03:30:00.000Z', '2027-03-15T03:31:00.000Z'],
    ['2027-03-15T09:00:00Z', 'Asia/Kolkata', '2027-03-15T09:00:00.000Z', '2027-03-15T09:00:01.000Z'],
  ])('%s in %s', (value, zone, start, end) => expect(texts(leaf(value, zone))).toEqual([start, end]));
});

describe('our own end', () => {
  test('without a prefix: ends at or before, the midnight after a day included', () => {
    expect(leaf('2027-03-15', 'UTC', 'end')).toEqual(leaf('le2027-03-15', 'UTC', 'end'));
    expect(leaf('2027-03-15', 'UTC', 'end')).toMatchObject({
      prefix: 'le',
      range: { endMs: Date.parse('2027-03-16T00:00:00.001Z') },
    });
    expect(texts(leaf('eq2027-03-15', 'UTC', 'end'))[1]).toBe('2027-03-16T00:00:00.000Z');
    expect(texts(leaf('2027-03-15T14:00:00Z', 'UTC', 'end'))[1]).toBe('2027-03-15T14:00:01.000Z');
    // Of a start the midnight belongs to the next day.
    expect(texts(leaf('le2027-03-15'))[1]).toBe('2027-03-16T00:00:00.000Z');
  });
});

describe('what is no date', () => {
  test.each([
    ...[
      '2027-13',
      '2027-00',
      '2027-02-29',
      '2027-04-31',
      '0000',
      '0000-01-01',
      '27',
      '2027-3-15',
      '2027-03-15T',
      '20270315',
    ],
    ...[
      '2027-03-15T14',
      '2027-03-15T24:00:00Z',
      '2027-03-15T14:60:00Z',
      '2027-03-15T14:30:61Z',
      '2027-03-15T14:30:00.Z',
    ],
    ...[
      '2027-03-15T14:30:00+15:00',
      '2027-03-15T14:30:00+14:30',
      '2027-03-15T14:30:00-04',
      '2027-03-15Z',
      '2027-03-15 14:30',
    ],
    ...[
      '2027-02-30T14:30:00Z',
      'GE2027',
      'ge ge2027',
      'gege2027',
      'today',
      '+2027',
      '-2027',
      '2027-03-15T14:30:00  01:00',
      '２０２７',
    ],
  ])('%s', (value) => {
    expect(refusal(() => leaf(value))).toMatchObject({ kind: 'invalid', expression: 'start' });
    expect(refusal(() => leaf(`ge${value}`))).toMatchObject({ kind: 'invalid', expression: 'start' });
  });

  test('whatever is written: a range that is not empty, or a refusal', () => {
    const part = fc.constantFrom(
      '2027',
      '-',
      '03',
      '15',
      'T',
      ':',
      '14',
      '30',
      'Z',
      '+',
      ' ',
      '.',
      'ge',
      'le',
      '99',
      '00',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const value = parts.join('');
        try {
          const { range } = leaf(value);
          return range.startMs < range.endMs;
        } catch {
          return refusal(() => leaf(value)).kind === 'invalid';
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
