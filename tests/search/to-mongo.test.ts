/**
 * Each case states the filter and the pipeline; that MongoDB finds with it what SQLite and the evaluation in memory
 * find is in tests/store/search.property.test.ts.
 */
import { describe, expect, test } from '@jest/globals';
import { countMongo, EVERYTHING, MONGO_INDEXES, toMongo, type Filter, type Query } from '../../server/search/index.js';
import {
  all,
  any,
  at,
  chain,
  has,
  hasNow,
  inSchedule,
  name,
  NOW,
  not,
  SECOND_MS,
  second,
  start,
  status,
  token,
  valuesNow,
} from './filters.js';

const LIMIT = 9;
const bySchedule = (id: string) => ({ keys: { $eq: `Slot.schedule=Schedule/${id}` }, deleted: false });
const SLOTS = { type: { $eq: 'Slot' }, deleted: false };
const PRACTITIONERS = { _id: { $gte: 'Practitioner/', $lt: 'Practitioner0' }, deleted: false };
const IN_ORDER = { $sort: { timeMs: 1, orderText: 1, _id: 1 } };
const BY_ID = { $sort: { _id: 1 } };
const NONE = { _id: { $in: [] } };
const FIELDS = { type: 1, revision: 1, updatedMs: 1, deleted: 1, text: 1, 'intent.commit': 1 };
const END = [{ $limit: LIMIT }, { $project: { ...FIELDS, timeMs: 1, orderText: 1 } }];

const pipelineOf = (query: Partial<Query>) =>
  toMongo({ type: 'Slot', filter: EVERYTHING, sort: [], limit: LIMIT, ...query }, 'documents').pipeline;
const isIndexed = (query: Partial<Query>) =>
  toMongo({ type: 'Slot', filter: EVERYTHING, sort: [], limit: LIMIT, ...query }, 'documents').indexed;

interface Case {
  readonly what: string;
  readonly type?: string;
  readonly filter: Filter;
  /** Before the limit and the projection. */
  readonly stages: readonly object[];
  readonly indexed: boolean;
}

const CASES: readonly Case[] = [
  {
    what: 'no condition: the natural order',
    filter: EVERYTHING,
    stages: [{ $match: SLOTS }, IN_ORDER],
    indexed: true,
  },
  {
    what: 'Schedules are ordered by id, which begins with the type',
    type: 'Practitioner',
    filter: EVERYTHING,
    stages: [{ $match: PRACTITIONERS }, BY_ID],
    indexed: true,
  },
  {
    what: 'schedule=s1&start=ge13:30&start=lt14:00: one range of one index',
    filter: all(inSchedule('s1'), start('ge', 30), start('lt', 60)),
    stages: [
      {
        $match: {
          $and: [
            bySchedule('s1'),
            { timeMs: { $gte: at(30) - SECOND_MS, $lt: at(60) } },
            has('schedule', { lo: { $eq: 'Schedule/s1' } }),
            has('start', { hi: { $gt: at(30) } }),
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'schedule=s1,s2&status=free,busy-tentative',
    filter: all(any(inSchedule('s1'), inSchedule('s2')), any(status('free'), status('busy-tentative'))),
    stages: [
      {
        $match: {
          $and: [
            { keys: { $in: ['Slot.schedule=Schedule/s1', 'Slot.schedule=Schedule/s2'] }, deleted: false },
            has('schedule', { lo: { $in: ['Schedule/s1', 'Schedule/s2'] } }),
            hasNow('status', { lo: { $in: ['free', 'busy-tentative'] } }),
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'each Schedule in a window of its own: all keys at once, in the window around both',
    filter: any(
      all(inSchedule('s1'), start('ge', 0), start('lt', 30)),
      all(inSchedule('s2'), start('ge', 60), start('lt', 90)),
    ),
    stages: [
      {
        $match: {
          $and: [
            {
              $or: [bySchedule('s1'), bySchedule('s2')].map(({ keys }) => ({ keys })),
              deleted: false,
            },
            { timeMs: { $gte: at(0) - SECOND_MS, $lt: at(90) } },
            {
              $or: ['s1', 's2'].map((id, place) => ({
                $and: [
                  has('schedule', { lo: { $eq: `Schedule/${id}` } }),
                  has('start', { hi: { $gt: at(place * 60) } }),
                  has('start', { lo: { $lt: at(place * 60 + 30) } }),
                ],
              })),
            },
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'status:not=free',
    filter: not(status('free')),
    stages: [{ $match: { $and: [SLOTS, { $nor: [hasNow('status', { lo: { $eq: 'free' } })] }] } }, IN_ORDER],
    indexed: false,
  },
  {
    what: 'status=|free: a code without a system',
    filter: { kind: 'token', param: 'status', code: 'free', system: '', ...NOW },
    stages: [{ $match: { $and: [SLOTS, hasNow('status', { lo: { $eq: 'free' }, hi: { $eq: '' } })] } }, IN_ORDER],
    indexed: false,
  },
  {
    what: 'start=ne13:00: one of the values, and either end of it',
    filter: start('ne', 0),
    stages: [
      {
        $match: {
          $and: [SLOTS, has('start', { $or: [{ lo: { $lt: at(0) } }, { hi: { $gt: at(0) + SECOND_MS } }] })],
        },
      },
      IN_ORDER,
    ],
    indexed: false,
  },
  {
    what: 'status:missing=true',
    filter: { kind: 'missing', param: 'status', missing: true, ...NOW },
    stages: [{ $match: { $and: [SLOTS, { $nor: [hasNow('status', {})] }] } }, IN_ORDER],
    indexed: false,
  },
  {
    what: 'name=ann_: no character is a wildcard',
    type: 'Practitioner',
    filter: name('starts', 'ann_'),
    stages: [
      {
        $match: {
          $and: [
            {
              keys: { $elemMatch: { $gte: 'Practitioner.name=ann_', $lt: 'Practitioner.name=ann`' } },
              deleted: false,
            },
            has('name', { lo: { $gte: 'ann_', $lt: 'ann`' } }),
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'name:exact=Émile',
    type: 'Practitioner',
    filter: name('exact', 'Émile'),
    stages: [
      {
        $match: {
          $and: [
            { keys: { $eq: 'Practitioner.name=emile' }, deleted: false },
            has('name', { lo: { $eq: 'emile' }, hi: { $eq: 'Émile' } }),
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'name:contains=emil',
    type: 'Practitioner',
    filter: name('contains', 'emil'),
    stages: [{ $match: { $and: [PRACTITIONERS, contains('emil')] } }, BY_ID],
    indexed: false,
  },
  {
    what: 'duration=ap20 and a uri',
    filter: all(
      { kind: 'number', param: 'duration', prefix: 'ap', value: 20 },
      { kind: 'uri', param: 'source', value: 'http://a' },
    ),
    stages: [
      {
        $match: {
          $and: [SLOTS, has('duration', { lo: { $gte: 18, $lte: 22 } }), has('source', { lo: { $eq: 'http://a' } })],
        },
      },
      IN_ORDER,
    ],
    indexed: false,
  },
  {
    what: '_id=A&_lastUpdated=eq1970-01-01T00:00:00Z: a millisecond that ends within that second',
    filter: all({ kind: 'date', param: '_lastUpdated', prefix: 'eq', range: second(0) }, token('_id', 'A')),
    stages: [
      {
        $match: {
          $and: [
            { _id: { $eq: 'Slot/A' }, deleted: false },
            { $and: [{ updatedMs: { $gte: 0 } }, { updatedMs: { $lte: SECOND_MS - 1 } }] },
            { _id: { $eq: 'Slot/A' } },
          ],
        },
      },
      IN_ORDER,
    ],
    indexed: true,
  },
  {
    what: 'what cannot be met is not asked',
    filter: all({ kind: 'token', param: '_id', system: 'http://a' }, status('free')),
    stages: [{ $match: NONE }, IN_ORDER],
    indexed: false,
  },
  {
    what: 'schedule.actor:Practitioner.name:contains=x: looked up from each Slot, in its order',
    filter: all(start('le', 30), chain('schedule', 'Schedule', chain('actor', 'Practitioner', name('contains', 'x')))),
    stages: [
      { $match: { $and: [SLOTS, { timeMs: { $lt: at(30) + SECOND_MS } }] } },
      IN_ORDER,
      lookup('schedule', 'Schedule', [
        lookup('actor', 'Practitioner', [{ $match: contains('x') }]),
        { $match: { c0: { $ne: [] } } },
      ]),
      { $match: { c0: { $ne: [] } } },
    ],
    indexed: true,
  },
];

function contains(text: string) {
  const found = { $gte: [{ $indexOfBytes: ['$$text', { $literal: text }] }, 0] };
  const input = { $ifNull: ['$values.name.lo', []] };
  return { $expr: { $anyElementTrue: [{ $map: { input, as: 'text', in: found } }] } };
}

function lookup(param: string, type: string, stages: readonly object[]) {
  return {
    $lookup: {
      from: 'documents',
      localField: `values.${param}.lo`,
      foreignField: '_id',
      pipeline: [
        { $match: { type: { $eq: type }, deleted: false } },
        ...stages,
        { $limit: 1 },
        { $project: { _id: 1 } },
      ],
      as: 'c0',
    },
  };
}

test.each(CASES)('$what', ({ type = 'Slot', filter, stages, indexed }) => {
  expect(pipelineOf({ type, filter })).toEqual([...stages, ...END]);
  expect(isIndexed({ type, filter })).toBe(indexed);
  const counted = stages.filter((stage) => !('$sort' in stage));
  expect(countMongo(type, filter, 'documents')).toEqual({ pipeline: [...counted, { $count: 'total' }], indexed });
});

describe('pages', () => {
  test('go on after a time: a range from there, then what is beyond the position', () => {
    expect(pipelineOf({ after: { keys: [at(0), 'Schedule/s1'], id: 'A' } })[0]).toEqual({
      $match: {
        $and: [
          SLOTS,
          { timeMs: { $gte: at(0) } },
          {
            $or: [
              { timeMs: { $gt: at(0) } },
              { timeMs: { $eq: at(0) }, orderText: { $gt: 'Schedule/s1' } },
              { timeMs: { $eq: at(0) }, orderText: { $eq: 'Schedule/s1' }, _id: { $gt: 'Slot/A' } },
            ],
          },
        ],
      },
    });
  });

  test('go on among what has no time, and then with all that has one', () => {
    expect(pipelineOf({ after: { keys: [null, ''], id: 'A' } })[0]).toEqual({
      $match: {
        $and: [
          SLOTS,
          {
            $or: [
              { timeMs: { $ne: null } },
              { timeMs: { $eq: null }, orderText: { $gt: '' } },
              { timeMs: { $eq: null }, orderText: { $eq: '' }, _id: { $gt: 'Slot/A' } },
            ],
          },
        ],
      },
    });
  });

  test('a page further on is as little indexed as the first one', () => {
    expect(isIndexed({ filter: status('free'), after: { keys: [at(0), ''], id: 'A' } })).toBe(false);
  });

  test('a limit of 0, which MongoDB refuses, finds nothing', () => {
    expect(pipelineOf({ limit: 0 })).toContainEqual({ $match: NONE });
  });
});

describe('an order that was asked for', () => {
  const sort: Query['sort'] = [
    { param: 'status', descending: false, ...NOW },
    { param: '_id', descending: true },
  ];
  const keys = {
    k0: { $min: valuesNow('status') },
    n0: { $eq: [{ $min: valuesNow('status') }, null] },
    k1: { $substrBytes: ['$_id', 'Slot/'.length, -1] },
  };

  test('its keys are fields of the answer; without a value last, either way', () => {
    const { pipeline, keyFields } = toMongo({ type: 'Slot', filter: EVERYTHING, sort, limit: LIMIT }, 'documents');
    expect(keyFields).toEqual(['k0', 'k1']);
    expect(pipeline).toEqual([
      { $match: SLOTS },
      { $set: keys },
      { $sort: { n0: 1, k0: 1, k1: -1, _id: 1 } },
      { $limit: LIMIT },
      { $project: { ...FIELDS, k0: 1, k1: 1 } },
    ]);
  });

  test('goes on from the last key back to the first', () => {
    expect(pipelineOf({ sort, after: { keys: ['free', 'A'], id: 'A' } })[2]).toEqual({
      $match: {
        $or: [
          { k0: { $gt: 'free' } },
          { k0: { $eq: null } },
          {
            $and: [
              { k0: { $eq: 'free' } },
              {
                $or: [
                  { k1: { $lt: 'A' } },
                  { k1: { $eq: null } },
                  { $and: [{ k1: { $eq: 'A' } }, { _id: { $gt: 'Slot/A' } }] },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  test('the natural time is a field already', () => {
    expect(pipelineOf({ sort: [{ param: 'start', descending: true }] })).toContainEqual({ $set: { k0: '$timeMs' } });
  });

  test('is not indexed where all of a type is sorted', () => {
    expect(isIndexed({ sort })).toBe(false);
    expect(isIndexed({ sort, filter: inSchedule('s1') })).toBe(true);
  });
});

test('both indexes go on in natural order, and hold what every search asks for', () => {
  expect(MONGO_INDEXES).toEqual([
    {
      name: 'in_order',
      key: { type: 1, timeMs: 1, orderText: 1, _id: 1 },
      partialFilterExpression: { deleted: false },
    },
    { name: 'by_key', key: { keys: 1, timeMs: 1, orderText: 1, _id: 1 }, partialFilterExpression: { deleted: false } },
  ]);
});
