/** What documents carry for searches, and that nothing in it or in a question becomes more than a name or a value. */
import { describe, expect, test } from '@jest/globals';
import type { IndexValue } from '../../server/fhir/index.js';
import { EVERYTHING, mongoIndexOf, toMongo, type Filter, type Query } from '../../server/search/index.js';
import { KEY_TEXT_LENGTH_MAX } from '../../server/search/mongo-values.js';
import { any, at, chain, inSchedule, name, NOW, SECOND_MS, second, status, token } from './filters.js';

const SLOTS = { type: { $eq: 'Slot' }, deleted: false };
const pipelineOf = (query: Partial<Query>) =>
  toMongo({ type: 'Slot', filter: EVERYTHING, sort: [], limit: 9, ...query }, 'documents').pipeline;

describe('what searches see of a document', () => {
  const indexOf = (index: Readonly<Record<string, readonly IndexValue[]>>) =>
    mongoIndexOf('Slot', index, { timeMs: at(0), text: 'Schedule/s1' });

  test('its values, its place in the order, and keys for what leads to it', () => {
    const made = indexOf({
      schedule: [{ kind: 'reference', target: 'Schedule/s1' }],
      start: [{ kind: 'date', ...second(at(0)) }],
      status: [{ kind: 'token', code: 'free' }],
      identifier: [
        { kind: 'token', code: '1', system: 'http://a' },
        { kind: 'token', code: '1' },
      ],
      name: [{ kind: 'string', text: 'É  b' }],
      period: [{ kind: 'date', startMs: -Infinity, endMs: 5 }],
      ':key': [{ kind: 'token', code: 'k' }],
      nothing: [],
    });
    expect(made).toEqual({
      timeMs: at(0),
      orderText: 'Schedule/s1',
      values: {
        schedule: [{ lo: 'Schedule/s1', hi: '' }],
        start: [{ lo: at(0), hi: at(0) + SECOND_MS }],
        status: [{ lo: 'free', hi: '' }],
        identifier: [
          { lo: '1', hi: 'http://a' },
          { lo: '1', hi: '' },
        ],
        name: [{ lo: 'e b', hi: 'É  b' }],
        period: [{ lo: -8_640_000_000_000_000, hi: 5 }],
        ':key': [{ lo: 'k', hi: '' }],
      },
      keys: ['Slot.schedule=Schedule/s1', 'Slot.identifier=1', 'Slot.name=e b', 'Slot.:key=k'],
    });
  });

  test('a long text has a key of its beginning, and is found by it', () => {
    const text = 'a'.repeat(KEY_TEXT_LENGTH_MAX + 1);
    const key = `Slot.name=${'a'.repeat(KEY_TEXT_LENGTH_MAX)}`;
    expect(indexOf({ name: [{ kind: 'string', text }] }).keys).toEqual([key]);
    expect(JSON.stringify(pipelineOf({ filter: name('starts', text) }))).toContain(`"$gte":"${key}"`);
    expect(JSON.stringify(pipelineOf({ filter: name('exact', text) }))).toContain(`{"keys":{"$eq":"${key}"}`);
  });

  test('a key ends between two characters, never within one', () => {
    const before = 'a'.repeat(KEY_TEXT_LENGTH_MAX - 1);
    const text = `${before}\u{1F600}`;
    expect(indexOf({ name: [{ kind: 'string', text }] }).keys).toEqual([`Slot.name=${before}`]);
  });
});

describe('what a request writes becomes no operator, no path and no prototype', () => {
  const NASTY = [
    '$where',
    '$$ROOT',
    'a.b',
    '.',
    '',
    '0',
    '__proto__',
    'constructor',
    'a\0b',
    '%24',
    '{"$ne":1}',
    '/.*/',
  ];

  test('as the name of a parameter: a field of its own each', () => {
    const index = Object.fromEntries(NASTY.map((param): [string, IndexValue[]] => [param, [{ kind: 'token' }]]));
    const { values } = mongoIndexOf('Slot', index, { timeMs: null, text: '' });
    const fields = Object.keys(values);
    expect(new Set(fields).size).toBe(NASTY.length);
    expect(fields.filter((field) => /^\$|[.\0]|^$|^__proto__$/.test(field))).toEqual([]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  test.each(NASTY)('a document with the parameter %j is asked for by the field that it has', (param) => {
    const { values } = mongoIndexOf('Slot', Object.fromEntries([[param, [{ kind: 'token' }]]]), {
      ...{ timeMs: null, text: '' },
    });
    const field = `values.${Object.keys(values)[0] ?? ''}`;
    const missing: Filter = { kind: 'missing', param, missing: true };
    expect(pipelineOf({ filter: missing })[0]).toEqual({ $match: { $and: [SLOTS, { [field]: { $exists: false } }] } });
    expect(pipelineOf({ sort: [{ param, descending: true }] })[1]).toEqual({ $set: { k0: { $max: `$${field}.lo` } } });
  });

  /** Everything that stands in the place of a value is behind one of these. */
  const OF_VALUES = ['$eq', '$in', '$gte', '$lt', '$literal'];

  test.each(NASTY)('%j as a value stands behind an operator of ours', (text) => {
    const filters = [
      ...[status(text), token('_id', text), token('identifier', text), inSchedule(text)],
      ...[name('starts', text), name('exact', text), name('contains', text), any(status(text), status('x'))],
      chain('schedule', 'Schedule', token('identifier', text)),
      { kind: 'uri', param: 'source', value: text } as const,
      { kind: 'token', param: 'status', system: text, ...NOW } as const,
    ];
    const stray = filters.flatMap((filter) =>
      placesOf(pipelineOf({ filter }), text).filter((place) => !OF_VALUES.includes(place)),
    );
    expect(stray).toEqual([]);
  });

  /** The last operator before each text that is the one sought. */
  function placesOf(part: unknown, text: string, operator = ''): string[] {
    if (part === text) return [operator];
    if (typeof part !== 'object' || part === null) return [];
    return Object.entries(part).flatMap(([field, value]) => [
      ...(field === text && !Array.isArray(part) ? [`the field ${field}`] : []),
      ...placesOf(value, text, field.startsWith('$') ? field : operator),
    ]);
  }
});
