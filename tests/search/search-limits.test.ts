/** Every limit of a search is a clear refusal, and nothing hostile gets past the parser. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '../../server/base/fault.js';
import { decodePosition, encodePosition, parseSearch, type SearchParams } from '../../server/search/index.js';
import * as limits from '../../server/search/limits.js';
import { CURSOR_LENGTH_MAX } from '../../server/search/position.js';
import { CONTEXT, refusal } from './search-context.js';

const parse = (params: SearchParams, type = 'Slot') => parseSearch(type, params, CONTEXT);
const times = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));

describe('limits', () => {
  test('PARAMETERS_MAX', () => {
    const params = (count: number) => times(count, () => ['status', 'free'] as const);
    expect(() => parse(params(limits.PARAMETERS_MAX))).not.toThrow();
    expect(refusal(() => parse(params(limits.PARAMETERS_MAX + 1))).kind).toBe('invalid');
  });

  test('VALUES_MAX', () => {
    const value = (count: number) => times(count, (at) => `s${at}`).join(',');
    expect(parse([['schedule', value(limits.VALUES_MAX)]]).filter).toMatchObject({ kind: 'any' });
    expect(refusal(() => parse([['schedule', value(limits.VALUES_MAX + 1)]]))).toMatchObject({
      expression: 'schedule',
    });
  });

  test('CONDITIONS_MAX counts a bare id once for each type', () => {
    const actors = (count: number) =>
      times(count, () => ['schedule.actor', times(limits.VALUES_MAX, (at) => `a${at}`).join(',')] as const);
    expect(() => parse(actors(1))).not.toThrow();
    expect(refusal(() => parse(actors(2)))).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('14000'),
    });
  });

  test('CHAIN_DEPTH_MAX', () => {
    const asked = (name: string) => parse([[name, 'x']], 'AppointmentResponse');
    const tooFar = 'appointment.supporting-info:AppointmentResponse.'.repeat(limits.CHAIN_DEPTH_MAX / 2);
    expect(() => asked(`${tooFar}_id`)).not.toThrow();
    expect(refusal(() => asked(`${tooFar}appointment._id`)).message).toContain('4');
    expect(refusal(() => asked(`${tooFar}_has:Appointment:supporting-info:_id`)).message).toContain('4');
    // An unknown parameter is unknown, however long.
    expect(parse([['a.b.c.d', 'x']]).ignored).toEqual(['a.b.c.d']);
  });

  test('URL_SEGMENTS_MAX', () => {
    const above = (segments: number) => parse([['_profile:above', `http://ex.org${'/a'.repeat(segments)}`]]);
    expect(above(limits.URL_SEGMENTS_MAX).filter).toHaveProperty('of.length', 2 * limits.URL_SEGMENTS_MAX + 1);
    expect(refusal(() => above(limits.URL_SEGMENTS_MAX + 1)).message).toContain('100');
  });

  test('INCLUDES_MAX counts both directions', () => {
    const includes = (count: number) =>
      times(count, (at) => [at % 2 ? '_include' : '_revinclude', 'Slot:schedule'] as const);
    expect(() => parse(includes(limits.INCLUDES_MAX))).not.toThrow();
    expect(refusal(() => parse(includes(limits.INCLUDES_MAX + 1))).kind).toBe('invalid');
  });

  test('SORT_TERMS_MAX, ELEMENTS_MAX, VALUE_LENGTH_MAX', () => {
    const list = (count: number) => times(count, () => 'start').join(',');
    expect(() => parse([['_sort', list(limits.SORT_TERMS_MAX)]])).not.toThrow();
    expect(refusal(() => parse([['_sort', list(limits.SORT_TERMS_MAX + 1)]]))).toMatchObject({ expression: '_sort' });
    expect(() => parse([['_elements', list(limits.ELEMENTS_MAX)]])).not.toThrow();
    expect(refusal(() => parse([['_elements', list(limits.ELEMENTS_MAX + 1)]]))).toMatchObject({
      expression: '_elements',
    });
    const long = 'x'.repeat(limits.VALUE_LENGTH_MAX + 1);
    expect(refusal(() => parse([['status', long]]))).toMatchObject({ expression: 'status' });
    expect(() => parse([['status', long.slice(1)]])).not.toThrow();
  });

  test('SEARCH_COUNT_MAX alone is no refusal: a larger page is lowered to it, and told', () => {
    const page = (count: number) => parse([['_count', String(count)]]);
    expect(page(limits.SEARCH_COUNT_MAX)).toMatchObject({ count: limits.SEARCH_COUNT_MAX, remarks: [] });
    expect(page(limits.SEARCH_COUNT_MAX + 1)).toMatchObject({
      count: limits.SEARCH_COUNT_MAX,
      remarks: [expect.stringContaining(String(limits.SEARCH_COUNT_MAX))],
    });
  });
});

describe('hostile input', () => {
  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__.status',
    '__proto__:not',
    '',
    ':',
    '.',
    '..',
    ':not',
    '\u0000',
    'ü',
  ])('the parameter name %j is unknown', (name) => {
    const parsed = parse([[name, 'x']]);
    expect(parsed).toMatchObject({ ignored: [name], applied: [], filter: { kind: 'all', of: [] } });
  });

  test.each([
    'schedule:__proto__',
    'schedule.__proto__',
    'schedule:constructor.name',
    'status:__proto__',
    '_sort',
    '_include',
    '_total',
    '_elements',
  ])('%s with __proto__ does no harm', (name) => {
    try {
      expect(parse([[name, '__proto__']]).filter).toEqual({ kind: 'all', of: [] });
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(Fault);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('10,000 commas, pipes, dots, colons and backslashes are refused or ignored, at once', () => {
    for (const char of [',', '|', '.', ':', '\\', '\\,', '$']) {
      const many = char.repeat(10_000);
      for (const name of [
        'status',
        'schedule',
        'start',
        'name',
        '_elements',
        '_sort',
        '_count',
        '_include',
        '_after',
      ]) {
        try {
          parse([[name, many]]);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault);
          expect((thrown as Fault).message.length).toBeLessThan(400);
        }
      }
      expect(() => parse([[`x${many}`, 'y']])).not.toThrow();
    }
  });

  test('no name and no value makes anything but an answer or a Fault', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('status', 'start', 'schedule', 'end', 'duration', '_count', '_sort', '_include', '_after', '_id'),
      fc.constantFrom('schedule.actor', 'schedule:Schedule', 'status:not', 'start:missing', '_elements', '_profile'),
    );
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(',', '|', '\\', '$', 'a', '2', '-', ':', 'T', '/') }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (params) => {
        try {
          parse(params);
        } catch (thrown) {
          return thrown instanceof Fault;
        }
        return true;
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('_after', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('a position comes back as it was', () => {
    const sort = [
      { param: 'start', descending: false },
      { param: 'status', descending: true },
      { param: '_id', descending: false },
    ];
    const position = { keys: [1_800_000_000_000, 'größe / 1', null], id: 'a-1.b' };
    const text = encodePosition(position);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodePosition(text, sort)).toEqual(position);
    const natural = { keys: [null, ''], id: 'x' };
    expect(parse([['_after', encodePosition(natural)]]).after).toEqual(natural);
  });

  test.each([
    ['nothing', ''],
    ['no base64url', '%%%'],
    ['padding', `${encode([1, 'a', 'x'])}=`],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['no list', encode({ keys: [], id: 'x' })],
    ['too few keys', encode([1, 'x'])],
    ['too many keys', encode([1, 'a', 'b', 'x'])],
    ['a key that is an object', encode([1, {}, 'x'])],
    ['an id that is none', encode([1, 'a', 7])],
    ['a very long one', encode([1, 'a'.repeat(20_000), 'x'])],
  ])('refused: %s', (_what, text) => {
    expect(refusal(() => parse([['_after', text]]))).toMatchObject({ kind: 'invalid', expression: '_after' });
  });

  test('CURSOR_LENGTH_MAX', () => {
    // Three bytes make four characters.
    const textOf = (length: number) => encode([1, 'a'.repeat((length / 4) * 3 - encodedRest), 'x']);
    const encodedRest = JSON.stringify([1, '', 'x']).length;
    expect(textOf(CURSOR_LENGTH_MAX)).toHaveLength(CURSOR_LENGTH_MAX);
    expect(parse([['_after', textOf(CURSOR_LENGTH_MAX)]]).after).toMatchObject({ id: 'x' });
    expect(refusal(() => parse([['_after', textOf(CURSOR_LENGTH_MAX + 4)]]))).toMatchObject({ expression: '_after' });
  });

  test('it belongs to its order', () => {
    const text = encodePosition({ keys: [1, 'a'], id: 'x' });
    expect(
      refusal(() =>
        parse([
          ['_after', text],
          ['_sort', 'start'],
        ]),
      ).expression,
    ).toBe('_after');
  });

  test('a second _count that a client adds to our link is left out', () => {
    const after = encodePosition({ keys: [1, 'a'], id: 'x' });
    const parsed = parse([
      ['_count', '2'],
      ['_after', after],
      ['_count', '1000'],
    ]);
    expect(parsed).toMatchObject({
      count: 2,
      applied: [
        ['_count', '2'],
        ['_after', after],
      ],
    });
  });
});
