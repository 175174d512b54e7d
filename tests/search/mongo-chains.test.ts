/** Chains are asked from the inside out, where a condition on their targets leads to them. */
import { describe, expect, test } from '@jest/globals';
import { CHAIN_TARGETS_MAX, countMongo, withTargets, type Filter } from '../../server/search/index.js';
import { all, any, chain, has, hasNow, name, not, referredBy, status, token } from './filters.js';

describe('chains with their targets in place', () => {
  const ofPractitioner = chain('actor', 'Practitioner', token('identifier', '111'));
  const filter = not(all(status('free'), chain('schedule', 'Schedule', ofPractitioner)));
  const reference = (param: string, target: string): Filter => ({ kind: 'reference', param, target });

  test('are asked from the inside out, for ids alone, and stand wherever they stood', async () => {
    const asked: unknown[] = [];
    const answers = [['Practitioner/p1'], ['Schedule/s1', 'Schedule/s2']];
    const replaced = await withTargets(filter, 'documents', ({ pipeline }) => {
      asked.push(pipeline);
      return Promise.resolve(answers[asked.length - 1] ?? []);
    });
    const end = [{ $limit: CHAIN_TARGETS_MAX + 1 }, { $project: { _id: 1 } }];
    expect(asked).toEqual([
      [
        {
          $match: {
            $and: [
              { keys: { $eq: 'Practitioner.identifier=111' }, deleted: false },
              has('identifier', { lo: { $eq: '111' } }),
            ],
          },
        },
        ...end,
      ],
      [
        {
          $match: {
            $and: [
              { keys: { $eq: 'Schedule.actor=Practitioner/p1' }, deleted: false },
              has('actor', { lo: { $eq: 'Practitioner/p1' } }),
            ],
          },
        },
        ...end,
      ],
    ]);
    const schedules = any(reference('schedule', 'Schedule/s1'), reference('schedule', 'Schedule/s2'));
    expect(replaced).toEqual(not(all(status('free'), schedules)));
  });

  test('without a target, nothing refers to one', async () => {
    expect(await withTargets(ofPractitioner, 'documents', () => Promise.resolve([]))).toEqual(any());
  });

  test('stay where nothing leads to their targets', async () => {
    const stays = chain('actor', 'Practitioner', name('contains', 'x'));
    const find = () => Promise.reject(new Error('asked'));
    expect(await withTargets(stays, 'documents', find)).toEqual(stays);
  });

  test.each([
    [CHAIN_TARGETS_MAX, 'any'],
    [CHAIN_TARGETS_MAX + 1, 'chain'],
  ])('%i targets: %s', async (count, kind) => {
    const targets = Array.from({ length: count }, (_, number) => `Practitioner/${String(number)}`);
    expect((await withTargets(ofPractitioner, 'documents', () => Promise.resolve(targets))).kind).toBe(kind);
  });

  test('a chain with too many targets leads to no other', async () => {
    let questions = 0;
    const many = Array.from({ length: CHAIN_TARGETS_MAX + 1 }, (_, number) => `Practitioner/${String(number)}`);
    await withTargets(chain('schedule', 'Schedule', ofPractitioner), 'documents', () => {
      questions++;
      return Promise.resolve(many);
    });
    expect(questions).toBe(1);
  });
});

describe('what other resources refer to', () => {
  test('is asked for by the sources, where a condition leads to them: ids stand in its place', async () => {
    const asked: unknown[] = [];
    const filter = referredBy('Schedule', 'actor', 'Practitioner', token('identifier', '111'));
    const replaced = await withTargets(filter, 'documents', ({ pipeline }) => {
      asked.push(...pipeline);
      return Promise.resolve(['Practitioner/p1', 'Practitioner/p2']);
    });
    expect(replaced).toEqual(any(token('_id', 'p1'), token('_id', 'p2')));
    expect(asked.slice(1)).toEqual([
      { $unwind: '$values.actor' },
      { $match: { 'values.actor.lo': { $gte: 'Practitioner/', $lt: 'Practitioner0' } } },
      { $group: { _id: '$values.actor.lo' } },
      { $limit: CHAIN_TARGETS_MAX + 1 },
    ]);
  });

  test('is looked up from each document by its key, where nothing leads to the sources or too much', async () => {
    const many = Array.from({ length: CHAIN_TARGETS_MAX + 1 }, (_, number) => `Practitioner/${String(number)}`);
    const wide = referredBy('Schedule', 'actor', 'Practitioner', token('identifier', '111'));
    expect(await withTargets(wide, 'documents', () => Promise.resolve(many))).toEqual(wide);
    const stays = referredBy('Slot', 'schedule', 'Schedule', status('busy'));
    const find = () => Promise.reject(new Error('asked'));
    expect(await withTargets(stays, 'documents', find)).toEqual(stays);
    const { pipeline } = countMongo('Schedule', stays, 'documents');
    expect(pipeline.slice(1, -1)).toEqual([
      { $set: { k0: { $concat: ['Slot.schedule=', '$_id'] } } },
      {
        $lookup: {
          ...{ from: 'documents', localField: 'k0', foreignField: 'keys', as: 'c1' },
          pipeline: [
            { $match: { type: { $eq: 'Slot' }, deleted: false } },
            { $match: hasNow('status', { lo: { $eq: 'busy' } }) },
            { $limit: 1 },
            { $project: { _id: 1 } },
          ],
        },
      },
      { $match: { c1: { $ne: [] } } },
    ]);
  });
});
