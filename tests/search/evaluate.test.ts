/** The rules of https://hl7.org/fhir/R4/search.html, leaf by leaf, in memory. */
import { describe, expect, test } from '@jest/globals';
import type { Interval } from '../../server/base/interval.js';
import type { IndexValues } from '../../server/fhir/index.js';
import { evaluate, type Filter, type Prefix } from '../../server/search/index.js';

const RESOLVES_NOTHING = () => false;

function meets(filter: Filter, index: IndexValues): boolean {
  return evaluate(filter, { id: 'a', updatedMs: 1_000, index }, RESOLVES_NOTHING);
}

const utc = (text: string) => Date.parse(text);
const range = (start: string, end: string): Interval => ({
  startMs: start ? utc(start) : -Infinity,
  endMs: end ? utc(end) : Infinity,
});

describe('dates: https://hl7.org/fhir/R4/search.html#prefix', () => {
  const DAY = range('2027-03-15T00:00Z', '2027-03-16T00:00Z');
  const SECOND = range('2027-03-15T14:00:00Z', '2027-03-15T14:00:01Z');

  /** What is stored, what is asked, and the prefixes that find it. */
  const CASES: readonly (readonly [what: string, target: Interval, asked: Interval, found: string])[] = [
    ['the day before', range('2027-03-14T00:00Z', '2027-03-15T00:00Z'), DAY, 'ne lt le eb'],
    ['the day itself', DAY, DAY, 'eq ge le ap'],
    ['the day after', range('2027-03-16T00:00Z', '2027-03-17T00:00Z'), DAY, 'ne gt ge sa'],
    ['the last second before the day', range('2027-03-14T23:59:59Z', '2027-03-15T00:00Z'), DAY, 'ne lt le eb'],
    ['the first second of the day', range('2027-03-15T00:00:00Z', '2027-03-15T00:00:01Z'), DAY, 'eq ge le ap'],
    ['the last second of the day', range('2027-03-15T23:59:59Z', '2027-03-16T00:00Z'), DAY, 'eq ge le ap'],
    ['the first second after the day', range('2027-03-16T00:00:00Z', '2027-03-16T00:00:01Z'), DAY, 'ne gt ge sa'],
    ['a year around the day', range('2027-01-01T00:00Z', '2028-01-01T00:00Z'), DAY, 'ne gt lt ge le ap'],
    ['from before into the day', range('2027-03-10T00:00Z', '2027-03-15T12:00Z'), DAY, 'ne lt ge le ap'],
    ['from the day on, for ever', range('2027-03-15T12:00Z', ''), DAY, 'ne gt ge le ap'],
    ['for ever until the day', range('', '2027-03-15T00:00Z'), DAY, 'ne lt le eb'],
    ['for ever', range('', ''), DAY, 'ne gt lt ge le ap'],
    ['a Slot that ends at this very second', SECOND, SECOND, 'eq ge le ap'],
    ['a fraction of this second', range('2027-03-15T14:00:00.5Z', '2027-03-15T14:00:00.501Z'), SECOND, 'eq ge le ap'],
    [
      'the second, asked for its half',
      SECOND,
      range('2027-03-15T14:00:00.5Z', '2027-03-15T14:00:00.501Z'),
      'ne gt lt ge le ap',
    ],
  ];

  test.each(CASES)('%s', (_what, target, asked, found) => {
    const index: IndexValues = { date: [{ kind: 'date', ...target }] };
    const prefixes: readonly Prefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
    const hits = prefixes.filter((prefix) => meets({ kind: 'date', param: 'date', prefix, range: asked }, index));
    expect(hits.join(' ')).toBe(found);
  });

  test('S33: a Schedule planned for 2027 is found by a month within it', () => {
    const index: IndexValues = { date: [{ kind: 'date', ...range('2027-01-01T00:00Z', '2028-01-01T00:00Z') }] };
    const from = { kind: 'date', param: 'date', prefix: 'ge', range: range('2027-06-01T00:00Z', '2027-06-02T00:00Z') };
    const to = { kind: 'date', param: 'date', prefix: 'le', range: range('2027-06-30T00:00Z', '2027-07-01T00:00Z') };
    expect(meets({ kind: 'all', of: [from, to] as Filter[] }, index)).toBe(true);
  });

  test('one value of several is enough, and _lastUpdated is one millisecond of every resource', () => {
    const days: IndexValues = {
      date: [
        { kind: 'date', ...range('2027-01-01T00:00Z', '2027-01-02T00:00Z') },
        { kind: 'date', ...DAY },
      ],
    };
    expect(meets({ kind: 'date', param: 'date', prefix: 'eq', range: DAY }, days)).toBe(true);
    const updated = (startMs: number, prefix: Prefix): Filter => ({
      kind: 'date',
      param: '_lastUpdated',
      prefix,
      range: { startMs, endMs: startMs + 1 },
    });
    expect(meets(updated(1_000, 'eq'), {})).toBe(true);
    expect(meets(updated(1_000, 'gt'), {})).toBe(false);
    expect(meets(updated(999, 'sa'), {})).toBe(true);
  });
});

describe('tokens, references, strings, numbers, uris', () => {
  const VISIT: IndexValues = {
    type: [
      { kind: 'token', system: 'http://ex.org/v', code: 'fu' },
      { kind: 'token', code: 'fu2' },
    ],
    actor: [{ kind: 'reference', target: 'Practitioner/p1' }],
    name: [{ kind: 'string', text: 'Émile  Müller' }],
    duration: [{ kind: 'number', value: 20 }],
    source: [{ kind: 'uri', value: 'http://ex.org/a' }],
  };

  /** S17: code; system and code; no system; any code of a system. */
  test.each<[Filter, boolean]>([
    [{ kind: 'token', param: 'type', code: 'fu' }, true],
    [{ kind: 'token', param: 'type', code: 'FU' }, false],
    [{ kind: 'token', param: 'type', system: 'http://ex.org/v', code: 'fu' }, true],
    [{ kind: 'token', param: 'type', system: 'http://ex.org/v', code: 'fu2' }, false],
    [{ kind: 'token', param: 'type', system: '', code: 'fu2' }, true],
    [{ kind: 'token', param: 'type', system: '', code: 'fu' }, false],
    [{ kind: 'token', param: 'type', system: 'http://ex.org/v' }, true],
    [{ kind: 'token', param: 'type', system: 'http://ex.org/w' }, false],
    [{ kind: 'token', param: '_id', code: 'a' }, true],
    [{ kind: 'token', param: '_id', code: 'b' }, false],
    [{ kind: 'reference', param: 'actor', target: 'Practitioner/p1' }, true],
    [{ kind: 'reference', param: 'actor', target: 'Practitioner/p' }, false],
    [{ kind: 'string', param: 'name', text: 'emile m', match: 'starts' }, true],
    [{ kind: 'string', param: 'name', text: 'muller', match: 'starts' }, false],
    [{ kind: 'string', param: 'name', text: 'muller', match: 'contains' }, true],
    [{ kind: 'string', param: 'name', text: 'Émile  Müller', match: 'exact' }, true],
    [{ kind: 'string', param: 'name', text: 'émile  müller', match: 'exact' }, false],
    [{ kind: 'number', param: 'duration', prefix: 'ap', value: 22 }, true],
    [{ kind: 'number', param: 'duration', prefix: 'ap', value: 23 }, false],
    [{ kind: 'number', param: 'duration', prefix: 'sa', value: 20 }, false],
    [{ kind: 'uri', param: 'source', value: 'http://ex.org/a' }, true],
    [{ kind: 'uri', param: 'source', value: 'http://ex.org/' }, false],
  ])('%j: %j', (filter, expected) => {
    expect(meets(filter, VISIT)).toBe(expected);
  });

  test('`not` is met by what has another value, and by what has none', () => {
    const notFree: Filter = { kind: 'not', of: { kind: 'token', param: 'status', code: 'free', atMs: 0 } };
    expect(meets(notFree, { status: [{ kind: 'token', code: 'busy' }] })).toBe(true);
    expect(
      meets(notFree, {
        status: [
          { kind: 'token', code: 'free' },
          { kind: 'token', code: 'busy' },
        ],
      }),
    ).toBe(false);
    expect(meets(notFree, {})).toBe(true);
  });

  test('missing asks whether there is any value; nothing lacks an id, and no name of JavaScript is a parameter', () => {
    const missing = (param: string): Filter => ({ kind: 'missing', param, missing: true, atMs: 0 });
    expect(meets(missing('status'), {})).toBe(true);
    expect(meets(missing('status'), { status: [] })).toBe(true);
    expect(meets(missing('status'), { status: [{ kind: 'token', code: 'free' }] })).toBe(false);
    expect(meets(missing('_id'), {})).toBe(false);
    expect(meets(missing('constructor'), {})).toBe(true);
  });

  test('a value that holds for a time is there from its first millisecond until before its last', () => {
    const held: IndexValues = {
      status: [
        { kind: 'token', code: 'pending', untilMs: 5_000 },
        { kind: 'token', code: 'cancelled', fromMs: 5_000, untilMs: 9_000 },
      ],
    };
    const codesAt = (atMs: number) =>
      ['pending', 'cancelled'].filter((code) => meets({ kind: 'token', param: 'status', code, atMs }, held));
    expect([-1e15, 4_999, 5_000, 8_999, 9_000].map(codesAt)).toEqual([
      ...[['pending'], ['pending'], ['cancelled'], ['cancelled'], []],
    ]);
    const missing = (atMs: number) => meets({ kind: 'missing', param: 'status', missing: true, atMs }, held);
    expect([missing(8_999), missing(9_000)]).toEqual([false, true]);
  });

  test('whoever asks for what changes by itself says for which moment', () => {
    const free: IndexValues = { status: [{ kind: 'token', code: 'free' }] };
    expect(() => meets({ kind: 'token', param: 'status', code: 'free' }, free)).toThrow('name the moment');
    expect(() => meets({ kind: 'missing', param: 'status', missing: true }, free)).toThrow('name the moment');
  });

  test('all of nothing is met, any of nothing is not', () => {
    expect(meets({ kind: 'all', of: [] }, {})).toBe(true);
    expect(meets({ kind: 'any', of: [] }, {})).toBe(false);
  });

  test('a chain asks the resolver about the references to its type, and about no others', () => {
    const asked: string[] = [];
    const chain: Filter = {
      kind: 'chain',
      param: 'actor',
      targetType: 'Practitioner',
      filter: { kind: 'all', of: [] },
    };
    const index: IndexValues = {
      actor: ['PractitionerRole/r', 'Practitioner/p1', 'http://else/Practitioner/x', 'Practitioner/p2'].map(
        (target) => ({
          kind: 'reference',
          target,
        }),
      ),
    };
    const met = evaluate(chain, { id: 'a', updatedMs: 0, index }, (leaf, target) => {
      expect(leaf).toBe(chain);
      asked.push(target);
      return target === 'Practitioner/p2';
    });
    expect(met).toBe(true);
    expect(asked).toEqual(['Practitioner/p1', 'Practitioner/p2']);
  });
});
